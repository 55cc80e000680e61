"""One of several options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import (
    ChoiceOptions,
    check_option,
    chips_of,
    option_label,
    option_problems,
    options_of,
    read_option,
    set_name,
)
from kith_runtime.field_types.base import CHOICE_OPERATORS, Column, Example, FieldType, InputScope, RecordScope

_SIZES = {"options": {"small": {"label": "Small"}, "x_large": {"label": "Extra <large>", "hue": "red"}}}


@field_types.register("choice")
class Choice(FieldType):
    """One option of a list; its name is stored, its label is shown."""

    name = "choice"
    label = "Choice"
    help = "One of a list of options, such as a stage or an industry."
    icon = "circle-chevron-down"
    Options = ChoiceOptions
    examples = (Example("small", "Small", _SIZES), Example("x_large", "Extra <large>", _SIZES))
    json_identity = True
    control = "choice"
    width = "md"
    operators = CHOICE_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        return read_option(raw, field, scope)

    def check_in_record(self, value: Any, field: Field, record: RecordScope) -> None:
        check_option(value, field, record, before=record.before.get(field.name) == value)

    def depends_on(self, field: Field) -> tuple[str, ...]:
        return (field.options.depends_on,) if field.options.depends_on else ()

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return option_label(value, options_of(field, scope.snapshot).get(value))

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "enum": list(options_of(field, snapshot))}

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        return option_problems(field, snapshot)

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return {"chips": chips_of(field, snapshot)}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ " + f"{prefix}chips[{value}]" + " }}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.choice(set_name(field))
