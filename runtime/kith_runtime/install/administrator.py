"""The first administrator: a person without a password, let in by a one-time code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Misconfigured
from kith_platform.identity import START, Accounts, Codes, Passwords, RoleAssignments
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.publish.store import bump_access
from kith_runtime.scopes import PERSON_ENTITY

FIRST_NAME = "Administrator"
FIRST_EMAIL = "admin@kith.example"


def administrator_role(snapshot: Snapshot) -> str:
    """Return the first role that holds every right; raises Misconfigured when the apps declare none."""
    for name in snapshot.names("role"):
        if snapshot.role(name).everything:
            return name
    raise Misconfigured(
        "no_administrator_role", "No role of the installed apps has 'everything'.", "Install the app base."
    )


def administrators(ctx: Context) -> tuple[str, ...]:
    """Return the people who hold a role with every right, oldest first."""
    roles = RoleAssignments(ctx.clock, bump_access)
    names = [name for name in ctx.snapshot.names("role") if ctx.snapshot.role(name).everything]
    return tuple(sorted({person for name in names for person in roles.people_with(ctx.connection, name)}))


def nobody_signed_in(ctx: Context) -> bool:
    """Tell whether no administrator has set a password yet: the installation still waits for its first one."""
    accounts = _accounts(ctx)
    found = [accounts.find(ctx.connection, person) for person in administrators(ctx)]
    return not any(account is not None and account.has_password for account in found)


def ensure_administrator(ctx: Context, name: str = FIRST_NAME, email: str = FIRST_EMAIL) -> str:
    """Return an administrator who can be given a start code, making the first one when there is none."""
    accounts = _accounts(ctx)
    for person in administrators(ctx):
        if accounts.find(ctx.connection, person) is not None:
            return person
    return add_person(ctx, {"name": name, "email": email}, (administrator_role(ctx.snapshot),))


def add_person(ctx: Context, values: Mapping[str, Any], roles: tuple[str, ...]) -> str:
    """Make a person with roles and a login by their e-mail address, without a password; return the record's id."""
    made = records.create(ctx, PERSON_ENTITY, values)
    _accounts(ctx).add(ctx.connection, made.id, str(made.values["email"]))
    RoleAssignments(ctx.clock, bump_access).replace(ctx.connection, made.id, roles, by=ctx.actor.id)
    return made.id


def start_code(ctx: Context, person: str) -> str:
    """Return a new one-time code for a person; older ones stop working."""
    return Codes(ctx.clock).issue(ctx.connection, START, person)


def _accounts(ctx: Context) -> Accounts:
    return Accounts(ctx.clock, Passwords())
