"""Bring a deleted record back, with everything that went with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from kith_runtime.context import Context
from kith_runtime.records import history
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.indexing import index
from kith_runtime.records.links import read_links
from kith_runtime.records.read import load_current, read_record
from kith_runtime.records.record import Record
from kith_runtime.records.references import target_of
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.titles import title_of
from kith_runtime.records.unique import check_unique
from kith_runtime.records.writer import EntityWriter, writer_for


def restore(ctx: Context, entity: str, record: str) -> Record:
    """Bring a record back from the recycle bin, with the children that were deleted with it.

    Lookups that the delete blanked point to it again where they are still blank. Raises :class:`ValidationFailed` when
    a value that must be unique is taken meanwhile, or when the record's parent is in the bin itself.
    """
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, record, "delete", deleted=True)
    batch = current.row["deletion"]
    kept = ctx.connection.execute(select(DELETION).where(DELETION.c.id == batch)).mappings().one_or_none()
    taken: dict[str, list[str]] = kept["taken"] if kept is not None else {entity: [record]}
    rows = [(writer_for(ctx, name), row) for name, ids in taken.items() for row in _rows(ctx, name, ids, batch)]
    problems = [problem for one, row in rows for problem in _problems(ctx, one, row, taken)]
    if problems:
        raise ValidationFailed(problems)
    for one, row in rows:
        _bring_back(ctx, one, row)
    for pointing, name, child, target, pointed in kept["cleared"] if kept is not None else ():
        _point_again(ctx, writer_for(ctx, pointing), name, (child, pointed, target))
    ctx.connection.execute(update(DELETION).where(DELETION.c.id == batch).values(restored_at=ctx.now))
    return read_record(ctx, entity, record)


def _rows(ctx: Context, entity: str, ids: list[str], batch: str) -> list[Any]:
    writer = writer_for(ctx, entity)
    query = writer.by_id.where(writer.table.c.id.in_(ids), writer.table.c.deletion == batch)
    return list(ctx.connection.execute(query).mappings())


def _problems(ctx: Context, writer: EntityWriter, row: Any, taken: dict[str, list[str]]) -> list[FieldProblem]:
    values = writer.load(row)
    problems = check_unique(ctx, writer, values, row["id"], frozenset(writer.slots))
    for slot in writer.slots.values():
        if not getattr(slot.field.options, "parent", False) or values.get(slot.name) is None:
            continue
        parent, target = values[slot.name], writer_for(ctx, target_of(slot))
        live = select(target.table.c.id).where(target.table.c.id == parent, target.table.c.deleted_at.is_(None))
        if parent not in taken.get(target.name, ()) and ctx.connection.execute(live).first() is None:
            label = target.entity.label.lower()
            message = f"{title_of(ctx, writer, values)} belongs to a {label} that is deleted too."
            problems.append(FieldProblem(slot.name, "parent_deleted", message, f"Restore the {label} first."))
    return problems


def _bring_back(ctx: Context, writer: EntityWriter, row: Any) -> None:
    table, version = writer.table, row["version"] + 1
    values = {"deleted_at": None, "deletion": None, "version": version, "updated_at": ctx.now}
    ctx.connection.execute(
        update(table).where(table.c.id == row["id"]).values(**values, updated_by=ctx.actor.id or None)
    )
    history.append(ctx, writer, (row["id"], version), "restore", {})
    current = writer.load(row) | read_links(ctx, writer, row["id"])
    index(ctx, writer, row["id"], current, frozenset(writer.slots))
    bump_access_stamp(ctx, writer.name)


def _point_again(ctx: Context, writer: EntityWriter, name: str, pointer: tuple[str, str, str]) -> None:
    """Set a lookup that the delete blanked, unless somebody has filled it since; ``pointer``: child, record, entity."""
    slot, table = writer.slots.get(name), writer.table
    if slot is None:
        return
    row = ctx.connection.execute(writer.by_id.where(table.c.id == pointer[0])).mappings().one_or_none()
    if row is None or row[slot.columns[0]] is not None:
        return
    value = slot.type.load(pointer[1 : 1 + len(slot.columns)], slot.field)
    changed = {**slot.store(value), "version": row["version"] + 1, "updated_at": ctx.now}
    ctx.connection.execute(update(table).where(table.c.id == pointer[0]).values(changed))
    history.append(ctx, writer, (pointer[0], row["version"] + 1), "update", {name: (None, value)})
