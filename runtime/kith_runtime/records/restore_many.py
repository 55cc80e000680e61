"""Bring many deleted records back in a set: read once, judged one after the other, written together.

The records come back as they would one by one. Deletions that reach into one another (a record that one of them took
points at what another took, or was blanked by it) are left to :func:`~kith_runtime.records.restore.restore`, because
there the order counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from kith_platform.errors import KithError
from kith_platform.ids import is_id
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.apart import allowed_apart
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.read import Current, load_many, not_found, read_many
from kith_runtime.records.record import Record
from kith_runtime.records.repoint import point_again
from kith_runtime.records.restore import bring_back, needs_its_target, parent_deleted, settle, target_in
from kith_runtime.records.stamp import ACCESS_ENTITIES
from kith_runtime.records.store import DELETION
from kith_runtime.records.unique_many import Candidate, UniqueOfMany, can_be_asked_together
from kith_runtime.records.writer import EntityWriter, Slot, writer_for

_RECORDS = "kith_records"

Outcome = Record | KithError
_Identity = tuple[str, str]
"""An entity and the id of a record."""


@dataclass(frozen=True, slots=True)
class _Returning:
    """What comes back with one record: rows and values by entity and id, and the lookups to fill again."""

    record: str
    deletion: str
    kept: bool
    rows: Mapping[_Identity, Any]
    values: Mapping[_Identity, Mapping[str, Any]]
    cleared: Sequence[Sequence[str]]


def restore_many(ctx: Context, entity: str, records: Sequence[str]) -> list[Outcome] | None:
    """Bring the records back that can be; return each as saved or why it stays, or None when one by one is needed."""
    if len(set(records)) < len(records) or not _can_return(ctx, {entity}) or not allowed_apart(ctx, entity, "delete"):
        return None
    writer = writer_for(ctx, entity)
    held = load_many(ctx, writer, [record for record in records if is_id(record)], "delete", deleted=True)
    found: dict[str, Outcome] = {}
    live: list[Current] = []
    for record in records:
        current = held.get(record) or not_found(writer)
        if isinstance(current, KithError):
            found[record] = current
        else:
            live.append(current)
    asked = _returning(ctx, entity, live)
    if not _can_return(ctx, {name for item in asked for name, _ in item.rows}) or _taken_twice(asked):
        return None
    accepted = _accepted(ctx, asked, found)
    if accepted is None or _entangled(ctx, accepted):
        return None
    _bring_back(ctx, accepted)
    saved = read_many(ctx, entity, [item.record for item in accepted])
    if len(saved) < len(accepted):
        return None
    return [saved[record] if record in saved else found[record] for record in records]


def _can_return(ctx: Context, entities: set[str]) -> bool:
    return entities.isdisjoint(ACCESS_ENTITIES) and all(
        can_be_asked_together(ctx, name, frozenset(writer_for(ctx, name).slots)) for name in entities
    )


def _returning(ctx: Context, entity: str, live: Sequence[Current]) -> list[_Returning]:
    """Read all that went with some deleted records."""
    dialect = ctx.database.dialect_name
    query = select(DELETION).where(among(DELETION.c.id, _RECORDS, dialect), DELETION.c.entity == entity)
    given = {_RECORDS: given_ids([str(current.row["deletion"]) for current in live], dialect)}
    kept = {(row["id"], row["record_id"]): row for row in ctx.connection.execute(query, given).mappings()}
    taken: dict[str, Mapping[str, Sequence[str]]] = {}
    for current in live:
        known = kept.get((current.row["deletion"], current.id))
        taken[current.id] = {entity: [current.id]} if known is None else known["taken"]
    wanted: dict[str, list[str]] = defaultdict(list)
    for each in taken.values():
        for name, ids in each.items():
            # A publish may have dropped an entity since: its records stay set aside with it.
            if ctx.snapshot.has("entity", name):
                wanted[name] += ids
    held = {current.id: current for current in live}
    rows = {
        name: _rows(ctx, writer_for(ctx, name), [item for item in ids if name != entity or item not in held])
        for name, ids in wanted.items()
    }
    rows[entity] = {**rows.get(entity, {}), **{current.id: current.row for current in live}}
    found = []
    for current in live:
        batch = current.row["deletion"]
        mine = {
            (name, item): rows[name][item]
            for name, ids in taken[current.id].items()
            for item in ids
            if name in rows and item in rows[name] and rows[name][item]["deletion"] == batch
        }
        values = {
            key: held[key[1]].values if key[0] == entity and key[1] in held else writer_for(ctx, key[0]).load(row)
            for key, row in mine.items()
        }
        known = kept.get((batch, current.id))
        cleared = () if known is None else known["cleared"]
        found.append(_Returning(current.id, batch, known is not None, mine, values, cleared))
    return found


def _rows(ctx: Context, writer: EntityWriter, ids: Sequence[str]) -> dict[str, Any]:
    if not ids:
        return {}
    query = writer.by_id.where(among(writer.table.c.id, _RECORDS, ctx.database.dialect_name))
    given = {_RECORDS: given_ids(ids, ctx.database.dialect_name)}
    return {row["id"]: row for row in ctx.connection.execute(query, given).mappings()}


def _taken_twice(asked: Sequence[_Returning]) -> bool:
    """Tell whether a record that is asked for comes back with another one too."""
    identities = [key for item in asked for key in item.rows]
    return len(set(identities)) < len(identities)


def _accepted(ctx: Context, asked: Sequence[_Returning], refused: dict[str, Outcome]) -> list[_Returning] | None:
    """Return what can come back, each judged as if those before it had; None when two of one deletion clash."""
    unique = _unique(ctx, asked)
    standing = _standing(ctx, asked)
    found = []
    for item in asked:
        candidates = {key: _candidate(ctx, key, values) for key, values in item.values.items()}
        problems = [
            problem
            for key, candidate in candidates.items()
            for problem in (*unique[key[0]].problems(candidate), *_orphaned(ctx, item, key, standing))
        ]
        if problems:
            refused[item.record] = ValidationFailed(problems)
            continue
        for key, candidate in candidates.items():
            if unique[key[0]].problems(candidate):
                return None
            unique[key[0]].saved(candidate)
        standing.update(item.rows)
        found.append(item)
    return found


def _candidate(ctx: Context, key: _Identity, values: Mapping[str, Any]) -> Candidate:
    return Candidate(key[1], values, frozenset(writer_for(ctx, key[0]).slots))


def _unique(ctx: Context, asked: Sequence[_Returning]) -> dict[str, UniqueOfMany]:
    by_entity: dict[str, list[Candidate]] = defaultdict(list)
    for item in asked:
        for key, values in item.values.items():
            by_entity[key[0]].append(_candidate(ctx, key, values))
    return {name: UniqueOfMany(ctx, writer_for(ctx, name), listed) for name, listed in by_entity.items()}


def _standing(ctx: Context, asked: Sequence[_Returning]) -> set[_Identity]:
    """Return the live records that returning ones need."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in asked:
        for key in item.values:
            for _, (entity, target) in _needed(ctx, item, key):
                wanted[entity].add(target)
    found: set[_Identity] = set()
    for entity, targets in wanted.items():
        table = writer_for(ctx, entity).table
        query = select(table.c.id).where(
            among(table.c.id, _RECORDS, ctx.database.dialect_name), table.c.deleted_at.is_(None)
        )
        given = {_RECORDS: given_ids(sorted(targets), ctx.database.dialect_name)}
        found.update((entity, record) for record in ctx.connection.execute(query, given).scalars())
    return found


def _needed(ctx: Context, item: _Returning, key: _Identity) -> Iterator[tuple[Slot, _Identity]]:
    """Yield the lookups of a record whose target has to be there, but does not come back with it."""
    values = item.values[key]
    for slot in _lookups(ctx, key[0]):
        value = values.get(slot.name)
        if value is not None and needs_its_target(slot):
            target = target_in(slot, value)
            if target not in item.rows and ctx.snapshot.has("entity", target[0]):
                yield slot, target


def _orphaned(ctx: Context, item: _Returning, key: _Identity, standing: set[_Identity]) -> Iterator[FieldProblem]:
    for slot, target in _needed(ctx, item, key):
        if target not in standing:
            record = (writer_for(ctx, key[0]), item.values[key])
            yield parent_deleted(ctx, record, slot, writer_for(ctx, target[0]))


def _entangled(ctx: Context, accepted: Sequence[_Returning]) -> bool:
    """Tell whether what comes back with one record was blanked by the delete of another, or points at it."""
    of = {key: number for number, item in enumerate(accepted) for key in item.rows}
    filled: set[tuple[str, str, str]] = set()
    for number, item in enumerate(accepted):
        for pointing, name, record, *_ in item.cleared:
            if (pointing, record) in of or (pointing, name, record) in filled:
                return True
            filled.add((pointing, name, record))
        for key, values in item.values.items():
            for slot in _lookups(ctx, key[0]):
                value = values.get(slot.name)
                if value is not None and of.get(target_in(slot, value), number) > number:
                    return True
    return False


def _lookups(ctx: Context, entity: str) -> Sequence[Slot]:
    slots = writer_for(ctx, entity).slots
    return ctx.published.compiled(
        ("lookups to restore", entity),
        lambda: tuple(slot for slot in slots.values() if slot.field.type in ("lookup", "any_lookup")),
    )


def _bring_back(ctx: Context, accepted: Sequence[_Returning]) -> None:
    by_entity: dict[str, list[Any]] = defaultdict(list)
    values: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for item in accepted:
        for (name, record), row in item.rows.items():
            by_entity[name].append(row)
            values[name].append((record, item.values[name, record]))
    for name, rows in by_entity.items():
        bring_back(ctx, writer_for(ctx, name), rows)
    # When all are there again: none of them points at another that is still in the bin.
    for name, listed in values.items():
        settle(ctx, writer_for(ctx, name), listed)
    cleared: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for item in accepted:
        for pointing, name, record, entity, target in item.cleared:
            cleared[pointing, name].append((record, target, entity))
    for (pointing, name), pointers in cleared.items():
        if ctx.snapshot.has("entity", pointing):
            point_again(ctx, writer_for(ctx, pointing), name, pointers)
    # Last, when the lookups are filled again; in the bin the records missed what changed around them.
    follow(ctx, [Change(name, tuple(row["id"] for row in rows)) for name, rows in by_entity.items()])
    kept = [item.deletion for item in accepted if item.kept]
    done = update(DELETION).where(among(DELETION.c.id, _RECORDS, ctx.database.dialect_name))
    given = {_RECORDS: given_ids(kept, ctx.database.dialect_name)}
    ctx.connection.execute(done.values(restored_at=ctx.now), given)
