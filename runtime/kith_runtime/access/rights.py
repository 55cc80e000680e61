"""What a set of roles allows on one entity: which operations, on which records, on which fields.

Roles add up. Everything starts closed: an entity that no grant names is invisible. Rights depend on the roles (and on
whether a token is held back by its scopes) and on nothing else of the actor, so people with the same roles share them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import SYSTEM_FIELDS, Field
from kith_metadata.kinds.role import Grant, Role
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Forbidden
from kith_runtime.actors import Actor
from kith_runtime.computed_graph import reads_of
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.scopes import checked_expression, included_roles

Operation = Literal["read", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records: all of them, or those for which any of the rules holds; without any rule, none.

    ``own``: the actor owns the record. ``team``: the owner shares a team with the actor, or is the actor.
    ``conditions`` are checked expressions over the record.
    """

    everything: bool = False
    own: bool = False
    team: bool = False
    conditions: tuple[Checked, ...] = ()

    @property
    def nothing(self) -> bool:
        """No record at all."""
        return not (self.everything or self.own or self.team or self.conditions)

    def __or__(self, other: Scope) -> Scope:
        """Join two scopes: what either of them allows."""
        if self.everything or other.everything:
            return ALL
        conditions = dict.fromkeys((*self.conditions, *other.conditions))
        return Scope(False, self.own or other.own, self.team or other.team, tuple(conditions))


NONE = Scope()
ALL = Scope(everything=True)


@dataclass(frozen=True, slots=True)
class EntityRights:
    """The rights over one entity. ``readable`` and ``editable`` are names of fields, system fields included."""

    entity: str
    create: bool
    read: Scope
    update: Scope
    delete: Scope
    readable: frozenset[str]
    editable: frozenset[str]

    def scope(self, operation: Operation) -> Scope:
        """Return the scope of an operation."""
        return {"read": self.read, "update": self.update, "delete": self.delete}[operation]

    @property
    def visible(self) -> bool:
        """The actor may see records of the entity, and may therefore know that it exists."""
        return not self.read.nothing


def rights_for(ctx: Context, entity: str) -> EntityRights:
    """Return the rights of the context's actor over an entity, by its full name."""
    return rights_of(ctx.published, rights_key(ctx.actor), entity)


def rights_of(published: Published, key: RightsKey, entity: str) -> EntityRights:
    """Return the rights that a key stands for, compiled once for each published snapshot."""
    return published.compiled(("rights", key, entity), lambda: _compile(published, key, entity))


def may_read(ctx: Context, checked: Checked) -> bool:
    """Tell whether the actor may read every field that an expression names."""
    return all(name == "id" or name in rights_for(ctx, entity).readable for entity, name in checked.reads)


def require_visible(ctx: Context, entity: str) -> EntityRights:
    """Return the rights; raises Forbidden when the actor may see no record of the entity."""
    rights = rights_for(ctx, entity)
    if rights.read.nothing:
        raise Forbidden(
            "entity_forbidden",
            "You have no right to see these records.",
            "Ask an administrator for a role that includes them.",
        )
    return rights


@dataclass(frozen=True, slots=True)
class RightsKey:
    """All of an actor that rights depend on; the same key means the same rights."""

    roles: frozenset[str]
    system: bool = False
    may_read: bool = True
    may_write: bool = True


def rights_key(actor: Actor) -> RightsKey:
    """Return what the actor's rights depend on."""
    if actor.is_system:
        return RightsKey(frozenset(), system=True)
    # Writing implies reading: nobody can work on records that they cannot see.
    may_write = "write" in actor.scopes
    return RightsKey(actor.roles, False, may_write or "read" in actor.scopes, may_write)


def roles_with_included(snapshot: Snapshot, names: frozenset[str]) -> tuple[Role, ...]:
    """Return the roles and all that they include, each once, by name; roles that no longer exist give nothing."""
    return tuple(snapshot.role(name) for name in sorted(included_roles(snapshot, names)))


@dataclass(frozen=True, slots=True)
class Administered:
    """What the holders of some roles administer: permissions by name, or everything."""

    permissions: frozenset[str]
    everything: bool

    def within(self, other: Administered) -> bool:
        """Tell whether the other administers at least as much."""
        return other.everything or (not self.everything and self.permissions <= other.permissions)


def administered(snapshot: Snapshot, names: frozenset[str]) -> Administered:
    """Return what the holders of these roles administer, through the roles that these include too."""
    roles = roles_with_included(snapshot, names)
    return Administered(
        frozenset(name for role in roles for name in role.permissions), any(role.everything for role in roles)
    )


def parent_fields(snapshot: Snapshot, entity: str) -> Iterator[Field]:
    """Yield the lookups of an entity that make it a child: its records follow the rights of the parent record."""
    for field in fields_of(snapshot, entity).values():
        if field.type == "lookup" and getattr(field.options, "parent", False):
            yield field


def _compile(published: Published, key: RightsKey, entity: str) -> EntityRights:
    snapshot = published.snapshot
    roles = roles_with_included(snapshot, key.roles)
    if key.system or any(role.everything for role in roles):
        rights = _everything(snapshot, entity)
    else:
        rights = _granted(published, key, entity, _grants(roles, entity))
    if not key.may_read:
        return EntityRights(entity, False, NONE, NONE, NONE, frozenset(), frozenset())
    if not key.may_write:
        return replace(rights, create=False, update=NONE, delete=NONE, editable=frozenset())
    return rights


def _everything(snapshot: Snapshot, entity: str) -> EntityRights:
    fields = fields_of(snapshot, entity)
    editable = frozenset(field.name for field in fields.values() if _can_be_edited(field))
    return EntityRights(entity, True, ALL, ALL, ALL, frozenset(fields) | frozenset(SYSTEM_FIELDS), editable)


def _grants(roles: tuple[Role, ...], entity: str) -> list[Grant]:
    return [role.grants[entity] for role in roles if entity in role.grants]


def _granted(published: Published, key: RightsKey, entity: str, grants: list[Grant]) -> EntityRights:
    fields = fields_of(published.snapshot, entity)
    editable: set[str] = set()
    for grant in grants:
        changes = grant.create or grant.update != "none"
        for field in fields.values():
            if changes and _given(field, grant) == "edit" and _can_be_edited(field):
                editable.add(field.name)
    readable = {name for name in _readable(published, key, entity) if _may_read(published, key, (entity, name))}
    if readable:
        readable |= set(SYSTEM_FIELDS)
    return EntityRights(
        entity,
        any(grant.create for grant in grants),
        _scope(published, entity, [grant.read for grant in grants]),
        _scope(published, entity, [grant.update for grant in grants]),
        _scope(published, entity, [grant.delete for grant in grants]),
        frozenset(readable),
        frozenset(editable),
    )


def _readable(published: Published, key: RightsKey, entity: str) -> frozenset[str]:
    """Return the fields that the roles grant by name, before what formulas among them read is looked at."""

    def build() -> frozenset[str]:
        grants = _grants(roles_with_included(published.snapshot, key.roles), entity)
        fields = fields_of(published.snapshot, entity).values()
        return frozenset(
            field.name for grant in grants if grant.read != "none" for field in fields if _given(field, grant) != "none"
        )

    return published.compiled(("granted", key, entity), build)


def _may_read(
    published: Published, key: RightsKey, which: tuple[str, str], seen: frozenset[tuple[str, str]] = frozenset()
) -> bool:
    """Tell whether a field may be read: a formula only with all that it uses, unless it has full rights.

    Formulas that need each other in a ring have no value, so nobody reads one.
    """
    entity, name = which
    if which in seen:
        return False
    granted = _readable(published, key, entity)
    if name in SYSTEM_FIELDS:
        return bool(granted)
    if name not in granted:
        return False
    reads = published.compiled(("formula reads", entity, name), lambda: reads_of(published.snapshot, entity, name))
    return all(_may_read(published, key, one, seen | {which}) for one in reads)


def _given(field: Field, grant: Grant) -> str:
    default = "none" if field.sensitivity == "restricted" else "edit"
    return grant.fields.get(field.name, default)


def _can_be_edited(field: Field) -> bool:
    if field.name in SYSTEM_FIELDS or field.read_only:
        return False
    # A type without a control is worked out by the system: formulas, roll-ups, running numbers.
    return field_types[field.type].control != "none"


def _scope(published: Published, entity: str, words: list[str]) -> Scope:
    found = NONE
    for word in words:
        found = found | _one_scope(published, entity, word)
    return found


def _one_scope(published: Published, entity: str, word: str) -> Scope:
    fixed = {"none": NONE, "own": Scope(own=True), "team": Scope(team=True), "all": ALL}
    if word in fixed:
        return fixed[word]
    return Scope(conditions=(checked_expression(published, entity, word, BOOLEAN),))
