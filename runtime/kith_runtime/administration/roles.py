"""A role in words: what its holders may do, entity by entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kith_metadata.kinds.role import Grant, Role
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import NotFound
from kith_runtime.access.rights import roles_with_included
from kith_runtime.field_types.system import fields_of

SCOPES = {"none": "None", "own": "Own", "team": "Team’s", "all": "All"}
_HUES = {"none": "gray", "own": "blue", "team": "indigo", "all": "green"}

PERMISSIONS = {
    "people": "add and disable people",
    "roles": "assign roles",
    "publish": "publish changes of the system",
    "tokens": "see and revoke everybody’s API tokens",
    "audit": "read the audit trail",
    "sessions": "end anybody’s sessions",
    "erase": "erase personal data for good",
    "views": "share list views with others",
}
"""What the permissions of a role let somebody do."""


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """Which records, in a word; ``condition`` is the expression when a word does not say it."""

    text: str
    hue: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """What a role allows on one entity. ``source`` is the included role that it comes from, or empty."""

    entity: str
    label: str
    create: bool
    read: ScopeWords
    update: ScopeWords
    delete: ScopeWords
    fields: tuple[str, ...]
    source: str


def role_of(snapshot: Snapshot, name: str) -> Role:
    """Return a role by its full name; raises NotFound."""
    if not snapshot.has("role", name):
        raise NotFound("no_role", "This role does not exist.", "Look in the list of roles.")
    return snapshot.role(name)


def grant_rows(snapshot: Snapshot, name: str) -> tuple[GrantRow, ...]:
    """Return what a role allows, its own grants first and then those of the roles that it includes, by entity."""
    roles = sorted(roles_with_included(snapshot, frozenset({name})), key=lambda role: (role.name != name, role.label))
    rows = [row for role in roles for row in _rows(snapshot, role, "" if role.name == name else role.label)]
    return tuple(sorted(rows, key=lambda row: (row.label, row.entity, bool(row.source))))


def _rows(snapshot: Snapshot, role: Role, source: str) -> Iterator[GrantRow]:
    for entity, grant in role.grants.items():
        if snapshot.has("entity", entity):
            found = snapshot.entity(entity)
            yield GrantRow(
                entity,
                found.plural or found.label,
                grant.create,
                scope_words(grant.read),
                scope_words(grant.update),
                scope_words(grant.delete),
                tuple(_field_words(snapshot, entity, grant)),
                source,
            )


def scope_words(scope: str) -> ScopeWords:
    """Return a scope of a grant in words."""
    if scope in SCOPES:
        return ScopeWords(SCOPES[scope], _HUES[scope])
    return ScopeWords("Some", "amber", scope)


def _field_words(snapshot: Snapshot, entity: str, grant: Grant) -> Iterator[str]:
    fields = fields_of(snapshot, entity)
    said = {"none": "hidden", "read": "read only", "edit": "open"}
    for name, level in grant.fields.items():
        yield f"{fields[name].label or name if name in fields else name}: {said[level]}"
