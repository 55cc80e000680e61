"""The records that a many-to-many lookup points at, kept in a link table in the order they were given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, bindparam, delete, insert, select

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.context import Context
from kith_runtime.records.writer import EntityWriter, Slot

_RECORD = "kith_record"


def read_links(ctx: Context, writer: EntityWriter, record: str) -> dict[str, tuple[str, ...] | None]:
    """Return the targets of every many-to-many lookup of a record; None where there are none."""
    found: dict[str, tuple[str, ...] | None] = {}
    for slot in writer.links:
        table = slot.link
        if table is not None:
            query = _links_of(ctx, table)
            found[slot.name] = tuple([row.target_id for row in query.rows(ctx.connection, {_RECORD: record})]) or None
    return found


def _links_of(ctx: Context, table: Table) -> Prepared:
    return ctx.published.compiled(("links of", table.name), lambda: Prepared(_of_record(table)))


def _of_record(table: Table) -> Select[Any]:
    mine = table.c.record_id == bindparam(_RECORD, None, IdText())
    return select(table.c.target_id).where(mine).order_by(table.c.position)


def write_links(ctx: Context, slot: Slot, record: str, targets: tuple[str, ...] | None, *, new: bool = False) -> None:
    """Make the lookup point at exactly these records; a record given twice is linked once, a new one has none yet."""
    table = slot.link
    if table is None:
        return
    if not new:
        ctx.connection.execute(delete(table).where(table.c.record_id == record))
    rows: list[dict[str, Any]] = [
        {"record_id": record, "target_id": target, "position": position}
        for position, target in enumerate(dict.fromkeys(targets or ()))
    ]
    if rows:
        adding = ctx.published.compiled(
            ("add links", table.name), lambda: Prepared(insert(table).inline(), table.columns.keys())
        )
        adding.execute_all(ctx.connection, rows)
