"""Delete records that nothing points at, many in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, true, update

from kith_platform.database.prepared import Prepared
from kith_platform.ids import is_id, new_id
from kith_runtime.access import record_filter
from kith_runtime.access.filters import actor_bind
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records import history
from kith_runtime.records.computed import GONE, Change, follow
from kith_runtime.records.delete import deletion_row, points_at
from kith_runtime.records.indexing import unindex
from kith_runtime.records.pointers import pointers_at
from kith_runtime.records.read import loaded
from kith_runtime.records.rules import deletion_problems, rules_of
from kith_runtime.records.sign_in import follow_delete
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.titles import title_of
from kith_runtime.records.writer import EntityWriter, writer_for

MOST = 200
"""So many are looked at together: one that is not free costs this look and no more."""

_TARGETS = "kith_targets"
_DELETIONS = Prepared(insert(DELETION).inline(), [column.name for column in DELETION.c])

Wanted = Sequence[tuple[str, int | None]]
"""Record ids, each with the version that the caller had read."""


def delete_free(ctx: Context, entity: str, wanted: Wanted) -> int:
    """Delete the records at the head of ``wanted`` that are free, each as a deletion of its own; return how many went.

    Free is a live record that the actor may delete, in the wanted version, at which no live record points and that no
    rule guards: its delete takes nothing along, blanks nothing and is not refused. The first that is not free is left
    to :func:`~kith_runtime.records.delete.delete`, which says why, and so are those behind it.
    """
    writer, chosen = writer_for(ctx, entity), wanted[:MOST]
    bump_access_stamp(ctx, entity)
    rows = _held(ctx, writer, [record for record, _ in chosen if is_id(record)])
    pointed = _pointed(ctx, entity, list(rows))
    free: dict[str, Mapping[Any, Any]] = {}
    guarded = bool(rules_of(ctx.published, writer).on_delete)
    for record, version in chosen:
        row = rows.get(record)
        if row is None or not row["kith_allowed"] or record in pointed or record in free:
            break
        if version is not None and version != row["version"]:
            break
        if guarded and deletion_problems(ctx, writer, loaded(ctx, writer, row)):
            break
        free[record] = row
    if free:
        _take(ctx, writer, free)
    return len(free)


def _held(ctx: Context, writer: EntityWriter, records: list[str]) -> dict[str, Mapping[Any, Any]]:
    """Return the live records that the actor may read, locked until the transaction ends."""
    table = writer.table
    allowed, readable = (record_filter(ctx, writer.name, operation) for operation in ("delete", "read"))
    query = writer.by_id.add_columns((true() if allowed is None else allowed).label("kith_allowed"))
    query = query.where(among(table.c.id, _TARGETS, ctx.database.dialect_name), table.c.deleted_at.is_(None))
    query = query if readable is None else query.where(readable)
    query = query.order_by(table.c.id).with_for_update(of=table)
    given = {_TARGETS: given_ids(records, ctx.database.dialect_name), **actor_bind(ctx)}
    return {row["id"]: row for row in ctx.connection.execute(query, given).mappings()}


def _pointed(ctx: Context, entity: str, records: list[str]) -> set[str]:
    """Return those of some records at which a live record points."""
    found: set[str] = set()
    given = {_TARGETS: given_ids(records, ctx.database.dialect_name)}
    for pointer in pointers_at(ctx, entity) if records else ():
        pointing = writer_for(ctx, pointer.entity)
        target = pointing.table.c[pointing.slots[pointer.field].columns[0]]
        query = select(target).distinct().where(*points_at(ctx, pointer, entity))
        found.update(ctx.connection.execute(query, given).scalars())
    return found


def _take(ctx: Context, writer: EntityWriter, free: Mapping[str, Mapping[Any, Any]]) -> None:
    deletions = {record: new_id(ctx.clock) for record in free}
    system = {"deleted_at": ctx.now, "updated_at": ctx.now, "updated_by": ctx.actor.id or None}
    versions = {record: row["version"] + 1 for record, row in free.items()}
    marked = [
        {**system, "version": versions[record], "deletion": deletions[record], "kith_id": record} for record in free
    ]
    _marking(ctx, writer, tuple(marked[0])[:-1]).execute_all(ctx.connection, marked)
    history.append_all(ctx, writer, "delete", [((record, versions[record]), {}) for record in free])
    unindex(ctx, writer, list(free))
    bump_access_stamp(ctx, writer.name)
    follow_delete(ctx, writer.name, list(free))
    titles = {record: title_of(ctx, writer, writer.load(row)) for record, row in free.items()}
    _DELETIONS.execute_all(ctx.connection, list(_rows(ctx, writer.name, deletions, titles)))
    follow(ctx, (Change(writer.name, tuple(free), GONE),))


def _marking(ctx: Context, writer: EntityWriter, columns: tuple[str, ...]) -> Prepared:
    table = writer.table

    def build() -> Prepared:
        values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
        return Prepared(update(table).where(table.c.id == bindparam("kith_id")).values(values))

    return ctx.published.compiled(("mark deleted", writer.name), build)


def _rows(
    ctx: Context, entity: str, deletions: Mapping[str, str], titles: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    for record, deletion in deletions.items():
        row = deletion_row(ctx, deletion, (entity, record, titles[record]))
        yield {**row, "taken": {entity: [record]}, "cleared": []}
