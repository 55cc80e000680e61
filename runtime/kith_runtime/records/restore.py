"""Bring a deleted record back, with everything that went with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kith_metadata.values import Reference
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records import history
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.indexing import index_many
from kith_runtime.records.links import read_links_of
from kith_runtime.records.read import load_current, read_record
from kith_runtime.records.record import Record
from kith_runtime.records.references import target_of
from kith_runtime.records.repoint import let_go_of_deleted, point_again
from kith_runtime.records.sign_in import follow_restore
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.titles import readable_title_of
from kith_runtime.records.unique import check_unique, raise_for_race
from kith_runtime.records.writer import EntityWriter, Slot, writer_for

_RECORDS = "kith_records"


def restore(ctx: Context, entity: str, record: str) -> Record:
    """Bring a record back from the recycle bin, with the children that were deleted with it.

    Lookups that the delete blanked point to it again where they are still blank. A record that went along with another
    comes back alone, for the right to delete it says nothing about the other one. Raises :class:`ValidationFailed` when
    a value that must be unique is taken meanwhile, or when it belongs to a record that is in the bin itself.
    """
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, record, "delete", deleted=True)
    batch = current.row["deletion"]
    query = select(DELETION).where(DELETION.c.id == batch, DELETION.c.entity == entity, DELETION.c.record_id == record)
    kept = ctx.connection.execute(query).mappings().one_or_none()
    taken: dict[str, list[str]] = {entity: [record]} if kept is None else kept["taken"]
    # A publish may have dropped an entity since: its records stay set aside with it.
    present = {name: ids for name, ids in taken.items() if ctx.snapshot.has("entity", name)}
    rows = [(writer_for(ctx, name), row) for name, ids in present.items() for row in _rows(ctx, name, ids, batch)]
    problems = [problem for one, row in rows for problem in _problems(ctx, one, row, taken)]
    if problems:
        raise ValidationFailed(problems)
    returning = [
        (writer_for(ctx, name), [row for _, row in listed])
        for name, listed in groupby(rows, key=lambda item: item[0].name)
    ]
    for one, listed in returning:
        bring_back(ctx, one, listed)
    # When all are there again: none of them points at another that is still in the bin.
    for one, listed in returning:
        settle(ctx, one, [(row["id"], one.load(row)) for row in listed])
    for (pointing, name), cleared in groupby([] if kept is None else kept["cleared"], key=lambda item: tuple(item[:2])):
        if ctx.snapshot.has("entity", pointing):
            point_again(ctx, writer_for(ctx, pointing), name, [(item[2], item[4], item[3]) for item in cleared])
    # Last, when the lookups are filled again; in the bin the records missed what changed around them.
    follow(ctx, [Change(name, tuple(ids)) for name, ids in present.items()])
    if kept is not None:
        ctx.connection.execute(update(DELETION).where(DELETION.c.id == batch).values(restored_at=ctx.now))
    return read_record(ctx, entity, record)


def _rows(ctx: Context, entity: str, ids: list[str], batch: str) -> list[Any]:
    writer = writer_for(ctx, entity)
    table = writer.table
    query = writer.by_id.where(among(table.c.id, _RECORDS, ctx.database.dialect_name), table.c.deletion == batch)
    given = {_RECORDS: given_ids(ids, ctx.database.dialect_name)}
    return list(ctx.connection.execute(query, given).mappings())


def _problems(ctx: Context, writer: EntityWriter, row: Any, taken: Mapping[str, list[str]]) -> Iterator[FieldProblem]:
    values = writer.load(row)
    yield from check_unique(ctx, writer, values, row["id"], frozenset(writer.slots))
    for slot in writer.slots.values():
        if values.get(slot.name) is None or not needs_its_target(slot):
            continue
        entity, pointed = target_in(slot, values[slot.name])
        if pointed in taken.get(entity, ()) or not ctx.snapshot.has("entity", entity):
            continue
        target = writer_for(ctx, entity)
        live = select(target.table.c.id).where(target.table.c.id == pointed, target.table.c.deleted_at.is_(None))
        if ctx.connection.execute(live).first() is None:
            yield parent_deleted(ctx, (writer, values), slot, target)


def target_in(slot: Slot, value: Any) -> tuple[str, str]:
    """Return the entity and the id of the record at which the value of a lookup points."""
    return (value.entity, value.id) if isinstance(value, Reference) else (target_of(slot), value)


def parent_deleted(
    ctx: Context, record: tuple[EntityWriter, Mapping[str, Any]], slot: Slot, target: EntityWriter
) -> FieldProblem:
    """Return the problem that a record, given with its values, belongs to one that is in the bin itself."""
    label = ctx.snapshot.said(target.entity.label)
    message = f"{readable_title_of(ctx, *record)} belongs to a {label} that is deleted too."
    return FieldProblem(slot.name, "parent_deleted", message, f"Restore the {label} first.")


def needs_its_target(slot: Slot) -> bool:
    """Tell whether the lookup would have kept its target from going alone: what cascades or restricts."""
    options = slot.field.options
    return slot.field.type in ("lookup", "any_lookup") and (
        getattr(options, "parent", False) or options.on_delete != "clear"
    )


def bring_back(ctx: Context, writer: EntityWriter, rows: Sequence[Any]) -> None:
    """Take rows out of the bin, with their history; the index and what points at them come later."""
    table = writer.table
    system = {"version": table.c.version + 1, "updated_at": ctx.now, "updated_by": ctx.actor.id or None}
    back = update(table).where(among(table.c.id, _RECORDS, ctx.database.dialect_name))
    given = {_RECORDS: given_ids([row["id"] for row in rows], ctx.database.dialect_name)}
    try:
        ctx.connection.execute(back.values(deleted_at=None, deletion=None, **system), given)
    except IntegrityError as error:
        raise_for_race(ctx, writer, error)
    history.append_all(ctx, writer, "restore", [((row["id"], row["version"] + 1), {}) for row in rows])
    bump_access_stamp(ctx, writer.name)


def settle(ctx: Context, writer: EntityWriter, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Index records that came back, given with their values, let people in again, and let go of what is deleted."""
    linked = any(slot.link is not None for slot in writer.searchable)
    links = read_links_of(ctx, writer, [record for record, _ in records]) if linked else {}
    values = [(record, {**found, **links.get(record, {})}) for record, found in records]
    index_many(ctx, writer, values)
    for record, found in values:
        follow_restore(ctx, writer.name, record, found)
    let_go_of_deleted(ctx, writer, [(record, found) for record, found in values])
