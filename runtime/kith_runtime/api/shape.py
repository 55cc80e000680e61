"""What the API needs to know of an entity for one set of rights, worked out once for each published snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kith_metadata.kinds.entity import Entity, Field
from kith_platform.errors import Forbidden, NotFound
from kith_runtime.access.rights import EntityRights, RightsKey, rights_key, rights_of
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.reasons import failing_fields
from kith_runtime.queries.server_formulas import is_sortable

Write = Literal["create", "change", "delete", "restore", "upsert", "bulk"]

LINKS = frozenset({"lookup", "owner", "lookups", "any_lookup"})
"""Field types whose records ``expand=`` shows with their titles."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An entity as one set of rights sees it: nothing that it may not know stands in any of the members."""

    entity: Entity
    noun: str
    """What one record is called inside a sentence."""
    nouns: str
    rights: EntityRights
    fields: Mapping[str, Field]
    editable: Mapping[str, Field]
    sortable: frozenset[str]
    expandable: frozenset[str]
    takes_blank_text: frozenset[str]
    keys: Mapping[str, tuple[str, ...]]
    searchable: bool
    worked_out: bool
    """Some of what is answered is not in the row that was written: formulas, roll-ups and reasons."""
    failing: tuple[str, ...]
    """The readable fields that may have no value for a reason that is told."""

    @property
    def name(self) -> str:
        """The entity's full name."""
        return self.entity.name

    @property
    def names(self) -> tuple[str, ...]:
        """The readable fields in the order of their declaration."""
        return tuple(self.fields)

    def may(self, operation: Write) -> bool:
        """Tell whether the rights allow an operation on any record at all."""
        rights = self.rights
        change = bool(self.editable) and not rights.update.nothing
        return {
            "create": rights.create,
            "change": change,
            "delete": not rights.delete.nothing,
            "restore": not rights.delete.nothing,
            "upsert": bool(self.keys) and (rights.create or change),
            "bulk": rights.create or change or not rights.delete.nothing,
        }[operation]

    def require(self, operation: Write) -> None:
        """Raise :class:`Forbidden` when the rights allow an operation on no record, whatever was sent with it."""
        if not self.may(operation):
            hint = "Ask an administrator for the right, or use a token with the scope write."
            word = "write" if operation == "bulk" else operation
            raise Forbidden(f"{operation}_forbidden", f"You may not {word} {self.nouns}.", hint)


def shape_for(ctx: Context, name: str) -> Shape:
    """Return the shape of an entity for the context's actor.

    Raises :class:`NotFound` alike for an entity that the actor may not see and for one that does not exist.
    """
    found = shape_of(ctx.published, rights_key(ctx.actor), name)
    if found is None:
        raise NotFound("unknown_entity", f"There is no entity '{name}' that you may see.", "GET /api/v1/ lists them.")
    return found


def shape_of(published: Published, key: RightsKey, name: str) -> Shape | None:
    """Return the shape of an entity for a set of rights; None when they show nothing of it."""
    if not published.snapshot.has("entity", name):
        # Not remembered: names come from addresses, and anybody can make up new ones without end.
        return None
    found: tuple[Shape | None] = published.compiled(("api_shape", key, name), lambda: (_shape(published, key, name),))
    return found[0]


def visible_shapes(ctx: Context) -> list[Shape]:
    """Return the shapes of all entities that the actor may see, by name."""
    key = rights_key(ctx.actor)
    found = (shape_of(ctx.published, key, name) for name in ctx.snapshot.entities())
    return [shape for shape in found if shape is not None]


def _shape(published: Published, key: RightsKey, name: str) -> Shape | None:
    rights = rights_of(published, key, name)
    if not rights.visible:
        return None
    snapshot = published.snapshot
    entity = snapshot.entity(name)
    every = fields_of(snapshot, name)
    readable = {field.name: field for field in every.values() if field.name in rights.readable}
    kinds = {field.name: field_types[field.type] for field in every.values()}
    failing = tuple(item for item in readable if item in failing_fields(published, name))
    return Shape(
        entity=entity,
        noun=snapshot.said(entity.label),
        nouns=snapshot.said(entity.plural or entity.label),
        rights=rights,
        fields=readable,
        editable={field.name: field for field in every.values() if field.name in rights.editable},
        sortable=frozenset(item for item in readable if is_sortable(published, name, item)),
        expandable=frozenset(item for item, field in readable.items() if field.type in LINKS),
        takes_blank_text=frozenset(item for item in every if kinds[item].searchable or kinds[item].name == "json"),
        keys=_keys(entity, readable),
        searchable=entity.search and any(field.search for field in every.values()),
        worked_out=bool(failing) or any(kinds[item].computed for item in readable),
        failing=failing,
    )


def _keys(entity: Entity, readable: Mapping[str, Field]) -> dict[str, tuple[str, ...]]:
    """Return the keys whose fields may all be read: naming another would tell of a hidden field."""
    single = {field.name: (field.name,) for field in entity.fields.values() if field.unique}
    composite = {name: tuple(key.fields) for name, key in entity.keys.items()}
    return {name: names for name, names in {**single, **composite}.items() if all(one in readable for one in names)}
