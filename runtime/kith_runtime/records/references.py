"""Lookups point at records that exist and that the writer may see; children only under parents they may change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select

from kith_metadata.expressions import Checked
from kith_metadata.values import Reference
from kith_runtime.access import Operation, record_filter
from kith_runtime.access.filters import actor_bind, kept_rows
from kith_runtime.context import Context
from kith_runtime.queries.expression_where import where_checked
from kith_runtime.queries.plan import among, chosen_ids, given_chosen, given_ids
from kith_runtime.queries.record_lists import settled
from kith_runtime.records.draft import Draft, record_of
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.scopes import environment_of, lookup_filter
from kith_runtime.tables import table_of

_IDS = "kith_targets"


@dataclass(frozen=True, slots=True)
class _Pointer:
    """A lookup with records to look at; ``known`` ones only have to fit what else of the record has changed."""

    slot: Slot
    entity: str
    ids: tuple[str, ...]
    known: bool = False


def check_references(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return a problem for each changed lookup whose record is missing, hidden, filtered out or not a fit parent.

    Records that a many-to-many lookup held before are not asked for again: somebody who adds one need not see all the
    others. Everybody may name themselves, also without the right to read people; what a rule has set is the maker's.
    A lookup with a condition on this record is looked at again when what the condition asks for has changed.
    """
    return reference_problems(Asking(ctx, writer), draft)


def reference_problems(asking: Asking, draft: Draft) -> list[FieldProblem]:
    """Return the problems of the lookups of a record, as they are asked for."""
    problems = []
    for pointer in (*_pointers(asking.writer, draft), *_dependent(asking.ctx, asking.writer, draft)):
        problem = _check(asking, draft, pointer)
        if problem is not None:
            problems.append(problem)
    return problems


class Asking:
    """Asks the database for the records that lookups point at, for each lookup when it is looked at."""

    def __init__(self, ctx: Context, writer: EntityWriter) -> None:
        self.ctx, self.writer = ctx, writer

    def found(self, pointer: _Pointer, operation: Operation) -> set[str]:
        """Return those of a lookup's records that are there and that the actor may read or update."""
        return _found(self.ctx, pointer, operation)

    def fitting(self, draft: Draft, pointer: _Pointer, limit: Checked) -> set[str]:
        """Return those of a lookup's records that meet its condition."""
        return _fitting(self.ctx, self.writer, draft, (pointer, limit))


class AskingForMany(Asking):
    """Asks once for all that the lookups of many records point at."""

    def __init__(self, ctx: Context, writer: EntityWriter, drafts: Sequence[Draft]) -> None:
        super().__init__(ctx, writer)
        self._drafts = drafts
        self._wanted: dict[tuple[str, str], dict[str, None]] = {}
        self._known: dict[tuple[str, str, str], set[str]] = {}
        for draft in drafts:
            for pointer in (*_pointers(writer, draft), *_dependent(ctx, writer, draft)):
                for slot in ("", pointer.slot.name):
                    self._wanted.setdefault((pointer.entity, slot), {}).update(dict.fromkeys(pointer.ids))

    def found(self, pointer: _Pointer, operation: Operation) -> set[str]:
        """Return the same, asked of the database for all records at once."""
        key = (pointer.entity, "", operation)
        if key not in self._known:
            self._known[key] = _found(self.ctx, self._all(pointer, ""), operation)
        return self._known[key]

    def fitting(self, draft: Draft, pointer: _Pointer, limit: Checked) -> set[str]:
        """Return the same; a condition that asks for the record around is asked for each."""
        if limit.around:
            return super().fitting(draft, pointer, limit)
        key = (pointer.entity, pointer.slot.name, "")
        if key not in self._known:
            self._known[key] = super().fitting(draft, self._all(pointer, pointer.slot.name), limit)
        return self._known[key]

    def _all(self, pointer: _Pointer, slot: str) -> _Pointer:
        return replace(pointer, ids=tuple(sorted(self._wanted[pointer.entity, slot])))


def _pointers(writer: EntityWriter, draft: Draft) -> Iterator[_Pointer]:
    for name in draft.changed - draft.by_rules:
        value = draft.values.get(name)
        slot = writer.slots[name]
        if value is None:
            continue
        if isinstance(value, Reference):
            yield _Pointer(slot, value.entity, (value.id,))
        elif slot.link is not None:
            known = draft.current.values.get(name) or ()
            yield _Pointer(slot, slot.field.options.to, tuple(item for item in value if item not in known))
        elif slot.field.type in ("lookup", "owner"):
            yield _Pointer(slot, target_of(slot), (value,))


def _dependent(ctx: Context, writer: EntityWriter, draft: Draft) -> Iterator[_Pointer]:
    """Yield the lookups that stay, whose condition asks for a field of this record that changes."""
    for slot in filtered_slots(ctx, writer):
        if slot.name in draft.changed - draft.by_rules:
            continue
        limit = lookup_filter(ctx.published, writer.name, slot.field)
        value = draft.values.get(slot.name)
        if value and limit is not None and not draft.changed.isdisjoint(path[0] for path in limit.around):
            ids = tuple(value) if isinstance(value, (tuple, list)) else (value,)
            yield _Pointer(slot, slot.field.options.to, ids, known=True)


def filtered_slots(ctx: Context, writer: EntityWriter) -> tuple[Slot, ...]:
    """Return the lookups of an entity whose records have to meet a condition."""
    return ctx.published.compiled(
        ("filtered lookups", writer.name),
        lambda: tuple(slot for slot in writer.slots.values() if lookup_filter(ctx.published, writer.name, slot.field)),
    )


def target_of(slot: Slot) -> str:
    """Return the entity that a lookup points at."""
    target: str = getattr(slot.field.options, "to", "") or "base.user"
    return target


def _check(asking: Asking, draft: Draft, pointer: _Pointer) -> FieldProblem | None:
    ctx, writer, slot = asking.ctx, asking.writer, pointer.slot
    if not pointer.ids or (slot.field.type == "owner" and pointer.ids == (ctx.actor.id,)):
        return None
    noun = ctx.snapshot.said(ctx.snapshot.entity(pointer.entity).label)
    unknown = FieldProblem(
        slot.name,
        "unknown_record",
        f"{slot.label}: there is no such {noun}, or it cannot be chosen here.",
        "Choose another one.",
    )
    if not pointer.known and set(pointer.ids) - asking.found(pointer, "read"):
        return unknown
    limit = lookup_filter(ctx.published, writer.name, slot.field)
    judged = limit is not None and draft.unknown.isdisjoint(path[0] for path in limit.around)
    if limit is not None and judged and set(pointer.ids) - asking.fitting(draft, pointer, limit):
        return _unfit(writer, pointer, limit, noun) if limit.around else unknown
    if not pointer.known and _is_parent(slot) and set(pointer.ids) - asking.found(pointer, "update"):
        return FieldProblem(
            slot.name,
            "parent_forbidden",
            f"You may see this {noun} but not change it, so nothing can be added to it.",
            "Ask its owner.",
        )
    return None


def _is_parent(slot: Slot) -> bool:
    return bool(getattr(slot.field.options, "parent", False))


def _unfit(writer: EntityWriter, pointer: _Pointer, limit: Checked, noun: str) -> FieldProblem:
    names = sorted({path[0] for path in limit.around})
    fields = " and ".join(writer.slots[name].label if name in writer.slots else name for name in names)
    message = f"{pointer.slot.label}: this {noun} does not go with what {fields} says."
    return FieldProblem(pointer.slot.name, "does_not_fit", message, f"Choose another one, or change {fields}.")


def _fitting(ctx: Context, writer: EntityWriter, draft: Draft, asked: tuple[_Pointer, Checked]) -> set[str]:
    pointer, limit = asked
    record = record_of(ctx, writer, draft.current, draft.values)
    condition = where_checked(ctx, pointer.entity, settled(limit, record, environment_of(ctx)))
    table = table_of(ctx.published, pointer.entity)
    query = select(table.c.id).where(among(table.c.id, _IDS, ctx.database.dialect_name), condition)
    given = {_IDS: given_ids(pointer.ids, ctx.database.dialect_name), **actor_bind(ctx)}
    return set(ctx.connection.execute(query, given).scalars())


def _found(ctx: Context, pointer: _Pointer, operation: Operation) -> set[str]:
    entity = pointer.entity

    one = len(pointer.ids) == 1

    def build() -> Select[Any]:
        return _allowed(ctx, entity, operation, len(pointer.ids))

    given = {_IDS: given_chosen(pointer.ids, ctx.database.dialect_name)}
    return {row["id"] for row in kept_rows(ctx, entity, ("references", operation, one), build, given)}


def _allowed(ctx: Context, entity: str, operation: Operation, count: int) -> Select[Any]:
    table = table_of(ctx.published, entity)
    mine = chosen_ids(table.c.id, _IDS, count, ctx.database.dialect_name)
    query = select(table.c.id).where(mine, table.c.deleted_at.is_(None))
    allowed = record_filter(ctx, entity, operation)
    # A delete at the same moment waits, and then sees the record that points here; changes of the target do not wait.
    locked = query.order_by(table.c.id).with_for_update(of=table, read=True, key_share=True)
    return locked if allowed is None else locked.where(allowed)
