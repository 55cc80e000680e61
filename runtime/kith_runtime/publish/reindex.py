"""Write the search index anew, for all entities or those whose searchable fields changed."""

from __future__ import annotations

from kith_runtime.context import Context
from kith_runtime.queries.search.index import forget_all, remove_entity
from kith_runtime.records.indexing import index_many
from kith_runtime.records.writer import writer_for

BATCH = 1000


def rebuild_search(ctx: Context) -> int:
    """Index every live record of every entity anew and return how many there are."""
    forget_all(ctx.connection)
    return sum(_index_entity(ctx, name) for name in ctx.snapshot.entities())


def reindex_entity(ctx: Context, name: str) -> int:
    """Take an entity out of the index and write its live records anew; return how many there are."""
    remove_entity(ctx.connection, name)
    return _index_entity(ctx, name)


def _index_entity(ctx: Context, name: str) -> int:
    writer = writer_for(ctx, name)
    if not writer.searchable:
        return 0
    table, count, after = writer.table, 0, ""
    while True:
        query = writer.by_id.where(table.c.id > after, table.c.deleted_at.is_(None)).order_by(table.c.id).limit(BATCH)
        rows = ctx.connection.execute(query).mappings().all()
        # None of them is in the index: it was emptied before, all of it or that of the entity.
        index_many(
            ctx, writer, [(row["id"], {slot.name: slot.load(row) for slot in writer.searchable}) for row in rows]
        )
        count += len(rows)
        if len(rows) < BATCH:
            return count
        after = rows[-1]["id"]
