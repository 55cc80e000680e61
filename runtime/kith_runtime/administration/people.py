"""Letting people in and out: accounts, one-time links, roles, and the rules that nobody gets around.

Whoever administers people cannot rise by it: roles and people above one's own permissions are out of reach, and the
last administrator who can sign in stays one. Every change is in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kith_platform.audit import Entry
from kith_platform.errors import Conflict, Forbidden, Invalid, NotFound
from kith_platform.identity import SET_PASSWORD
from kith_runtime import records
from kith_runtime.access import rights_for
from kith_runtime.access.rights import roles_with_included
from kith_runtime.actors import SYSTEM, Permission
from kith_runtime.administration import store
from kith_runtime.context import Context
from kith_runtime.people import load_actor, permissions_of
from kith_runtime.publish.store import bump_access
from kith_runtime.records.administrators import able_administrators, last_administrator
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.services import Services


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is typed to add a person: their name, the address that they sign in with, and roles by full name."""

    name: str
    email: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role as one administrator may assign it; one that gives more than they hold themselves is ``locked``."""

    name: str
    label: str
    description: str
    locked: bool


def require(ctx: Context, permission: Permission) -> None:
    """Raise Forbidden unless the actor administers what the permission names."""
    if permission not in ctx.actor.permissions:
        raise Forbidden(
            "administration_forbidden",
            f"This part of administration needs the permission “{permission}”, which your roles do not give.",
            "Ask an administrator.",
        )


def hold(ctx: Context, permission: Permission) -> Context:
    """Return a context on the actor's rights of this very moment, and let one administrator change people at a time.

    Two who shut each other out at once would otherwise leave nobody. Raises Forbidden when the permission is gone.
    """
    bump_access(ctx.connection)
    actor = load_actor(replace(ctx, actor=SYSTEM), ctx.actor.id)
    if actor is None:
        raise Forbidden("administration_forbidden", "You were disabled meanwhile, so nothing was changed.", "")
    fresh = replace(ctx, actor=actor)
    require(fresh, permission)
    return fresh


def role_choices(ctx: Context) -> tuple[RoleChoice, ...]:
    """Return all roles, as the actor may assign them."""
    roles = [ctx.snapshot.role(name) for name in ctx.snapshot.names("role")]
    found = [RoleChoice(role.name, role.label, role.description, not covers(ctx, (role.name,))) for role in roles]
    return tuple(sorted(found, key=lambda role: (role.label, role.name)))


def covers(ctx: Context, roles: Iterable[str]) -> bool:
    """Tell whether the actor administers at least all that these roles administer."""
    names = frozenset(roles)
    if _holds_everything(ctx, names) and not _holds_everything(ctx, ctx.actor.roles):
        return False
    return permissions_of(ctx.snapshot, names) <= ctx.actor.permissions


def person_of(ctx: Context, person_id: str) -> store.PersonRow:
    """Return a person; raises NotFound, also when the actor may not see them."""
    found = store.person(ctx, person_id)
    if found is None:
        raise NotFound("no_person", "This person does not exist, or you may not see them.", "Look in the list.")
    return found


def is_above(ctx: Context, person_id: str) -> bool:
    """Tell whether a person administers more than the actor does."""
    return not covers(ctx, store.roles_by_person(ctx, (person_id,)).get(person_id, ()))


def add_person(ctx: Context, services: Services, new: NewPerson) -> tuple[str, str]:
    """Make a person with an account and roles; return the record's id and a one-time code to set the password.

    Raises what the record door raises for the name and address, Conflict for an address that somebody signs in with,
    and Forbidden for roles that the actor cannot give.
    """
    ctx = hold(ctx, "people")
    if new.roles:
        _check_roles(ctx, new.roles)
    made = records.create(ctx, PERSON_ENTITY, {"name": new.name, "email": new.email})
    services.accounts.add(ctx.connection, made.id, new.email)
    services.roles.replace(ctx.connection, made.id, new.roles, ctx.actor.id)
    _note(ctx, services, "person.add", made.id, {"login": new.email, "roles": sorted(new.roles)})
    return made.id, services.codes.issue(ctx.connection, SET_PASSWORD, made.id)


def new_link(ctx: Context, services: Services, person_id: str) -> str:
    """Return a new one-time code to set a password; older ones stop working. Who has no account yet gets one."""
    ctx = hold(ctx, "people")
    found = _reachable(ctx, person_id)
    if found.state == "disabled":
        raise Conflict("person_disabled", f"{found.name} is disabled, so a link would not work.", "Enable them first.")
    if not found.login:
        if not found.email:
            raise Invalid("no_email", f"{found.name} has no e-mail address to sign in with.", "Add one to the record.")
        services.accounts.add(ctx.connection, person_id, found.email)
    _note(ctx, services, "person.link", person_id, {})
    return services.codes.issue(ctx.connection, SET_PASSWORD, person_id)


def change_roles(ctx: Context, services: Services, person_id: str, roles: Iterable[str]) -> None:
    """Make these the person's roles; assigned roles that no longer exist go with it.

    Raises Forbidden for a role above the actor, Conflict when nobody would be left who administers everything.
    """
    ctx = hold(ctx, "roles")
    person_of(ctx, person_id)
    wanted = frozenset(roles)
    present = frozenset(store.roles_by_person(ctx, (person_id,)).get(person_id, ()))
    _check_roles(ctx, wanted ^ present)
    able = able_administrators(ctx)
    if not services.roles.replace(ctx.connection, person_id, wanted, ctx.actor.id):
        return
    _keep_an_administrator(ctx, able)
    detail = {"added": sorted(wanted - present), "removed": sorted(present - wanted)}
    _note(ctx, services, "person.roles", person_id, detail)


def disable(ctx: Context, services: Services, person_id: str) -> None:
    """Shut a person out now: sessions, tokens and links end; the record stays, marked as not active."""
    ctx = hold(ctx, "people")
    found = _reachable(ctx, person_id)
    if person_id == ctx.actor.id:
        raise Conflict("disable_self", "You cannot disable yourself.", "Another administrator can.")
    able = able_administrators(ctx)
    if found.login:
        services.accounts.disable(ctx.connection, person_id)
    _set_active(ctx, person_id, False)
    _keep_an_administrator(ctx, able)
    _note(ctx, services, "person.disable", person_id, {})


def enable(ctx: Context, services: Services, person_id: str) -> None:
    """Let a disabled person sign in again with the password that they had."""
    ctx = hold(ctx, "people")
    found = _reachable(ctx, person_id)
    if found.login:
        services.accounts.enable(ctx.connection, person_id)
    _set_active(ctx, person_id, True)
    _note(ctx, services, "person.enable", person_id, {})


def use_email(ctx: Context, services: Services, person_id: str) -> None:
    """Make the address of the person's record the one that they sign in with."""
    ctx = hold(ctx, "people")
    found = _reachable(ctx, person_id)
    if not found.email:
        raise Invalid("no_email", f"{found.name} has no e-mail address.", "Add one to the record.")
    services.accounts.change_login(ctx.connection, person_id, found.email)
    _note(ctx, services, "person.login", person_id, {"before": found.login, "after": found.email})


def end_sessions(ctx: Context, services: Services, person_id: str) -> int:
    """Sign a person out everywhere; return from how many browsers."""
    ctx = hold(ctx, "people")
    _reachable(ctx, person_id)
    count = services.sessions.end_all(ctx.connection, person_id)
    _note(ctx, services, "session.end_all", person_id, {"count": count})
    return count


def end_session(ctx: Context, services: Services, owned: store.Owned) -> None:
    """End one browser's session, anybody's."""
    require(ctx, "sessions")
    services.sessions.end(ctx.connection, owned.item.person_id, owned.item.id)
    _note(ctx, services, "session.end", owned.item.person_id, {"session": owned.item.id})


def revoke_token(ctx: Context, services: Services, owned: store.Owned) -> None:
    """End an API token, anybody's."""
    require(ctx, "tokens")
    services.tokens.revoke(ctx.connection, owned.item.person_id, owned.item.id)
    _note(ctx, services, "token.revoke", owned.item.person_id, {"token": owned.item.id})


def _reachable(ctx: Context, person_id: str) -> store.PersonRow:
    found = person_of(ctx, person_id)
    if is_above(ctx, person_id):
        raise Forbidden(
            "person_above",
            f"{found.name} administers more than you do, so you cannot change how they sign in.",
            "Ask an administrator with the same roles.",
        )
    return found


def _check_roles(ctx: Context, roles: Iterable[str]) -> None:
    require(ctx, "roles")
    for name in sorted(roles):
        if ctx.snapshot.has("role", name) and not covers(ctx, (name,)):
            label = ctx.snapshot.role(name).label
            raise Forbidden(
                "role_above", f"The role {label} gives more than you hold, so you cannot assign it.", "", "roles"
            )


def _holds_everything(ctx: Context, roles: frozenset[str]) -> bool:
    return any(role.everything for role in roles_with_included(ctx.snapshot, roles))


def _keep_an_administrator(ctx: Context, before: frozenset[str]) -> None:
    if before and not able_administrators(ctx):
        raise last_administrator()


def _set_active(ctx: Context, person_id: str, active: bool) -> None:
    if "active" in rights_for(ctx, PERSON_ENTITY).editable:
        records.update(ctx, PERSON_ENTITY, person_id, {"active": active})


def _note(ctx: Context, services: Services, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    services.audit.append(ctx.connection, Entry(ctx.actor.id, action, subject, {**detail, "door": ctx.door}))
