"""What a delete would take along and what would keep it, told before anybody deletes: counted, not touched."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, not_, select, true

from kith_runtime.access import record_filter
from kith_runtime.access.filters import actor_bind
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.delete import points_at
from kith_runtime.records.pointers import Pointer, pointers_at
from kith_runtime.records.writer import writer_for

MOST = 1_000
"""So many records are looked at, and so many that go along of each kind: more would keep a person waiting."""

_TARGETS, _GONE = "kith_targets", "kith_gone"


@dataclass(frozen=True, slots=True)
class Going:
    """What goes along with some records, and what holds on to them: entities with how many the actor may read.

    ``more`` says that there is more than was looked at, so that numbers are the least. ``hidden`` says that records
    which the actor may not read hold on to them too.
    """

    along: tuple[tuple[str, int], ...] = ()
    holding: tuple[tuple[str, int], ...] = ()
    more: bool = False
    hidden: bool = False


def what_goes(ctx: Context, entity: str, records: Sequence[str]) -> Going:
    """Return what a delete of records would take along, however deep, and what would refuse it.

    Only records that the actor may read are looked at. Rules on delete are not asked: they speak when one deletes.
    """
    named = _readable(ctx, entity, records[:MOST])
    taken: dict[str, set[str]] = {}
    seen: dict[str, int] = {}
    more = len(records) > MOST
    waiting = deque([(entity, named)])
    while waiting:
        name, ids = waiting.popleft()
        known = taken.setdefault(name, set())
        fresh = [record for record in ids if record not in known][:MOST]
        known.update(fresh)
        for pointer in pointers_at(ctx, name) if fresh else ():
            if pointer.on_delete != "cascade":
                continue
            found = _pointing(ctx, pointer, name, fresh)
            more = more or len(found) > MOST
            new = {record: readable for record, readable in found[:MOST] if record not in taken.get(pointer.entity, ())}
            seen[pointer.entity] = seen.get(pointer.entity, 0) + sum(new.values())
            waiting.append((pointer.entity, list(new)))
    holding: dict[str, int] = {}
    hidden = False
    for name, gone in taken.items():
        for pointer in pointers_at(ctx, name) if gone else ():
            if pointer.on_delete == "restrict":
                total, readable = _holding(ctx, pointer, (name, list(gone)), list(taken.get(pointer.entity, ())))
                holding[pointer.entity] = holding.get(pointer.entity, 0) + readable
                hidden = hidden or total > readable
    return Going(_counted(seen), _counted(holding), more, hidden)


def _counted(found: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((name, count) for name, count in found.items() if count)


def _readable(ctx: Context, entity: str, records: Sequence[str]) -> list[str]:
    table = writer_for(ctx, entity).table
    query = select(table.c.id).where(
        among(table.c.id, _TARGETS, ctx.database.dialect_name), table.c.deleted_at.is_(None), _may_read(ctx, entity)
    )
    given = {_TARGETS: given_ids(list(records), ctx.database.dialect_name), **actor_bind(ctx)}
    return list(ctx.connection.execute(query, given).scalars())


def _may_read(ctx: Context, entity: str) -> ColumnElement[bool]:
    readable = record_filter(ctx, entity, "read")
    return true() if readable is None else readable


def _pointing(ctx: Context, pointer: Pointer, entity: str, records: list[str]) -> list[tuple[str, bool]]:
    """Return the live records that point at some records, each with whether the actor may read it."""
    table = writer_for(ctx, pointer.entity).table
    query = select(table.c.id, _may_read(ctx, pointer.entity)).where(*points_at(ctx, pointer, entity)).limit(MOST + 1)
    given = {_TARGETS: given_ids(records, ctx.database.dialect_name), **actor_bind(ctx)}
    return [(row[0], bool(row[1])) for row in ctx.connection.execute(query, given)]


def _holding(ctx: Context, pointer: Pointer, target: tuple[str, list[str]], gone: list[str]) -> tuple[int, int]:
    """Return how many records that stay hold on to a target, and how many of them the actor may read."""
    table, dialect = writer_for(ctx, pointer.entity).table, ctx.database.dialect_name
    stays = not_(among(table.c.id, _GONE, dialect))
    held = (
        select(table.c.id, _may_read(ctx, pointer.entity).label("readable"))
        .where(*points_at(ctx, pointer, target[0]), stays)
        .limit(MOST)
        .subquery()
    )
    query = select(func.count(), func.count().filter(held.c.readable)).select_from(held)
    given = {_TARGETS: given_ids(target[1], dialect), _GONE: given_ids(gone, dialect), **actor_bind(ctx)}
    total, readable = ctx.connection.execute(query, given).one()
    return int(total), int(readable)
