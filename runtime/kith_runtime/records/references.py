"""Lookups point at records that exist and that the writer may see; children only under parents they may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from kith_metadata.values import Reference
from kith_runtime.access import Operation, record_filter
from kith_runtime.access.filters import actor_bind, kept, kept_rows
from kith_runtime.context import Context
from kith_runtime.queries.expression_where import where_of
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.tables import table_of

_IDS = "kith_targets"


@dataclass(frozen=True, slots=True)
class _Pointer:
    slot: Slot
    entity: str
    ids: tuple[str, ...]


def check_references(
    ctx: Context, writer: EntityWriter, before: Mapping[str, Any], values: Mapping[str, Any], changed: frozenset[str]
) -> list[FieldProblem]:
    """Return a problem for each changed lookup whose record is missing, hidden, filtered out or not a fit parent.

    Records that a many-to-many lookup held ``before`` are not asked for again: somebody who adds one need not see all
    the others. Everybody may name themselves, also without the right to read people.
    """
    problems = []
    for pointer in _pointers(writer, before, values, changed):
        problem = _check(ctx, pointer)
        if problem is not None:
            problems.append(problem)
    return problems


def _pointers(
    writer: EntityWriter, before: Mapping[str, Any], values: Mapping[str, Any], changed: frozenset[str]
) -> Iterator[_Pointer]:
    for name in changed:
        value = values.get(name)
        slot = writer.slots[name]
        if value is None:
            continue
        if isinstance(value, Reference):
            yield _Pointer(slot, value.entity, (value.id,))
        elif slot.link is not None:
            known = before.get(name) or ()
            yield _Pointer(slot, slot.field.options.to, tuple(item for item in value if item not in known))
        elif slot.field.type in ("lookup", "owner"):
            yield _Pointer(slot, target_of(slot), (value,))


def target_of(slot: Slot) -> str:
    """Return the entity that a lookup points at."""
    target: str = getattr(slot.field.options, "to", "") or "base.user"
    return target


def _check(ctx: Context, pointer: _Pointer) -> FieldProblem | None:
    slot = pointer.slot
    if not pointer.ids or (slot.field.type == "owner" and pointer.ids == (ctx.actor.id,)):
        return None
    missing = set(pointer.ids) - _found(ctx, pointer, "read")
    label = ctx.snapshot.entity(pointer.entity).label
    if missing:
        return FieldProblem(
            slot.name,
            "unknown_record",
            f"{slot.label}: there is no such {label.lower()}, or it cannot be chosen here.",
            "Choose another one.",
        )
    if getattr(slot.field.options, "parent", False) and set(pointer.ids) - _found(ctx, pointer, "update"):
        return FieldProblem(
            slot.name,
            "parent_forbidden",
            f"You may see this {label.lower()} but not change it, so nothing can be added to it.",
            "Ask its owner.",
        )
    return None


def _found(ctx: Context, pointer: _Pointer, operation: Operation) -> set[str]:
    entity = pointer.entity
    name = ("references", operation)

    def build() -> Select[Any]:
        return _allowed(ctx, entity, operation)

    given = {_IDS: given_ids(pointer.ids, ctx.database.dialect_name)}
    where = getattr(pointer.slot.field.options, "where", "")
    if not where:
        return {row["id"] for row in kept_rows(ctx, entity, name, build, given)}
    query = kept(ctx, entity, name, build).where(where_of(ctx, entity, where))
    return set(ctx.connection.execute(query, {**given, **actor_bind(ctx)}).scalars())


def _allowed(ctx: Context, entity: str, operation: Operation) -> Select[Any]:
    table = table_of(ctx.published, entity)
    mine = among(table.c.id, _IDS, ctx.database.dialect_name)
    query = select(table.c.id).where(mine, table.c.deleted_at.is_(None))
    allowed = record_filter(ctx, entity, operation)
    # A delete at the same moment waits, and then sees the record that points here; changes of the target do not wait.
    locked = query.with_for_update(of=table, read=True, key_share=True)
    return locked if allowed is None else locked.where(allowed)
