"""From a person's record to an actor: roles, teams, permissions and the way they read numbers and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Invalid, NotFound
from kith_platform.identity import RoleAssignments
from kith_platform.locale import PersonLocale, person_locale
from kith_runtime.actors import Actor, Permission
from kith_runtime.context import Context
from kith_runtime.publish.store import bump_access
from kith_runtime.records import read_record
from kith_runtime.scopes import PERSON_ENTITY

ALL_PERMISSIONS: frozenset[Permission] = frozenset(
    {"people", "roles", "publish", "tokens", "audit", "sessions", "erase", "views"}
)


NUMBER_FORMAT_NAMES = {
    "comma_point": "1,234.56",
    "point_comma": "1.234,56",
    "space_comma": "1 234,56",
    "space_point": "1 234.56",
    "apostrophe_point": "1'234.56",
}
"""The options of ``base.number_format`` as the locale service names them; every other one is the locale's own way."""


def load_actor(ctx: Context, person_id: str) -> Actor | None:
    """Return a person as an actor; None when there is no such record, or it is not active.

    ``ctx`` reads as the system: who somebody is must not depend on what they may read.
    """
    if not ctx.snapshot.has("entity", PERSON_ENTITY):
        return None
    try:
        person = read_record(ctx, PERSON_ENTITY, person_id).values
    except NotFound:
        return None
    if person.get("active") is False:
        return None
    assigned = RoleAssignments(ctx.clock, bump_access).of_person(ctx.connection, person_id)
    roles = frozenset(role for role in assigned if ctx.snapshot.has("role", role))
    return Actor(
        id=person_id,
        kind="user",
        name=str(person.get("name") or ""),
        roles=roles,
        teams=tuple(person.get("teams") or ()),
        permissions=permissions_of(ctx.snapshot, roles),
        locale=locale_of(person),
        person=person,
    )


def permissions_of(snapshot: Snapshot, roles: Iterable[str]) -> frozenset[Permission]:
    """Return what the holders of some roles administer, through the roles that these include too."""
    found: set[Permission] = set()
    open_roles, seen = list(roles), set[str]()
    while open_roles:
        name = open_roles.pop()
        if name in seen or not snapshot.has("role", name):
            continue
        seen.add(name)
        role = snapshot.role(name)
        if role.everything:
            return ALL_PERMISSIONS
        found.update(role.permissions)
        open_roles.extend(role.includes)
    return frozenset(found)


def locale_of(person: Mapping[str, Any]) -> PersonLocale:
    """Return how a person reads and writes; what the record leaves blank, or names wrongly, takes the default."""
    plain = PersonLocale()
    try:
        return person_locale(
            str(person.get("locale") or plain.locale),
            str(person.get("time_zone") or plain.time_zone),
            str(person.get("currency") or plain.currency),
            NUMBER_FORMAT_NAMES.get(str(person.get("number_format") or ""), ""),
        )
    except Invalid:
        return plain
