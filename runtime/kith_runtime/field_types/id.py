"""The id of a record, a type of system fields alone."""

from __future__ import annotations

from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._links import ID_PATTERN, read_id
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope


@field_types.register("id")
class Id(FieldType):
    """Twenty characters that the system makes; they sort by the time of their making."""

    name = "id"
    label = "Id"
    help = "The id of a record; the system makes it."
    icon = "id"
    examples = (
        Example("0123456789abcdefghjk", "0123456789abcdefghjk"),
        Example("zzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzz"),
    )
    json_identity = True
    internal = True
    control = "none"
    operators = ("is", "is_not", "one_of", "none_of")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="id"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        return read_id(raw)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": ID_PATTERN}

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT
