"""The records that a many-to-many lookup points at, kept in a link table in the order they were given.

A link to a record in the recycle bin stays in the table, so that it is there again after a restore, but nobody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, and_, bindparam, delete, exists, insert, select

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.access.filters import record_filter
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.tables import table_of

_RECORD, _RECORDS = "kith_record", "kith_records"


def read_links(ctx: Context, writer: EntityWriter, record: str) -> dict[str, tuple[str, ...] | None]:
    """Return the targets that the actor may see of every many-to-many lookup of a record; None where there are none."""
    found: dict[str, tuple[str, ...] | None] = {}
    for slot in writer.links:
        table = slot.link
        if table is not None:
            found[slot.name] = tuple(_linked(ctx, slot, table, record)) or None
    return found


def read_links_of(
    ctx: Context, writer: EntityWriter, records: Sequence[str]
) -> dict[str, dict[str, tuple[str, ...] | None]]:
    """Return the same for many records, by record; what is not in it has none."""
    found: dict[str, dict[str, tuple[str, ...] | None]] = {}
    given = {_RECORDS: given_ids(records, ctx.database.dialect_name)}
    for slot in writer.links if records else ():
        if slot.link is None:
            continue
        several: dict[str, list[str]] = {}
        for record, target in ctx.connection.execute(_of_records(ctx, slot, slot.link), given):
            several.setdefault(record, []).append(target)
        for record in records:
            found.setdefault(record, {})[slot.name] = tuple(several.get(record, ())) or None
    return found


def _of_records(ctx: Context, slot: Slot, table: Table) -> Select[Any]:
    targets = _targets(ctx, slot)
    seen = record_filter(ctx, slot.field.options.to, "read", targets)
    live = table.join(targets, and_(targets.c.id == table.c.target_id, targets.c.deleted_at.is_(None)))
    query = select(table.c.record_id, table.c.target_id).select_from(live)
    query = query.where(among(table.c.record_id, _RECORDS, ctx.database.dialect_name))
    query = query if seen is None else query.where(seen)
    return query.order_by(table.c.record_id, table.c.position, table.c.target_id)


def _linked(ctx: Context, slot: Slot, table: Table, record: str) -> list[str]:
    targets = _targets(ctx, slot)
    seen = record_filter(ctx, slot.field.options.to, "read", targets)
    if seen is None:
        return [row.target_id for row in _links_of(ctx, slot, table).rows(ctx.connection, {_RECORD: record})]
    query = _of_record(table, targets).where(seen)
    return list(ctx.connection.execute(query, {_RECORD: record}).scalars())


def _links_of(ctx: Context, slot: Slot, table: Table) -> Prepared:
    return ctx.published.compiled(("links of", table.name), lambda: Prepared(_of_record(table, _targets(ctx, slot))))


def _of_record(table: Table, targets: Table) -> Select[Any]:
    mine = table.c.record_id == bindparam(_RECORD, None, IdText())
    live = table.join(targets, and_(targets.c.id == table.c.target_id, targets.c.deleted_at.is_(None)))
    return select(table.c.target_id).select_from(live).where(mine).order_by(table.c.position, table.c.target_id)


def _targets(ctx: Context, slot: Slot) -> Table:
    return table_of(ctx.published, slot.field.options.to)


def write_links(ctx: Context, slot: Slot, record: str, targets: tuple[str, ...] | None, *, new: bool = False) -> None:
    """Make the lookup point at exactly these live records; one given twice is linked once, a new record has none yet.

    Links to records in the recycle bin, and to those that the actor may not see, stay: whoever changed the list did
    not see them.
    """
    table = slot.link
    if table is None:
        return
    if not new:
        pointed = _targets(ctx, slot)
        live = exists().where(pointed.c.id == table.c.target_id, pointed.c.deleted_at.is_(None))
        seen = record_filter(ctx, slot.field.options.to, "read", pointed)
        live = live if seen is None else live.where(seen)
        ctx.connection.execute(delete(table).where(table.c.record_id == record, live))
    rows: list[dict[str, Any]] = [
        {"record_id": record, "target_id": target, "position": position}
        for position, target in enumerate(dict.fromkeys(targets or ()))
    ]
    if rows:
        adding = ctx.published.compiled(
            ("add links", table.name), lambda: Prepared(insert(table).inline(), table.columns.keys())
        )
        adding.execute_all(ctx.connection, rows)
