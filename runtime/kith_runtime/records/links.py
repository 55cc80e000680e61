"""The records that a many-to-many lookup points at, kept in a link table in the order they were given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from kith_runtime.context import Context
from kith_runtime.records.writer import EntityWriter, Slot


def read_links(ctx: Context, writer: EntityWriter, record: str) -> dict[str, tuple[str, ...] | None]:
    """Return the targets of every many-to-many lookup of a record; None where there are none."""
    found: dict[str, tuple[str, ...] | None] = {}
    for slot in writer.links:
        table = slot.link
        if table is not None:
            query = select(table.c.target_id).where(table.c.record_id == record).order_by(table.c.position)
            found[slot.name] = tuple(ctx.connection.execute(query).scalars()) or None
    return found


def write_links(ctx: Context, slot: Slot, record: str, targets: tuple[str, ...] | None) -> None:
    """Make the lookup point at exactly these records; a record given twice is linked once."""
    table = slot.link
    if table is None:
        return
    ctx.connection.execute(delete(table).where(table.c.record_id == record))
    rows: list[dict[str, Any]] = [
        {"record_id": record, "target_id": target, "position": position}
        for position, target in enumerate(dict.fromkeys(targets or ()))
    ]
    if rows:
        ctx.connection.execute(insert(table), rows)
