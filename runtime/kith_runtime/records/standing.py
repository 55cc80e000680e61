"""What screens ask about a deleted record beside its values."""

from __future__ import annotations

from sqlalchemy import select

from kith_runtime.context import Context
from kith_runtime.records.store import DELETION
from kith_runtime.records.writer import writer_for


def restored_with(ctx: Context, entity: str, record: str) -> int:
    """Return how many other records come back when a deleted record is restored: none with one that went along."""
    table = writer_for(ctx, entity).table
    query = (
        select(DELETION.c.taken)
        .join(table, table.c.deletion == DELETION.c.id)
        .where(table.c.id == record, DELETION.c.entity == entity, DELETION.c.record_id == record)
    )
    taken: dict[str, list[str]] | None = ctx.connection.execute(query).scalar()
    return max(0, sum(len(ids) for ids in taken.values()) - 1) if taken else 0
