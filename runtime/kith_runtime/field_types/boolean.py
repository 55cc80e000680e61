"""Yes or no."""

from __future__ import annotations

from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@field_types.register("boolean")
class Boolean(FieldType):
    """A switch that is on, off or, before anybody decided, blank."""

    name = "boolean"
    label = "Yes or no"
    help = "A box to tick, such as whether somebody wants the newsletter."
    icon = "checkbox"
    examples = (Example(True, "Yes"), Example(False, "No"))
    json_identity = True
    control = "boolean"
    width = "xs"
    operators = ("yes", "no", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="boolean"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> bool:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and scope.source == "form" and raw.strip().lower() in _WORDS:
            return _WORDS[raw.strip().lower()]
        hint = "Write true or false." if scope.source == "json" else "Write yes or no."
        raise InvalidValue("not_a_boolean", f"{shown(raw)} is neither yes nor no.", hint)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return "Yes" if value else "No"

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "boolean"}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        yes = '{{ icon("check") }}<span class="k-vh">Yes</span>'
        no = '<span class="k-empty" aria-hidden="true">–</span><span class="k-vh">No</span>'
        return "{% if " + value + " %}" + yes + "{% else %}" + no + "{% endif %}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.BOOLEAN
