"""Colours."""

from __future__ import annotations

import re
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


@field_types.register("colour")
class Colour(FieldType):
    """A colour as red, green and blue."""

    name = "colour"
    label = "Colour"
    help = "A colour, such as that of a label."
    icon = "palette"
    examples = (Example("#0f766e", "#0f766e"), Example("#ffffff", "#ffffff"))
    json_identity = True
    sortable = False
    control = "colour"
    width = "sm"

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean_line(raw).lower()
        if not _COLOUR.fullmatch(text):
            raise InvalidValue("not_a_colour", f"{shown(raw)} is not a colour.", "Write it like #0f766e.")
        return text if len(text) == 7 else "#" + "".join(digit * 2 for digit in text[1:])

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": "^#[0-9a-f]{6}$"}

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        # A policy forbids style attributes; the fill of a drawing is none.
        drawing = '<svg class="k-i" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="{{ '
        return drawing + value + ' }}"/></svg> <span dir="ltr">{{ ' + value + " }}</span>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT
