"""Read one record for writing, and show a written one to the person who wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, true

from kith_platform.database.types import IdText
from kith_platform.errors import Forbidden, KithError, NotFound
from kith_platform.ids import is_id
from kith_runtime.access import Operation, record_filter, rights_for
from kith_runtime.access.filters import kept_rows
from kith_runtime.context import Context
from kith_runtime.marks.store import is_followed
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.forbidding import forbidden
from kith_runtime.records.links import read_links, read_links_of
from kith_runtime.records.record import Record
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.writer import EntityWriter, writer_for

_RECORD, _RECORDS = "kith_record", "kith_records"


@dataclass(frozen=True, slots=True)
class Current:
    """A record as it is saved now: the row of its table and its values by field."""

    id: str
    version: int
    row: Mapping[Any, Any]
    values: dict[str, Any]

    @property
    def is_followed(self) -> bool:
        """Tell whether anybody follows the record."""
        return bool(self.row.get("kith_followed"))


NEW = Current("", 0, {}, {})
"""What a new record was before: nothing."""


def load_current(
    ctx: Context, writer: EntityWriter, record: str, operation: Operation, *, deleted: bool = False
) -> Current:
    """Return a record that is about to be written, locked until the transaction ends.

    Raises :class:`NotFound` for a record that the actor may not read, and :class:`Forbidden` for one that they may read
    but not write: who cannot see it does not learn that it is there.
    """
    if not is_id(record):
        raise not_found(writer)
    # Before the record's own lock: everybody who writes people takes the two in this order and none waits in a circle.
    bump_access_stamp(ctx, writer.name)
    name = ("load", operation, deleted)
    rows = kept_rows(ctx, writer.name, name, lambda: _to_write(ctx, writer, operation, deleted), {_RECORD: record})
    if not rows:
        raise not_found(writer)
    row = rows[0]
    if not row["kith_allowed"]:
        raise forbidden(ctx, writer.name, operation, writer.load(row).get("owner"))
    return loaded(ctx, writer, row)


def load_many(
    ctx: Context, writer: EntityWriter, records: Sequence[str], operation: Operation, *, deleted: bool = False
) -> dict[str, Current | KithError]:
    """Return many records that are about to be written, locked, each as :func:`load_current` would or its error."""
    bump_access_stamp(ctx, writer.name)
    name = ("load many", operation, deleted)
    dialect = ctx.database.dialect_name
    given = {_RECORDS: given_ids(records, dialect)}
    rows = kept_rows(ctx, writer.name, name, lambda: _to_write_many(ctx, writer, operation, deleted), given)
    links = read_links_of(ctx, writer, [row["id"] for row in rows]) if writer.links else {}
    found: dict[str, Current | KithError] = {record: not_found(writer) for record in records}
    # Many records of one owner ask for the name once.
    refusals: dict[str | None, Forbidden] = {}
    for row in rows:
        record = row["id"]
        values = writer.load(row) | links.get(record, {})
        current = Current(record, row["version"], row, values)
        if row["kith_allowed"]:
            found[record] = current
            continue
        owner = values.get("owner")
        if owner not in refusals:
            refusals[owner] = forbidden(ctx, writer.name, operation, owner)
        found[record] = refusals[owner]
    return found


def loaded(ctx: Context, writer: EntityWriter, row: Mapping[Any, Any]) -> Current:
    """Return a row of the table as the record that it holds."""
    values = writer.load(row) | (read_links(ctx, writer, row["id"]) if writer.links else {})
    return Current(row["id"], row["version"], row, values)


def _to_write(ctx: Context, writer: EntityWriter, operation: Operation, deleted: bool) -> Select[Any]:
    return _held(ctx, writer, operation, deleted).where(writer.table.c.id == bindparam(_RECORD, None, IdText()))


def _to_write_many(ctx: Context, writer: EntityWriter, operation: Operation, deleted: bool) -> Select[Any]:
    chosen = among(writer.table.c.id, _RECORDS, ctx.database.dialect_name)
    # In the order of the ids, so that two transactions never wait for each other.
    return _held(ctx, writer, operation, deleted).where(chosen).order_by(writer.table.c.id)


def _held(ctx: Context, writer: EntityWriter, operation: Operation, deleted: bool) -> Select[Any]:
    table = writer.table
    allowed = record_filter(ctx, writer.name, operation)
    query = writer.by_id.add_columns(
        (true() if allowed is None else allowed).label("kith_allowed"), is_followed(table.c.id).label("kith_followed")
    ).where(table.c.deleted_at.is_not(None) if deleted else table.c.deleted_at.is_(None))
    # Who points at a record holds it lightly until they commit: a change may pass, a delete must wait for them.
    held = _limited(query, record_filter(ctx, writer.name, "read"))
    return held.with_for_update(of=table, key_share=operation != "delete")


def _limited(query: Select[Any], condition: ColumnElement[bool] | None) -> Select[Any]:
    return query if condition is None else query.where(condition)


def not_found(writer: EntityWriter) -> NotFound:
    """Return the error for a record that is not there, or not for these eyes."""
    return NotFound("not_found", f"This {writer.noun} does not exist, or you may not see it.", "Look in the list.")


def shown(ctx: Context, writer: EntityWriter, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the actor may read."""
    readable = rights_for(ctx, writer.name).readable
    return {name: value for name, value in values.items() if name in readable}


def may_not(ctx: Context, entity: str, operation: Operation, record: str) -> Forbidden:
    """Return the error for a record that the actor may read but not write, with its owner's name."""
    return forbidden(ctx, entity, operation, read_record(ctx, entity, record).values.get("owner"))


def read_record(ctx: Context, entity: str, record: str) -> Record:
    """Return a record that the actor may read, as it is now; raises :class:`NotFound`."""
    writer = writer_for(ctx, entity)
    current = read_current(ctx, writer, record)
    return Record(entity, record, current.version, shown(ctx, writer, current.values))


def read_many(ctx: Context, entity: str, records: Sequence[str]) -> dict[str, Record]:
    """Return those of many records that the actor may read, as they are now, by id."""
    writer = writer_for(ctx, entity)
    chosen = among(writer.table.c.id, _RECORDS, ctx.database.dialect_name)

    def build() -> Select[Any]:
        return _limited(
            writer.by_id.where(chosen, writer.table.c.deleted_at.is_(None)), record_filter(ctx, entity, "read")
        )

    rows = kept_rows(ctx, entity, "read many", build, {_RECORDS: given_ids(records, ctx.database.dialect_name)})
    links = read_links_of(ctx, writer, [row["id"] for row in rows]) if writer.links else {}
    values = {row["id"]: writer.load(row) | links.get(row["id"], {}) for row in rows}
    return {
        record: Record(entity, record, found["version"], shown(ctx, writer, found)) for record, found in values.items()
    }


def read_current(ctx: Context, writer: EntityWriter, record: str) -> Current:
    """Return all of a record that the actor may read, to judge a change that nobody makes yet; it is not locked.

    Its values hold fields that the actor may not read, as those of :func:`load_current` do.
    """
    if not is_id(record):
        raise not_found(writer)
    rows = kept_rows(ctx, writer.name, "read", lambda: _to_read(ctx, writer), {_RECORD: record})
    if not rows:
        raise not_found(writer)
    row = rows[0]
    values = writer.load(row) | (read_links(ctx, writer, record) if writer.links else {})
    return Current(record, row["version"], row, values)


def _to_read(ctx: Context, writer: EntityWriter) -> Select[Any]:
    table = writer.table
    query = writer.by_id.where(table.c.id == bindparam(_RECORD, None, IdText()), table.c.deleted_at.is_(None))
    return _limited(query, record_filter(ctx, writer.name, "read"))
