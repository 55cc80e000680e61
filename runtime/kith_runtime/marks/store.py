"""The table of what people marked, and the few statements on it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Index, Table, Text, and_, delete, exists, select

from kith_platform.database.types import IdText, UtcDateTime
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.store import RUNTIME_TABLES, insert_or_ignore

FAVOURITE = "favourite"
FOLLOW = "follow"
KINDS = (FAVOURITE, FOLLOW)
MOST_FAVOURITES = 12

MARK = Table(
    "kith_mark",
    RUNTIME_TABLES,
    Column("person_id", IdText(), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("record_id", IdText(), primary_key=True),
    Column("entity", Text, nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Index("ix_kith_mark_record", "record_id", "kind"),
)
"""One row for each record that a person marked, by the kind of mark."""


def marks_of(ctx: Context, record: str) -> frozenset[str]:
    """Return the kinds of marks that the actor put on a record."""
    query = select(MARK.c.kind).where(MARK.c.person_id == ctx.actor.id, MARK.c.record_id == record)
    return frozenset(ctx.connection.execute(query).scalars())


def turn_mark(ctx: Context, kind: str, record: tuple[str, str]) -> bool:
    """Put a mark of the actor on a record ``(entity, id)``, or take it away; return whether it is there now."""
    mine = and_(MARK.c.person_id == ctx.actor.id, MARK.c.kind == kind, MARK.c.record_id == record[1])
    if ctx.connection.execute(delete(MARK).where(mine)).rowcount:
        return False
    row = {"person_id": ctx.actor.id, "kind": kind, "record_id": record[1], "entity": record[0], "at": ctx.now}
    insert_or_ignore(ctx, MARK, row)
    return True


def favourites_of(ctx: Context) -> list[tuple[str, str]]:
    """Return the actor's favourites as entity and id, in the order in which they were marked."""
    query = (
        select(MARK.c.entity, MARK.c.record_id)
        .where(MARK.c.person_id == ctx.actor.id, MARK.c.kind == FAVOURITE)
        .order_by(MARK.c.at, MARK.c.record_id)
        .limit(MOST_FAVOURITES)
    )
    return [(row.entity, row.record_id) for row in ctx.connection.execute(query)]


def is_followed(record: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that somebody follows a record, to stand in a question about the record itself."""
    return exists().where(MARK.c.record_id == record, MARK.c.kind == FOLLOW)


def followers_of(ctx: Context, record: str) -> list[str]:
    """Return the ids of the people who follow a record."""
    query = select(MARK.c.person_id).where(MARK.c.record_id == record, MARK.c.kind == FOLLOW)
    return list(ctx.connection.execute(query).scalars())


def followers_of_many(ctx: Context, records: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the people who follow some records, by record."""
    found: dict[str, list[str]] = {}
    if records:
        chosen = among(MARK.c.record_id, "records", ctx.database.dialect_name)
        query = select(MARK.c.record_id, MARK.c.person_id).where(chosen, MARK.c.kind == FOLLOW)
        for record, person in ctx.connection.execute(query, {"records": given_ids(records, ctx.database.dialect_name)}):
            found.setdefault(record, []).append(person)
    return found
