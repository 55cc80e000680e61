"""A reference to one record of several possible entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_metadata.values import Reference
from kith_runtime.field_types import field_types
from kith_runtime.field_types._links import ID_PATTERN, link_source, read_id
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import HIDDEN, Column, Example, FieldType, InputScope, InvalidValue, Linked
from kith_runtime.field_types.lookup import OnDelete


@field_types.register("any_lookup")
class AnyLookup(FieldType):
    """Points to one record and says of which entity it is, as a task says what it is about."""

    name = "any_lookup"
    label = "Lookup to any of several"
    help = "One record of one of several entities, such as what a task is about."
    icon = "link-plus"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """Where it may point to."""

        to: tuple[str, ...] = prop(
            "To", "The entities whose records can be chosen.", default=(), refers="entity", merge="union"
        )
        activities: bool = prop("All with activities", "Also every entity that has activities.", default=False)
        on_delete: OnDelete = prop(
            "When it is deleted",
            "restrict: it cannot be while this record is there; clear: this field becomes blank; cascade: this record "
            "goes with it.",
            default="clear",
        )

    examples = (
        Example(
            {"entity": "base.user", "id": "0123456789abcdefghjk"},
            "base.user:0123456789abcdefghjk",
            {"to": ["base.user"]},
        ),
        Example(
            {"entity": "base.user", "id": "zzzzzzzzzzzzzzzzzzzz"},
            "base.user:zzzzzzzzzzzzzzzzzzzz",
            {"to": ["base.user"], "on_delete": "cascade"},
        ),
    )
    simple = False
    sortable = False
    control = "lookup"
    parts = ("entity", "id")
    most_columns = 2
    operators = ("blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="id"), Column(suffix="entity"))

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return (None, None) if value is None else (value.id, value.entity)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        return None if stored[0] is None else Reference(stored[1], stored[0])

    def targets(self, field: Field, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the full names of the entities that it may point to."""
        more = [name for name in snapshot.entities() if field.options.activities and snapshot.entity(name).activities]
        return tuple(dict.fromkeys([*field.options.to, *more]))

    def blank(self, raw: Any) -> bool:
        if isinstance(raw, Mapping) and "id" in raw:
            return super().blank(raw["id"])
        return super().blank(raw)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Reference:
        if isinstance(raw, (Reference, Linked)):
            raw = {"entity": raw.entity, "id": raw.id}
        if isinstance(raw, str) and scope.source == "form":
            raw = dict(zip(("entity", "id"), raw.strip().split(":", 1), strict=False))
        if not isinstance(raw, Mapping) or "entity" not in raw or "id" not in raw:
            hint = 'Write {"entity": "sales.deal", "id": "…"}.'
            raise InvalidValue("not_a_reference", f"{shown(raw)} does not name a record.", hint)
        entity = clean_line(raw["entity"])
        targets = self.targets(field, scope.snapshot)
        if entity not in targets:
            raise InvalidValue(
                "wrong_entity",
                f"{shown(entity)} cannot be chosen here.",
                f"Choose a record of: {', '.join(targets[:12])}.",
            )
        return Reference(entity, read_id(raw["id"]))

    def to_json(self, value: Any, field: Field) -> Any:
        return {"entity": value.entity, "id": value.id}

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return (value.title or HIDDEN) if isinstance(value, Linked) else f"{value.entity}:{value.id}"

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return f"{value.entity}:{value.id}"

    def input_parts(self, value: Any, field: Field, scope: InputScope) -> Mapping[str, str]:
        return {"entity": value.entity, "id": value.id}

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "entity": {"enum": list(self.targets(field, snapshot))},
                "id": {"type": "string", "pattern": ID_PATTERN},
            },
            "required": ["entity", "id"],
            "additionalProperties": False,
        }

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        # With `activities: true` and no such entity yet, an app that stands on this one will bring them.
        if field.options.activities or self.targets(field, snapshot):
            return ()
        return (("to", "The lookup points nowhere: name entities in `to`, or write activities: true."),)

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return link_source(value, f"{value}.entity")

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.record(None)
