"""What expressions may name: the fields of an entity as its field types show them to the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import Checked, Environment, FieldInfo, Type, compile_check
from kith_metadata.snapshot import Snapshot
from kith_runtime.context import Context
from kith_runtime.field_types.scope import field_info
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published

PERSON_ENTITY = "base.user"

Readable = Callable[[str], frozenset[str] | None]
"""Gives the fields of an entity that may be named; None stands for all of them."""


@dataclass(frozen=True, slots=True)
class EntityScope:
    """The fields of an entity and the ways to the entities around it.

    ``readable`` limits the names to what an actor may read: a field without the right is as unknown as one that does
    not exist, so that no filter or sort can tell them apart.
    """

    snapshot: Snapshot
    entity: str
    readable: Readable | None = None

    def field(self, name: str) -> FieldInfo | None:
        """Return the field as expressions see it, or None."""
        if not self._may_name(name):
            return None
        found = fields_of(self.snapshot, self.entity).get(name)
        return None if found is None else field_info(found, self.snapshot)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields that may be named."""
        return tuple(name for name in fields_of(self.snapshot, self.entity) if self._may_name(name))

    def related(self, entity: str) -> EntityScope:
        """Return the scope of another entity, under the same limits."""
        return EntityScope(self.snapshot, entity, self.readable)

    def person_scope(self) -> EntityScope:
        """Return the fields of the person who acts; rules may name all of them."""
        return EntityScope(self.snapshot, PERSON_ENTITY)

    def _may_name(self, name: str) -> bool:
        if self.readable is None:
            return True
        allowed = self.readable(self.entity)
        return allowed is None or name in allowed


def checked_expression(published: Published, entity: str, text: str, expected: Type | None = None) -> Checked:
    """Return an expression of the metadata, checked once for each snapshot; metadata names every field."""
    return published.compiled(
        ("expression", entity, text, expected),
        lambda: compile_check(text, EntityScope(published.snapshot, entity), expected),
    )


def environment_of(ctx: Context) -> Environment:
    """Return what expressions know besides the record: the moment, the person and the person's time zone."""
    me: Mapping[str, Any] = {"id": ctx.actor.id, "teams": ctx.actor.teams, **ctx.actor.person}
    return Environment.at(ctx.now, me, ctx.locale.time_zone)
