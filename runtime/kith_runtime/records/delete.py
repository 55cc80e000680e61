"""Delete a record: into the recycle bin, with what belongs to it, refused while others need it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, insert, not_, select, update

from kith_metadata.values import Reference
from kith_platform.ids import new_id
from kith_runtime.access import allows, record_filter
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records import history
from kith_runtime.records.computed import GONE, Change, follow
from kith_runtime.records.conflicts import refuse_stale
from kith_runtime.records.errors import Blocked, Blocker, DeleteRefused, FieldProblem
from kith_runtime.records.indexing import unindex
from kith_runtime.records.pointers import Pointer, pointers_at
from kith_runtime.records.read import Current, load_current, loaded
from kith_runtime.records.rules import deletion_problems, rules_of
from kith_runtime.records.sign_in import follow_delete
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.store import DELETION
from kith_runtime.records.titles import readable_title_of, title_of
from kith_runtime.records.writer import EntityWriter, writer_for
from kith_runtime.tables.overflow import assignments

_SHOWN_BLOCKERS = 10
_TARGETS = "kith_targets"
_GONE = "kith_gone"


@dataclass(frozen=True, slots=True)
class Cleared:
    """A lookup that a delete blanks: the record that pointed, and the record that it pointed at."""

    entity: str
    field: str
    record: str
    target_entity: str
    target: str


@dataclass(slots=True)
class Deletion:
    """What one delete takes and lets go: record ids by entity, in the order found, and the lookups it blanks."""

    id: str
    taken: dict[str, dict[str, None]] = field(default_factory=dict)
    cleared: list[Cleared] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)

    def take(self, entity: str, records: Iterable[str]) -> list[str]:
        """Add records and return those that were not taken already."""
        known = self.taken.setdefault(entity, {})
        fresh = [record for record in records if record not in known]
        known.update(dict.fromkeys(fresh))
        return fresh

    def count(self) -> int:
        """Return how many records go."""
        return sum(len(records) for records in self.taken.values())


def delete(ctx: Context, entity: str, record: str, *, version: int | None = None) -> Deletion:
    """Delete a record with the children that cascade, and return what went.

    Everything goes to the recycle bin under one deletion and comes back together. Lookups with ``restrict`` from live
    records raise :class:`Blocked`, which lists all of them; lookups with ``clear`` are blanked.
    Rules on delete, also those of children that would go along, raise :class:`DeleteRefused`.
    """
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, record, "delete")
    refuse_stale(ctx, writer, current, version)
    deletion = Deletion(new_id(ctx.clock))
    _collect(ctx, entity, record, deletion)
    problems = list(_refusals(ctx, deletion, current))
    if problems:
        raise DeleteRefused(problems)
    _let_go(ctx, deletion)
    if deletion.blockers:
        raise Blocked(readable_title_of(ctx, writer, current.values), deletion.blockers)
    for name, records in deletion.taken.items():
        _mark(ctx, writer_for(ctx, name), list(records), deletion.id)
    for (pointing, name), cleared in groupby(deletion.cleared, key=lambda item: (item.entity, item.field)):
        _clear(ctx, writer_for(ctx, pointing), name, list(cleared))
    _remember(ctx, deletion, (entity, record, title_of(ctx, writer, current.values)))
    follow(ctx, _changes(ctx, deletion))
    return deletion


def deletion_refusals(ctx: Context, entity: str, record: str, version: int | None = None) -> list[FieldProblem]:
    """Return what rules say against the delete of a record, without deleting it; raises :class:`Stale`."""
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, record, "delete")
    refuse_stale(ctx, writer, current, version)
    deletion = Deletion("")
    _collect(ctx, entity, record, deletion)
    return list(_refusals(ctx, deletion, current))


def _refusals(ctx: Context, deletion: Deletion, current: Current) -> Iterator[FieldProblem]:
    """Yield what rules say against a delete: of the record itself, and by title of those that go along."""
    for name, records in deletion.taken.items():
        writer = writer_for(ctx, name)
        if not rules_of(ctx.published, writer).on_delete:
            continue
        others = [record for record in records if record != current.id]
        if len(others) < len(records):
            yield from deletion_problems(ctx, writer, current)
        query = writer.by_id.where(among(writer.table.c.id, _TARGETS, ctx.database.dialect_name))
        given = {_TARGETS: given_ids(others, ctx.database.dialect_name)}
        for row in ctx.connection.execute(query, given).mappings().all() if others else ():
            child = loaded(ctx, writer, row)
            for problem in deletion_problems(ctx, writer, child):
                seen = allows(ctx, name, "read", child.id)
                title = readable_title_of(ctx, writer, child.values if seen else {})
                yield replace(problem, field="", message=f"{title}: {problem.message}")


def _changes(ctx: Context, deletion: Deletion) -> Iterator[Change]:
    """Yield what a delete changes for values that follow from others."""
    for name, records in deletion.taken.items():
        yield Change(name, tuple(records), GONE)
    for (pointing, name), found in groupby(deletion.cleared, key=lambda item: (item.entity, item.field)):
        items = tuple(found)
        several = ctx.snapshot.entity(pointing).fields.get(name)
        targets = [
            Reference(item.target_entity, item.target) if several and several.type == "any_lookup" else item.target
            for item in items
        ]
        yield Change(pointing, tuple(item.record for item in items), frozenset({name}), {name: targets})


def _collect(ctx: Context, entity: str, record: str, deletion: Deletion) -> None:
    """Take the record, then all that hangs on it, however deep; a circle of cascades ends at what is taken already."""
    waiting = deque([(entity, [record])])
    while waiting:
        name, records = waiting.popleft()
        fresh = deletion.take(name, records)
        for pointer in pointers_at(ctx, name) if fresh else ():
            if pointer.on_delete == "cascade":
                waiting.append((pointer.entity, [found for found, _ in _pointing(ctx, pointer, name, fresh)]))


def _let_go(ctx: Context, deletion: Deletion) -> None:
    """Note what the records that stay must let go of, and what holds on; those that go too count for neither."""
    for name, taken in deletion.taken.items():
        for pointer in pointers_at(ctx, name):
            gone = deletion.taken.get(pointer.entity, {})
            if pointer.on_delete == "clear":
                found = _pointing(ctx, pointer, name, list(taken))
                deletion.cleared += [
                    Cleared(pointer.entity, pointer.field, record, name, target)
                    for record, target in found
                    if record not in gone
                ]
            elif pointer.on_delete == "restrict":
                deletion.blockers += _blockers(ctx, pointer, name, (list(taken), list(gone)))


def _pointing(ctx: Context, pointer: Pointer, entity: str, records: Sequence[str]) -> list[tuple[str, str]]:
    """Return the live records that point at some records, each with the one that it points at."""
    writer = writer_for(ctx, pointer.entity)
    target = writer.table.c[writer.slots[pointer.field].columns[0]]
    query = select(writer.table.c.id, target).where(*points_at(ctx, pointer, entity)).order_by(writer.table.c.id)
    # Those that go along, or are blanked, wait for whoever is writing them or pointing at them.
    query = query.with_for_update(of=writer.table)
    given = {_TARGETS: given_ids(records, ctx.database.dialect_name)}
    return [(row[0], row[1]) for row in ctx.connection.execute(query, given)]


def points_at(ctx: Context, pointer: Pointer, entity: str) -> list[ColumnElement[bool]]:
    """Return the conditions of live records that point by a lookup at the records given as ``kith_targets``."""
    writer = writer_for(ctx, pointer.entity)
    columns = writer.slots[pointer.field].columns
    conditions: list[ColumnElement[bool]] = [
        among(writer.table.c[columns[0]], _TARGETS, ctx.database.dialect_name),
        writer.table.c.deleted_at.is_(None),
    ]
    if pointer.polymorphic:
        conditions.append(writer.table.c[columns[1]] == entity)
    return conditions


def _blockers(ctx: Context, pointer: Pointer, entity: str, ids: tuple[list[str], list[str]]) -> Iterator[Blocker]:
    """Yield the live records that hold on; ``ids`` are those held on to, and those of the pointing entity that go."""
    writer, dialect = writer_for(ctx, pointer.entity), ctx.database.dialect_name
    conditions = [*points_at(ctx, pointer, entity), not_(among(writer.table.c.id, _GONE, dialect))]
    given = {_TARGETS: given_ids(ids[0], dialect), _GONE: given_ids(ids[1], dialect)}
    counting = select(func.count()).select_from(writer.table)
    total: int = ctx.connection.execute(counting.where(*conditions), given).scalar_one()
    if not total:
        return
    readable = record_filter(ctx, pointer.entity, "read")
    visible = conditions if readable is None else [*conditions, readable]
    seen: int = ctx.connection.execute(counting.where(*visible), given).scalar_one()
    rows = ctx.connection.execute(writer.by_id.where(*visible).limit(_SHOWN_BLOCKERS), given).mappings()
    titles = tuple((row["id"], readable_title_of(ctx, writer, writer.load(row))) for row in rows)
    label = writer.entity.label if total == 1 else writer.entity.plural or writer.entity.label
    yield Blocker(pointer.entity, label, pointer.field, titles, total, total - seen)


def _mark(ctx: Context, writer: EntityWriter, records: list[str], deletion: str) -> None:
    table = writer.table
    marked = (
        update(table)
        .where(among(table.c.id, _TARGETS, ctx.database.dialect_name))
        .values(
            deleted_at=ctx.now,
            deletion=deletion,
            version=table.c.version + 1,
            updated_at=ctx.now,
            updated_by=ctx.actor.id or None,
        )
        .returning(table.c.id, table.c.version)
    )
    given = {_TARGETS: given_ids(records, ctx.database.dialect_name)}
    identities = [(row[0], row[1]) for row in ctx.connection.execute(marked, given)]
    history.append_all(ctx, writer, "delete", [(identity, {}) for identity in identities])
    unindex(ctx, writer, [identity for identity, _ in identities])
    bump_access_stamp(ctx, writer.name)
    follow_delete(ctx, writer.name, records)


def _clear(ctx: Context, writer: EntityWriter, name: str, cleared: list[Cleared]) -> None:
    table, slot = writer.table, writer.slots[name]
    pointing = {_TARGETS: given_ids([item.record for item in cleared], ctx.database.dialect_name)}
    chosen = among(table.c.id, _TARGETS, ctx.database.dialect_name)
    before = {
        row["id"]: slot.load(row) for row in ctx.connection.execute(writer.by_id.where(chosen), pointing).mappings()
    }
    system = {"version": table.c.version + 1, "updated_at": ctx.now, "updated_by": ctx.actor.id or None}
    blanked = (
        update(table)
        .where(chosen)
        .values(assignments(table, {**slot.store(None), **system}))
        .returning(table.c.id, table.c.version)
    )
    rows = [((row[0], row[1]), {name: (before[row[0]], None)}) for row in ctx.connection.execute(blanked, pointing)]
    history.append_all(ctx, writer, "update", rows)
    bump_access_stamp(ctx, writer.name)


def _remember(ctx: Context, deletion: Deletion, what: tuple[str, str, str]) -> None:
    taken = {name: list(records) for name, records in deletion.taken.items()}
    cleared = [[item.entity, item.field, item.record, item.target_entity, item.target] for item in deletion.cleared]
    row = {**deletion_row(ctx, deletion.id, what), "taken": taken, "cleared": cleared}
    ctx.connection.execute(insert(DELETION), row)


def deletion_row(ctx: Context, deletion: str, what: tuple[str, str, str]) -> dict[str, Any]:
    """Return the row of the recycle bin for a record given as entity, id and title, without what went along."""
    entity, record, title = what
    return {
        "id": deletion,
        "entity": entity,
        "record_id": record,
        "title": title,
        "at": ctx.now,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "restored_at": None,
    }
