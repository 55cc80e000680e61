"""A plan: what a publish would do, in order and in words, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from kith_metadata.diff import backwards, diff
from kith_metadata.snapshot import Snapshot
from kith_runtime.publish import facts as database_facts
from kith_runtime.publish.computing import computed_operations
from kith_runtime.publish.counting import counted, dropped_options
from kith_runtime.publish.documents import document_operations
from kith_runtime.publish.entity_changes import Structure
from kith_runtime.publish.facts import COLUMN_LIMITS, Facts
from kith_runtime.publish.operations.add_field import AddField
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.change_type import ChangeType
from kith_runtime.publish.operations.create_entity import CreateEntity
from kith_runtime.publish.operations.fill_computed import FillComputed
from kith_runtime.publish.operations.index import DropIndex, MakeIndex
from kith_runtime.publish.operations.number_records import NumberRecords
from kith_runtime.publish.operations.rename import RenameEntity, RenameField
from kith_runtime.publish.operations.rename_values import RenameOptions, RenameRole
from kith_runtime.publish.operations.search import IndexForSearch
from kith_runtime.publish.operations.set_aside import TakeBackEntity, TakeBackField
from kith_runtime.publish.probes import duplicates, too_long
from kith_runtime.publish.renaming import value_renames, view_rewrites
from kith_runtime.publish.returning import returned_options
from kith_runtime.publish.structure import work_out
from kith_runtime.publish.trying_rules import tried_rules
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap, StoredEntity, StoredField
from kith_runtime.tables import IndexDefinition, can_be_built, indexes_of

_ORDER = (
    *(TakeBackEntity, RenameEntity, TakeBackField, RenameField, RenameOptions, RenameRole, CreateEntity, AddField),
    *(ChangeType, NumberRecords, FillComputed),
)
LARGE_TABLE = 50_000
"""From this many records on, PostgreSQL builds plain indexes after the publish, without holding up writers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered operations from the live snapshot to a new one.

    ``blockers`` are reasons why it cannot be applied as the data stand; ``losses`` can be accepted. ``reverses`` is the
    publish that it undoes, when it is a rollback.
    """

    before: Published
    snapshot: Snapshot
    storage: StorageMap
    operations: tuple[Operation, ...]
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    old_names: Mapping[str, str] = field(default_factory=dict)
    reverses: int | None = None
    silent: tuple[Operation, ...] = ()
    """Operations that have nothing to do as the data stand, and may have when the plan is applied."""

    @property
    def is_empty(self) -> bool:
        """Whether the snapshot is live already."""
        return not self.operations and self.before.snapshot.hash == self.snapshot.hash

    @property
    def losses(self) -> tuple[str, ...]:
        """What would be lost, in words."""
        return tuple(f"{item.subject}: {item.destroys}" for item in self.operations if item.destroys)

    def as_data(self) -> dict[str, Any]:
        """Return the plan as plain data, for the history and for programs."""
        return {
            "operations": [item.as_data() for item in self.operations],
            "blockers": list(self.blockers),
            "warnings": list(self.warnings),
        }


def make_plan(connection: Connection, before: Published, snapshot: Snapshot, undoes: int | None = None) -> Plan:
    """Work out a plan and look at the data for what would stop it; reads only.

    A rollback names the publish that it ``undoes``: its changes are turned around, for ``was:`` tells what is older.
    """
    forward = undoes is None
    changes = diff(before.snapshot, snapshot) if forward else backwards(diff(snapshot, before.snapshot))
    structure = work_out(before, snapshot, changes, undoes)
    after = Published(snapshot, structure.storage, before.sequence + 1)
    work = Work(connection=connection, before=before, after=after, old_names=structure.old_names)
    fresh = {item.subject for item in structure.operations if isinstance(item, CreateEntity)}
    tables = {stored.table for name, stored in structure.touched.items() if name not in fresh}
    facts = database_facts.gather(connection, tables)
    values = [*value_renames(work, changes), *returned_options(work, structure.operations, changes)]
    rewrites = tuple(view_rewrites(work, changes))
    operations = [*(counted(work, structure, item) for item in structure.operations), *values]
    indexes = list(_indexes(work, structure, facts, fresh))
    blockers = [*_full_tables(connection, structure, facts), *_duplicate_blockers(work, structure, indexes)]
    return Plan(
        before=before,
        snapshot=snapshot,
        storage=structure.storage,
        operations=(
            *_ordered([*operations, *computed_operations(work, structure, values)], indexes),
            *_search(work, structure, fresh),
            *(item for item in rewrites if item.rows),
            *dropped_options(work, structure, changes),
            *tried_rules(work),
            *document_operations(before.snapshot, snapshot, changes, structure.operations),
        ),
        blockers=tuple(blockers),
        old_names=structure.old_names,
        reverses=undoes,
        silent=tuple(item for item in rewrites if not item.rows),
    )


def plan_indexes(work: Work) -> list[Operation]:
    """Return what lacks or is left over of the indexes of all entities that are live, without the unique ones."""
    storage = work.after.storage
    structure = Structure(dict(storage.documents), dict(storage.aside))
    structure.touched.update({name: storage.entity(name) for name in storage.documents})
    tables = {stored.table for stored in structure.touched.values()}
    found = _indexes(work, structure, database_facts.gather(work.connection, tables), set())
    return [item for item in found if not (isinstance(item, MakeIndex) and item.definition.unique)]


def _ordered(operations: list[Operation], indexes: list[Operation]) -> list[Operation]:
    """Put every name before the data that stand under it, and indexes last, when the data are in place."""
    order = {kind: place for place, kind in enumerate(_ORDER)}
    return [*sorted(operations, key=lambda item: order.get(type(item), len(order))), *indexes]


def _indexes(work: Work, structure: Structure, facts: Facts, fresh: set[str]) -> Iterator[Operation]:
    dialect = work.connection.dialect.name
    large_is_later = dialect == "postgresql"
    for name, stored in structure.touched.items():
        wanted = {item.name: item for item in _definitions(work, name, stored) if can_be_built(item, stored, dialect)}
        existing = facts.indexes.get(stored.table, frozenset())
        for gone in sorted(existing):
            if gone.startswith("ix_") and (gone not in wanted or gone in facts.broken):
                yield DropIndex(subject=name, on=stored.table, name=gone)
        missing = [item for key, item in wanted.items() if key not in existing or key in facts.broken]
        if not missing:
            continue
        rows = 0 if name in fresh else database_facts.count_rows(work.connection, stored.table)
        for item in missing:
            later = large_is_later and rows >= LARGE_TABLE and not item.unique
            yield MakeIndex(subject=name, rows=rows, stored=stored, definition=item, later=later)


def _definitions(work: Work, name: str, stored: StoredEntity) -> list[IndexDefinition]:
    # The condition of a key may ask for the time or other records, which no index can: the records door keeps it.
    return [item for item in indexes_of(work.after.snapshot, stored, name) if not item.where]


def _kept_by_the_door(work: Work, structure: Structure) -> Iterator[MakeIndex]:
    """Yield the unique indexes that this database cannot hold, so that the data are looked at all the same."""
    for name, stored in structure.touched.items():
        for item in _definitions(work, name, stored):
            if item.unique and not can_be_built(item, stored, work.connection.dialect.name):
                yield MakeIndex(subject=name, rows=1, stored=stored, definition=item)


def _search(work: Work, structure: Structure, fresh: set[str]) -> Iterator[Operation]:
    """Yield the entities to be indexed anew: renamed ones, and those with records whose searchable fields differ."""
    for name, stored in structure.touched.items():
        if name in fresh:
            continue
        old = structure.old_names.get(name, name)
        before = _searchable(work.before, old) if work.before.snapshot.has("entity", old) else None
        if old != name or before != _searchable(work.after, name):
            rows = database_facts.count_rows(work.connection, stored.table, live=True)
            if rows:
                yield IndexForSearch(subject=name, rows=rows)


def _searchable(published: Published, name: str) -> set[tuple[str, StoredField | None]]:
    entity, stored = published.snapshot.entity(name), published.storage.entity(name)
    return {
        (field.name, stored.fields.get(field.name))
        for field in entity.fields.values()
        if entity.search and field.search
    }


def _duplicate_blockers(work: Work, structure: Structure, indexes: list[Operation]) -> Iterator[str]:
    for item in (*indexes, *_kept_by_the_door(work, structure)):
        if isinstance(item, MakeIndex) and item.definition.unique and item.rows:
            present = _present_columns(structure, item)
            yield from duplicates(work.connection, present, item)
            yield from too_long(work.connection, present, item)


def _present_columns(structure: Structure, item: MakeIndex) -> frozenset[str]:
    """Return the columns of the table that hold data before the publish."""
    made: set[str] = set()
    for other in structure.operations:
        if isinstance(other, AddField) and other.subject == item.subject:
            made |= {column.name for column in other.stored.columns}
        if isinstance(other, ChangeType) and other.subject == item.subject:
            made |= {column.name for column in other.target.columns}
    stored: StoredEntity = item.stored
    return frozenset({column.name for kept in stored.fields.values() for column in kept.columns} - made)


def _full_tables(connection: Connection, structure: Structure, facts: Facts) -> Iterator[str]:
    """Yield a sentence for each table that has not even room for the overflow column; none made today gets there."""
    limit = COLUMN_LIMITS[connection.dialect.name]
    for name, stored in structure.touched.items():
        if facts.columns.get(stored.table, 0) >= limit and any(
            isinstance(item, AddField | ChangeType) and item.subject == name and item.first
            for item in structure.operations
        ):
            yield (
                f"{name} has {limit:,} columns, counting those of dropped fields, and a table of this database holds no"
                " more. Put its new fields into an entity of their own."
            )
