"""Delete a record: into the recycle bin, with what belongs to it, refused while others need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from kith_platform.ids import new_id
from kith_runtime.access import record_filter
from kith_runtime.context import Context
from kith_runtime.records import history
from kith_runtime.records.conflicts import refuse_stale
from kith_runtime.records.errors import Blocked, Blocker
from kith_runtime.records.indexing import unindex
from kith_runtime.records.pointers import Pointer, pointers_at
from kith_runtime.records.read import load_current
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.titles import title_of
from kith_runtime.records.writer import EntityWriter, writer_for

_SHOWN_BLOCKERS = 10
_DEEPEST_CASCADE = 20


@dataclass(slots=True)
class Deletion:
    """What one delete takes and lets go: record ids by entity, and the lookups that were blanked."""

    id: str
    taken: dict[str, list[str]] = field(default_factory=dict)
    cleared: list[tuple[str, str, str]] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)

    def has(self, entity: str, record: str) -> bool:
        """Tell whether the delete takes this record already."""
        return record in self.taken.get(entity, ())

    def count(self) -> int:
        """Return how many records go."""
        return sum(len(records) for records in self.taken.values())


def delete(ctx: Context, entity: str, record: str, *, version: int | None = None) -> Deletion:
    """Delete a record with the children that cascade, and return what went.

    Everything goes to the recycle bin under one deletion and comes back together. Lookups with ``restrict`` from live
    records raise :class:`Blocked`, which lists all of them; lookups with ``clear`` are blanked.
    """
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, record, "delete")
    refuse_stale(writer, current, version)
    deletion = Deletion(new_id(ctx.clock))
    _collect(ctx, entity, [record], deletion, 0)
    title = title_of(ctx, writer, current.values)
    if deletion.blockers:
        raise Blocked(title, deletion.blockers)
    for name, records in deletion.taken.items():
        _mark(ctx, writer_for(ctx, name), records, deletion.id)
    for pointing, name, target in deletion.cleared:
        _clear(ctx, writer_for(ctx, pointing), name, target)
    _remember(ctx, deletion, (entity, record, title))
    return deletion


def _collect(ctx: Context, entity: str, records: list[str], deletion: Deletion, depth: int) -> None:
    """Add records to the deletion, then what hangs on them; a cycle of cascades ends at what is taken already."""
    fresh = [record for record in records if not deletion.has(entity, record)]
    if not fresh or depth > _DEEPEST_CASCADE:
        return
    deletion.taken.setdefault(entity, []).extend(fresh)
    for pointer in pointers_at(ctx, entity):
        if pointer.on_delete == "cascade":
            children = _pointing(ctx, pointer, entity, fresh)
            _collect(ctx, pointer.entity, children, deletion, depth + 1)
    for pointer in pointers_at(ctx, entity):
        if pointer.on_delete == "clear":
            found = _pointing(ctx, pointer, entity, fresh)
            deletion.cleared.extend((pointer.entity, pointer.field, child) for child in found)
        elif pointer.on_delete == "restrict":
            _block(ctx, pointer, entity, fresh, deletion)


def _pointing(ctx: Context, pointer: Pointer, entity: str, records: list[str]) -> list[str]:
    table = writer_for(ctx, pointer.entity).table
    query = select(table.c.id).where(*_points_at(ctx, pointer, entity, records))
    return list(ctx.connection.execute(query).scalars())


def _points_at(ctx: Context, pointer: Pointer, entity: str, records: list[str]) -> list[ColumnElement[bool]]:
    writer = writer_for(ctx, pointer.entity)
    columns = writer.slots[pointer.field].columns
    conditions: list[ColumnElement[bool]] = [
        writer.table.c[columns[0]].in_(records),
        writer.table.c.deleted_at.is_(None),
    ]
    if pointer.polymorphic:
        conditions.append(writer.table.c[columns[1]] == entity)
    return conditions


def _block(ctx: Context, pointer: Pointer, entity: str, records: list[str], deletion: Deletion) -> None:
    """Note the live records that hold on; those that go in the same delete do not count."""
    writer = writer_for(ctx, pointer.entity)
    conditions = _points_at(ctx, pointer, entity, records)
    gone = deletion.taken.get(pointer.entity)
    if gone:
        conditions.append(writer.table.c.id.not_in(gone))
    total: int = ctx.connection.execute(select(func.count()).select_from(writer.table).where(*conditions)).scalar_one()
    if not total:
        return
    readable = record_filter(ctx, pointer.entity, "read")
    visible = conditions if readable is None else [*conditions, readable]
    seen: int = ctx.connection.execute(select(func.count()).select_from(writer.table).where(*visible)).scalar_one()
    rows = ctx.connection.execute(writer.by_id.where(*visible).limit(_SHOWN_BLOCKERS)).mappings()
    titles = tuple((row["id"], title_of(ctx, writer, writer.load(row))) for row in rows)
    label = writer.entity.label if total == 1 else writer.entity.plural or writer.entity.label
    deletion.blockers.append(Blocker(pointer.entity, label, pointer.field, titles, total, total - seen))


def _mark(ctx: Context, writer: EntityWriter, records: list[str], deletion: str) -> None:
    table = writer.table
    marked = (
        update(table)
        .where(table.c.id.in_(records))
        .values(
            deleted_at=ctx.now,
            deletion=deletion,
            version=table.c.version + 1,
            updated_at=ctx.now,
            updated_by=ctx.actor.id or None,
        )
        .returning(table.c.id, table.c.version)
    )
    for identity, version in ctx.connection.execute(marked).all():
        history.append(ctx, writer, (identity, version), "delete", {})
        unindex(ctx, writer, identity)
    bump_access_stamp(ctx, writer.name)


def _clear(ctx: Context, writer: EntityWriter, name: str, record: str) -> None:
    table, slot = writer.table, writer.slots[name]
    row = ctx.connection.execute(writer.by_id.where(table.c.id == record)).mappings().one()
    values: Mapping[str, Any] = {**slot.store(None), "version": row["version"] + 1, "updated_at": ctx.now}
    ctx.connection.execute(update(table).where(table.c.id == record).values(dict(values)))
    history.append(ctx, writer, (record, row["version"] + 1), "update", {name: (slot.load(row), None)})


def _remember(ctx: Context, deletion: Deletion, what: tuple[str, str, str]) -> None:
    entity, record, title = what
    row = {
        "id": deletion.id,
        "entity": entity,
        "record_id": record,
        "title": title,
        "at": ctx.now,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "taken": deletion.taken,
        "cleared": [[pointing, name, target, entity, record] for pointing, name, target in deletion.cleared],
    }
    ctx.connection.execute(insert(DELETION), row)
