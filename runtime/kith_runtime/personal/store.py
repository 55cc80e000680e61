"""The tables of one person's preferences and notices, and the few statements on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Index,
    Label,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_platform.ids import new_id
from kith_runtime.context import Context
from kith_runtime.store import RUNTIME_TABLES

PREFERENCE = Table(
    "kith_preference",
    RUNTIME_TABLES,
    Column("person_id", IdText(), primary_key=True),
    Column("preferences", JsonValue(), nullable=False),
)
"""One row for each person who chose something: a map of names to texts."""

NOTICE = Table(
    "kith_notice",
    RUNTIME_TABLES,
    Column("id", IdText(), primary_key=True),
    Column("person_id", IdText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("actor_id", IdText(), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("read_at", UtcDateTime()),
    Index("ix_kith_notice_person", "person_id", "id"),
    Index("ix_kith_notice_unread", "person_id", "read_at"),
)
"""One row for each thing that somebody should look at; it names the record and holds none of its data."""

MOST_COUNTED = 100


def unread_and_preferences(person: BindParameter[str]) -> tuple[Label[Any], Label[Any]]:
    """Return the two columns of what every page asks for, to stand in a question with more of it."""
    unread = select(NOTICE.c.id).where(NOTICE.c.person_id == person, NOTICE.c.read_at.is_(None)).limit(MOST_COUNTED)
    counted = select(func.count()).select_from(unread.subquery()).scalar_subquery()
    chosen = select(PREFERENCE.c.preferences).where(PREFERENCE.c.person_id == person).scalar_subquery()
    return counted.label("unread"), chosen.label("chosen")


_PREFERENCES_AND_UNREAD = Prepared(select(*unread_and_preferences(bindparam("person", type_=IdText()))))


def preferences_of(ctx: Context, person: str = "") -> dict[str, str]:
    """Return what a person chose, the actor when nobody is named."""
    query = select(PREFERENCE.c.preferences).where(PREFERENCE.c.person_id == (person or ctx.actor.id))
    return dict(ctx.connection.execute(query).scalar() or {})


def preferences_and_unread(ctx: Context) -> tuple[dict[str, str], int]:
    """Return what the actor chose and how many notices are unread, in one question; more than 100 count as 100."""
    ((unread, chosen),) = _PREFERENCES_AND_UNREAD.rows(ctx.connection, {"person": ctx.actor.id})
    return dict(chosen or {}), int(unread)


def save_preferences(ctx: Context, changes: Mapping[str, str]) -> dict[str, str]:
    """Change some of the actor's preferences and return all of them."""
    after = {**preferences_of(ctx), **changes}
    dialect = postgresql if ctx.database.dialect_name == "postgresql" else sqlite
    row = dialect.insert(PREFERENCE).values(person_id=ctx.actor.id, preferences=after)
    same = row.on_conflict_do_update(index_elements=[PREFERENCE.c.person_id], set_={"preferences": after})
    ctx.connection.execute(same)
    return after


def add_notices(ctx: Context, kind: str, record: tuple[str, str], people: Iterable[str]) -> None:
    """Write one notice of a record ``(entity, id)`` for each of some people."""
    add_many_notices(ctx, kind, [(record, person) for person in people])


def add_many_notices(ctx: Context, kind: str, told: Iterable[tuple[tuple[str, str], str]]) -> None:
    """Write a notice for each ``((entity, id), person)``."""
    rows = [
        {
            "id": new_id(ctx.clock),
            "person_id": person,
            "at": ctx.now,
            "kind": kind,
            "entity": record[0],
            "record_id": record[1],
            "actor_id": ctx.actor.id,
            "actor_name": ctx.actor.name,
        }
        for record, person in told
    ]
    if rows:
        ctx.connection.execute(insert(NOTICE), rows)


def newest_notices(ctx: Context, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the actor's notices, newest first."""
    query = select(NOTICE).where(NOTICE.c.person_id == ctx.actor.id).order_by(NOTICE.c.id.desc()).limit(limit)
    return [dict(row) for row in ctx.connection.execute(query).mappings()]


def mark_read(ctx: Context, notice: str = "") -> int:
    """Mark one of the actor's notices read, or all of them; return how many were unread."""
    query = update(NOTICE).where(NOTICE.c.person_id == ctx.actor.id, NOTICE.c.read_at.is_(None))
    if notice:
        query = query.where(NOTICE.c.id == notice)
    return ctx.connection.execute(query.values(read_at=ctx.now)).rowcount


def notice_target(ctx: Context, notice: str) -> tuple[str, str] | None:
    """Return the record that one of the actor's notices is about."""
    query = select(NOTICE.c.entity, NOTICE.c.record_id).where(NOTICE.c.person_id == ctx.actor.id, NOTICE.c.id == notice)
    found = ctx.connection.execute(query).first()
    return (found[0], found[1]) if found is not None else None


def drop_notices(ctx: Context, before: datetime) -> None:
    """Take away the actor's read notices from before a moment."""
    gone = delete(NOTICE).where(NOTICE.c.person_id == ctx.actor.id, NOTICE.c.read_at.is_not(None), NOTICE.c.at < before)
    ctx.connection.execute(gone)
