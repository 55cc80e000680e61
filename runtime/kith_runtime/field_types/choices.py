"""Several of several options."""

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
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue, RecordScope

_LABELS = {"options": {"vip": {"label": "VIP"}, "at_risk": {"label": "At risk, <soon>", "hue": "red"}}}


@field_types.register("choices")
class Choices(FieldType):
    """Options of a list in the order of the list, each once."""

    name = "choices"
    label = "Several choices"
    help = "Any number of options of a list, such as interests."
    icon = "checks"
    Options = ChoiceOptions
    examples = (Example(["vip"], "VIP", _LABELS), Example(["vip", "at_risk"], "VIP, At risk, <soon>", _LABELS))
    simple = False
    json_identity = True
    sortable = False
    control = "choices"
    operators = ("has", "has_any", "has_not", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="json"),)

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return (list(value) if value else None,)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        return tuple(stored[0]) if stored[0] else None

    def blank(self, raw: Any) -> bool:
        if isinstance(raw, (list, tuple)):
            return all(super(Choices, self).blank(item) for item in raw)
        return super().blank(raw)

    def read(self, raw: Any, field: Field, scope: InputScope) -> tuple[str, ...]:
        if isinstance(raw, str) and scope.source == "form":
            raw = [raw] if _is_one(raw, field, scope) else raw.split(",")
        if not isinstance(raw, (list, tuple)):
            raise InvalidValue("not_a_list", f"{shown(raw)} is not a list.", "Write the options in square brackets.")
        found = {read_option(item, field, scope) for item in raw if not super(Choices, self).blank(item)}
        return tuple(name for name in options_of(field, scope.snapshot) if name in found)

    def check_in_record(self, value: Any, field: Field, record: RecordScope) -> None:
        before = record.before.get(field.name) or ()
        for name in value:
            check_option(name, field, record, before=name in before)

    def depends_on(self, field: Field) -> tuple[str, ...]:
        return (field.options.depends_on,) if field.options.depends_on else ()

    def to_json(self, value: Any, field: Field) -> Any:
        return list(value)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        options = options_of(field, scope.snapshot)
        return ", ".join(option_label(name, options.get(name)) for name in value)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return ",".join(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "array", "items": {"enum": list(options_of(field, snapshot))}, "uniqueItems": True}

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        return option_problems(field, snapshot)

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return {"chips": chips_of(field, snapshot)}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{% for item in " + value + " %}{{ " + f"{prefix}chips[item]" + " }} {% endfor %}"

    def literal(self, value: Any, field: Field) -> str:
        return ", ".join(super(Choices, self).literal(name, field) for name in value)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.choices(set_name(field))


def _is_one(raw: str, field: Field, scope: InputScope) -> bool:
    wanted = raw.strip().casefold()
    return any(
        wanted in (name, option_label(name, option).casefold())
        for name, option in options_of(field, scope.snapshot).items()
    )
