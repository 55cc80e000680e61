"""The last administrator stays one, through whichever door somebody would put them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Conflict
from kith_platform.identity.store import CREDENTIAL, ROLE_ASSIGNMENT
from kith_runtime.access.rights import roles_with_included
from kith_runtime.context import Context
from kith_runtime.queries.columns import stored_columns
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.tables import table_of

_BATCH = 500


def able_administrators(ctx: Context) -> frozenset[str]:
    """Return the people who hold every right and can sign in with a password today."""
    return frozenset(ctx.connection.execute(_live(ctx, _holders(ctx))).scalars())


def keep_an_administrator(ctx: Context, out: Sequence[str], *, deleted: bool) -> None:
    """Raise Conflict when those whom this transaction has put ``out`` were the last who could administer everything.

    Call it after writing, with the access stamp raised: its row is the lock that lets those who put two administrators
    out at once pass one by one, so that the second sees what the first did.
    """
    if able_administrators(ctx):
        return
    table = table_of(ctx.published, PERSON_ENTITY)
    for start in range(0, len(out), _BATCH):
        held = _holders(ctx).where(table.c.id.in_(out[start : start + _BATCH]))
        if ctx.connection.execute(_active(ctx, held) if deleted else held).first() is not None:
            raise last_administrator()


def last_administrator() -> Conflict:
    """Return the error for what would leave nobody who administers everything."""
    return Conflict(
        "last_administrator",
        "Nobody else who can sign in administers everything, so this person stays an administrator.",
        "Make somebody else one first, and let them sign in.",
    )


def _holders(ctx: Context) -> Select[Any]:
    """The people with a role that gives everything and a password that is not shut, whatever their record says."""
    roles: frozenset[str] = ctx.published.compiled(("roles with everything",), lambda: _everything(ctx.snapshot))
    table = table_of(ctx.published, PERSON_ENTITY)
    return (
        select(table.c.id)
        .join(ROLE_ASSIGNMENT, ROLE_ASSIGNMENT.c.person_id == table.c.id)
        .join(CREDENTIAL, CREDENTIAL.c.person_id == table.c.id)
        .where(ROLE_ASSIGNMENT.c.role.in_(sorted(roles)))
        .where(CREDENTIAL.c.password_hash.is_not(None), CREDENTIAL.c.disabled.is_(False))
    )


def _live(ctx: Context, query: Select[Any]) -> Select[Any]:
    return _active(ctx, query).where(table_of(ctx.published, PERSON_ENTITY).c.deleted_at.is_(None))


def _active(ctx: Context, query: Select[Any]) -> Select[Any]:
    active = stored_columns(ctx.published, PERSON_ENTITY, "active")
    if not active:
        return query
    return query.where(table_of(ctx.published, PERSON_ENTITY).c[active[0]].is_not(False))


def _everything(snapshot: Snapshot) -> frozenset[str]:
    names = snapshot.names("role")
    return frozenset(
        name for name in names if any(role.everything for role in roles_with_included(snapshot, frozenset({name})))
    )
