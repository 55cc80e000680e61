"""Read what stands behind the lookups of many records once, before their rules ask for it one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.apart import judging
from kith_runtime.records.writer import EntityWriter, writer_for, writer_of

_RECORDS = "kith_records"

Ways = tuple[tuple[tuple[str, ...], str], ...]
"""The lookups that lead somewhere and the entity at their end, the shortest first."""


def read_ahead(ctx: Context, writer: EntityWriter, records: Sequence[Mapping[str, Any]]) -> Context:
    """Return the context with the records at which some values point, as far as the entity's rules look at them."""
    found = dict(ctx.pending)
    behind: dict[tuple[str, ...], Sequence[Mapping[str, Any]]] = {(): records}
    for path, entity in _ways(ctx.published, writer):
        pointers = (holder.get(path[-1]) for holder in behind.get(path[:-1], ()))
        ids = sorted({pointer for pointer in pointers if isinstance(pointer, str)})
        loaded = _loaded(ctx, entity, ids) if ids else {}
        found.update({(entity, record): values for record, values in loaded.items()})
        behind[path] = list(loaded.values())
    return replace(ctx, pending=found)


def _loaded(ctx: Context, entity: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    writer, dialect = writer_for(ctx, entity), ctx.database.dialect_name
    query = writer.by_id.where(among(writer.table.c.id, _RECORDS, dialect))
    rows = ctx.connection.execute(query, {_RECORDS: given_ids(ids, dialect)}).mappings()
    return {row["id"]: writer.load(row) for row in rows}


def _ways(published: Published, writer: EntityWriter) -> Ways:
    return published.compiled(("ways of rules", writer.name), lambda: tuple(_walked(published, writer.name)))


def _walked(published: Published, entity: str) -> Iterator[tuple[tuple[str, ...], str]]:
    paths = {path for checked in judging(published, writer_of(published, entity)) for path in checked.references}
    ways = {path[:length] for path in paths for length in range(1, len(path))}
    for way in sorted(ways, key=lambda way: (len(way), way)):
        holder = entity
        for step in way:
            declared = fields_of(published.snapshot, holder).get(step) if holder else None
            holder = "" if declared is None else target_entity(declared)
        if holder:
            yield way, holder
