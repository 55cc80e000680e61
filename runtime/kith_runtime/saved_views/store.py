"""The tables of saved views: what was kept, with whom it is shared, and how each person arranged their lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_runtime.context import Context
from kith_runtime.store import RUNTIME_TABLES

VIEW = Table(
    "kith_view",
    RUNTIME_TABLES,
    Column("id", IdText(), primary_key=True),
    Column("entity", Text, nullable=False),
    Column("owner_id", IdText(), nullable=False),
    Column("label", Text, nullable=False),
    Column("kept", JsonValue(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("updated_at", UtcDateTime(), nullable=False),
    Index("ix_kith_view_entity", "entity", "owner_id"),
)
"""One saved view: ``kept`` is the question and the looks of the list, as :class:`Kept` writes it."""

SHARE = Table(
    "kith_view_share",
    RUNTIME_TABLES,
    Column("view_id", IdText(), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
)
"""With whom a view is shared: kind ``everybody`` (blank target), ``role`` (its name) or ``team`` (its record)."""

PLACE = Table(
    "kith_view_place",
    RUNTIME_TABLES,
    Column("person_id", IdText(), primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("view", Text, primary_key=True),
    Column("position", Integer),
    Column("hidden", Boolean, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("looks", JsonValue(), nullable=False),
)
"""What one person changed of a view for themselves: place among the tabs, hidden, opens first, columns and widths."""

Share = tuple[str, str]


_SHARED = select(SHARE.c.view_id).where(
    or_(
        SHARE.c.kind == "everybody",
        and_(SHARE.c.kind == "role", SHARE.c.target.in_(bindparam("roles", expanding=True))),
        and_(SHARE.c.kind == "team", SHARE.c.target.in_(bindparam("teams", expanding=True))),
    )
)
_SEEN = (
    select(VIEW.c.id, VIEW.c.owner_id, VIEW.c.label, VIEW.c.kept)
    .where(VIEW.c.entity == bindparam("entity"), or_(VIEW.c.owner_id == bindparam("person"), VIEW.c.id.in_(_SHARED)))
    .order_by(VIEW.c.created_at, VIEW.c.id)
)
_PLACES = Prepared(
    select(PLACE).where(
        PLACE.c.person_id == bindparam("person"), or_(PLACE.c.entity == "", PLACE.c.entity == bindparam("entity"))
    )
)


def views_seen(ctx: Context, entity: str, roles: Iterable[str]) -> Sequence[Any]:
    """Return the rows of the views of an entity that are the actor's own or shared with the actor, oldest first."""
    asked = {"entity": entity, "person": ctx.actor.id, "roles": sorted(roles), "teams": sorted(ctx.actor.teams)}
    return ctx.connection.execute(_SEEN, asked).all()


def places_of(ctx: Context, entity: str) -> Sequence[Any]:
    """Return what the actor changed of the views of an entity, and of lists as such (under a blank entity)."""
    return _PLACES.rows(ctx.connection, {"person": ctx.actor.id, "entity": entity})


def shares_of(ctx: Context, view: str) -> tuple[Share, ...]:
    """Return with whom a view is shared."""
    query = select(SHARE.c.kind, SHARE.c.target).where(SHARE.c.view_id == view).order_by(SHARE.c.kind, SHARE.c.target)
    return tuple((kind, target) for kind, target in ctx.connection.execute(query))


def add_view(ctx: Context, view: str, entity: str, label: str, kept: Mapping[str, Any]) -> None:
    """Keep a view of the actor."""
    values = {"id": view, "entity": entity, "owner_id": ctx.actor.id, "label": label, "kept": dict(kept)}
    ctx.connection.execute(insert(VIEW).values(**values, created_at=ctx.now, updated_at=ctx.now))


def change_view(ctx: Context, view: str, values: Mapping[str, Any]) -> None:
    """Change the label or the content of a view."""
    ctx.connection.execute(update(VIEW).where(VIEW.c.id == view).values(**values, updated_at=ctx.now))


def remove_view(ctx: Context, view: str) -> None:
    """Forget a view with its shares and with what people arranged of it."""
    ctx.connection.execute(delete(SHARE).where(SHARE.c.view_id == view))
    ctx.connection.execute(delete(PLACE).where(PLACE.c.view == view))
    ctx.connection.execute(delete(VIEW).where(VIEW.c.id == view))


def put_shares(ctx: Context, view: str, shares: Iterable[Share]) -> None:
    """Share a view with exactly these."""
    ctx.connection.execute(delete(SHARE).where(SHARE.c.view_id == view))
    rows = [{"view_id": view, "kind": kind, "target": target} for kind, target in dict.fromkeys(shares)]
    if rows:
        ctx.connection.execute(insert(SHARE), rows)


def put_place(ctx: Context, entity: str, view: str, values: Mapping[str, Any]) -> None:
    """Keep what the actor changed of a view for themselves; what ``values`` leaves out stays as it is."""
    mine = and_(PLACE.c.person_id == ctx.actor.id, PLACE.c.entity == entity, PLACE.c.view == view)
    if ctx.connection.execute(update(PLACE).where(mine).values(**values)).rowcount == 0:
        row = {"position": None, "hidden": False, "first": False, "looks": {}, **values}
        ctx.connection.execute(insert(PLACE).values(person_id=ctx.actor.id, entity=entity, view=view, **row))


def clear_first(ctx: Context, entity: str) -> None:
    """Let no view of an entity open first for the actor beyond what the app says."""
    mine = and_(PLACE.c.person_id == ctx.actor.id, PLACE.c.entity == entity)
    ctx.connection.execute(update(PLACE).where(mine).values(first=False))
