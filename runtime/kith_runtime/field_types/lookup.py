"""A reference to one record of an entity."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._links import ID_PATTERN, link_source, read_id
from kith_runtime.field_types.base import CHOICE_OPERATORS, HIDDEN, Column, Example, FieldType, InputScope, Linked

OnDelete = Literal["restrict", "clear", "cascade"]
PERSON = "base.user"


@field_types.register("lookup")
class Lookup(FieldType):
    """Points to one record. Its value is the record's id; lists hand in a :class:`Linked` with the title."""

    name = "lookup"
    label = "Lookup"
    help = "One record of another entity, such as the account of a deal."
    icon = "link"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """Where it points to, and what happens here when that record is deleted."""

        to: str = prop("To", "The entity whose records can be chosen.", refers="entity")
        on_delete: OnDelete = prop(
            "When it is deleted",
            "restrict: it cannot be while this record is there; clear: this field becomes blank; cascade: this record "
            "goes with it.",
            default="restrict",
        )
        parent: bool = prop("Parent", "This record is a part of that one and stands in its form.", default=False)
        where: str = prop(
            "Only where",
            "A condition on the records that can be chosen; this.name is a field of the record with the lookup.",
            default="",
            expression="filter of to",
        )

    examples = (
        Example("0123456789abcdefghjk", "0123456789abcdefghjk", {"to": "base.user"}),
        Example("zzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzz", {"to": "base.user", "on_delete": "clear"}),
    )
    json_identity = True
    control = "lookup"
    operators = CHOICE_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="id"),)

    def target(self, field: Field) -> str:
        """Return the full name of the entity that it points to."""
        return str(field.options.to)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        return read_id(raw)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return (value.title or HIDDEN) if isinstance(value, Linked) else str(value)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return value.id if isinstance(value, Linked) else str(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": ID_PATTERN}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return link_source(value, json.dumps(self.target(field)))

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.record(self.target(field))
