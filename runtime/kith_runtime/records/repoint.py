"""Lookups with ``on_delete: clear`` around a restore: filled again, or let go of what is still deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kith_metadata.values import Reference
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records import history
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.references import target_of
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.unique import raise_for_race
from kith_runtime.records.writer import EntityWriter, Slot, writer_for
from kith_runtime.tables.overflow import assignments

_RECORDS = "kith_records"


def point_again(ctx: Context, writer: EntityWriter, name: str, pointers: Sequence[tuple[str, str, str]]) -> None:
    """Set a lookup that a delete blanked, unless somebody has filled it since; a pointer: record, target, its entity.

    A field that a publish has dropped or made another type since stays as it is.
    """
    slot = writer.slots.get(name)
    if slot is None or slot.field.type not in ("lookup", "any_lookup"):
        return
    by_target: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record, target, entity in pointers:
        if slot.field.type == "any_lookup" or target_of(slot) == entity:
            by_target[target, entity].append(record)
    blank = writer.table.c[slot.columns[0]].is_(None)
    for stored, ids in by_target.items():
        _set(ctx, writer, slot, (slot.type.load(stored[: len(slot.columns)], slot.field), ids, blank))


def let_go_of_deleted(ctx: Context, writer: EntityWriter, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Blank the lookups of restored records that point at what was deleted while they were in the bin themselves.

    They are noted with the delete of the target, whose restore fills them again.
    """
    for slot in writer.slots.values():
        if slot.field.type not in ("lookup", "any_lookup") or getattr(slot.field.options, "on_delete", "") != "clear":
            continue
        by_target: dict[tuple[str, str], list[str]] = defaultdict(list)
        for record, values in records:
            value = values.get(slot.name)
            if isinstance(value, Reference):
                by_target[value.entity, value.id].append(record)
            elif value is not None:
                by_target[target_of(slot), value].append(record)
        gone = {
            (entity, target): deletion
            for entity in sorted({entity for entity, _ in by_target})
            for target, deletion in _deleted(ctx, entity, [item for name, item in by_target if name == entity])
        }
        for held, deletion in gone.items():
            _let_go(ctx, writer, slot, (held, by_target[held], deletion))


def _deleted(ctx: Context, entity: str, records: list[str]) -> list[tuple[str, str]]:
    """Return those of some records that are in the bin, each with its deletion."""
    if not ctx.snapshot.has("entity", entity):
        return []
    table = writer_for(ctx, entity).table
    query = select(table.c.id, table.c.deletion).where(
        among(table.c.id, _RECORDS, ctx.database.dialect_name), table.c.deleted_at.is_not(None)
    )
    given = {_RECORDS: given_ids(records, ctx.database.dialect_name)}
    return [(row[0], row[1]) for row in ctx.connection.execute(query, given) if row[1] is not None]


def _let_go(ctx: Context, writer: EntityWriter, slot: Slot, held: tuple[tuple[str, str], list[str], str]) -> None:
    (entity, target), ids, deletion = held
    _set(ctx, writer, slot, (None, ids, writer.table.c[slot.columns[0]] == target))
    known = ctx.connection.execute(select(DELETION.c.cleared).where(DELETION.c.id == deletion)).scalar()
    if known is not None:
        noted = [*known, *([writer.name, slot.name, record, entity, target] for record in ids)]
        ctx.connection.execute(update(DELETION).where(DELETION.c.id == deletion).values(cleared=noted))


def _set(ctx: Context, writer: EntityWriter, slot: Slot, change: tuple[Any, list[str], Any]) -> None:
    """Write one value into a lookup of many records, where a condition holds, with their history."""
    value, ids, condition = change
    table = writer.table
    given = {_RECORDS: given_ids(ids, ctx.database.dialect_name)}
    chosen = (among(table.c.id, _RECORDS, ctx.database.dialect_name), condition)
    rows = list(ctx.connection.execute(writer.by_id.where(*chosen), given).mappings())
    system = {"version": table.c.version + 1, "updated_at": ctx.now, "updated_by": ctx.actor.id or None}
    try:
        ctx.connection.execute(
            update(table).where(*chosen).values(assignments(table, {**slot.store(value), **system})), given
        )
    except IntegrityError as error:
        raise_for_race(ctx, writer, error)
    changed = [((row["id"], row["version"] + 1), {slot.name: (slot.load(row), value)}) for row in rows]
    history.append_all(ctx, writer, "update", changed)
    bump_access_stamp(ctx, writer.name)
    follow(ctx, (Change(writer.name, tuple(row["id"] for row in rows), frozenset({slot.name})),))
