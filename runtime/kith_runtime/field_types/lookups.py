"""References to any number of records of an entity."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._links import ID_PATTERN, link_source, read_id
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue, Linked

MOST = 1000


@field_types.register("lookups")
class Lookups(FieldType):
    """Many to many: its ids stand in a link table and keep their order; a deleted record leaves the list."""

    name = "lookups"
    label = "Several lookups"
    help = "Any number of records of another entity, such as tags."
    icon = "circles-relation"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """Where it points to."""

        to: str = prop("To", "The entity whose records can be chosen.", refers="entity")
        where: str = prop(
            "Only where",
            "A condition on the records that can be chosen; this.name is a field of the record with the lookup.",
            default="",
            expression="filter of to",
        )

    examples = (
        Example(["0123456789abcdefghjk"], "0123456789abcdefghjk", {"to": "base.user"}),
        Example(
            ["zzzzzzzzzzzzzzzzzzzz", "0123456789abcdefghjk"],
            "zzzzzzzzzzzzzzzzzzzz, 0123456789abcdefghjk",
            {"to": "base.user"},
        ),
    )
    simple = False
    json_identity = True
    stored = False
    sortable = False
    control = "lookups"
    most_columns = 0
    operators = ("has", "has_any", "has_not", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return ()

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return ()

    def blank(self, raw: Any) -> bool:
        if isinstance(raw, (list, tuple)):
            return all(super(Lookups, self).blank(item) for item in raw)
        return super().blank(raw)

    def read(self, raw: Any, field: Field, scope: InputScope) -> tuple[str, ...]:
        if isinstance(raw, str) and scope.source == "form":
            raw = raw.split(",")
        if not isinstance(raw, (list, tuple)):
            raise InvalidValue("not_a_list", f"{shown(raw)} is not a list.", "Write the ids in square brackets.")
        found = tuple(dict.fromkeys(read_id(item) for item in raw if not super(Lookups, self).blank(item)))
        if len(found) > MOST:
            raise InvalidValue("too_many", f"There are {len(found):,} records.", f"Choose at most {MOST:,}.")
        return found

    def to_json(self, value: Any, field: Field) -> Any:
        return [item.id if isinstance(item, Linked) else item for item in value]

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return ", ".join(str(item) for item in value)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return ",".join(self.to_json(value, field))

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "string", "pattern": ID_PATTERN},
            "uniqueItems": True,
            "maxItems": MOST,
        }

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        link = link_source("item", json.dumps(field.options.to))
        return "{% for item in " + value + " %}" + link + "{% if not loop.last %}, {% endif %}{% endfor %}"

    def literal(self, value: Any, field: Field) -> str:
        return ", ".join(super(Lookups, self).literal(item, field) for item in value)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.records(field.options.to)
