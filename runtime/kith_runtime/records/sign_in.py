"""A person's way in follows their record: the address is the login, and who is not active or deleted is out at once.

The record is where people look and what every door writes, so a sign-in that said something else would surprise both
the one who was let go and the one who has a new address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kith_platform.audit import AuditLog, Entry
from kith_platform.errors import Conflict
from kith_platform.identity import WaysIn
from kith_platform.identity.store import ROLE_ASSIGNMENT
from kith_runtime.access.rights import administered
from kith_runtime.context import Context
from kith_runtime.records.administrators import keep_an_administrator
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.scopes import PERSON_ENTITY

_WAYS_IN = WaysIn()


def follow_change(ctx: Context, entity: str, person: str, changes: Mapping[str, Any]) -> None:
    """Let the way in follow a changed record: a new address moves the login, ``active`` ends what is open.

    Sessions and tokens end when somebody becomes active too: none of before may come back. Raises
    :class:`ValidationFailed` for an address that another person signs in with, and Conflict for the last administrator.
    """
    if entity != PERSON_ENTITY:
        return
    if changes.get("email"):
        _move(ctx, person, str(changes["email"]))
    if "active" in changes:
        _WAYS_IN.end(ctx.connection, (person,))
        if changes["active"] is False:
            keep_an_administrator(ctx, (person,), deleted=False)


def login_problems(ctx: Context, entity: str, person: str, wanted: Mapping[str, Any]) -> list[FieldProblem]:
    """Return the problem that the actor may not move a person's login, which the address is.

    Whoever moves a login can let themselves in by it. So it is for those who administer people, never for the login of
    somebody who administers more than they do, and for everybody's own.
    """
    if entity != PERSON_ENTITY or "email" not in wanted or ctx.actor.is_system or person == ctx.actor.id:
        return []
    if "people" not in ctx.actor.permissions:
        return [_not_theirs("This address is how the person signs in, and only who administers people may change it.")]
    query = select(ROLE_ASSIGNMENT.c.role).where(ROLE_ASSIGNMENT.c.person_id == person)
    theirs = administered(ctx.snapshot, frozenset(ctx.connection.execute(query).scalars()))
    if theirs.within(administered(ctx.snapshot, ctx.actor.roles)):
        return []
    return [_not_theirs("This address is how the person signs in, and they administer more than you do.")]


def _not_theirs(message: str) -> FieldProblem:
    return FieldProblem("email", "login_of_another", message, "Ask them, or an administrator, to change it.")


def follow_delete(ctx: Context, entity: str, people: Sequence[str]) -> None:
    """End the ways in of deleted people and free their addresses; raises Conflict for the last administrator."""
    if entity != PERSON_ENTITY:
        return
    _WAYS_IN.end(ctx.connection, people)
    _WAYS_IN.release(ctx.connection, people)
    keep_an_administrator(ctx, people, deleted=True)


def follow_restore(ctx: Context, entity: str, person: str, values: Mapping[str, Any]) -> None:
    """Give a restored person the login of their record again, but neither sessions nor tokens."""
    if entity != PERSON_ENTITY:
        return
    _WAYS_IN.end(ctx.connection, (person,))
    if values.get("email"):
        _move(ctx, person, str(values["email"]))


def _move(ctx: Context, person: str, email: str) -> None:
    try:
        before = _WAYS_IN.move(ctx.connection, person, email)
    except Conflict as error:
        problem = FieldProblem("email", "not_unique", "Somebody else signs in with this address.", "Use another one.")
        raise ValidationFailed([problem]) from error
    if before:
        detail = {"before": before, "after": email, "door": ctx.door}
        AuditLog(ctx.clock).append(ctx.connection, Entry(ctx.actor.id, "person.login", person, detail))
