"""The indexes of an entity, derived from its metadata as plain data, so that publish can compare them.

Every business index serves live records only: deleted ones are few and read through the recycle bin, which has two
small indexes of its own. Sorted lists page by key, so each index of a sort ends with the record's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Index, Table, and_

from kith_metadata.kinds.entity import Entity, Field, Key
from kith_metadata.kinds.view import View
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.storage import SYSTEM_COLUMNS, StoredColumn, StoredEntity, StoredField, physical_name
from kith_runtime.tables.folding import FOLDS
from kith_runtime.tables.overflow import raw_text

MOST_UNIQUE_BYTES = 2000
"""Bytes that the texts of a unique key may have together; PostgreSQL holds 2,704 in a row of an index, keys folded."""

DEFAULT_SORT = ("created_at",)

MOST_VIEW_SORTS = 12
"""Views beyond these sort without an index of their own; each index makes every save a little slower."""

MOST_COLUMN_SORTS = 8
"""Columns of lists that have an index of their own: a page of a million rows takes seconds to sort without one."""


MOST_RELATED_SORTS = 6
"""Related lists of an entity that have an index of their own, the first by the names of the forms that show them."""


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A part of an index: a physical column, plain, folded for uniqueness, or as the sort key of a text."""

    column: str
    fold: str = ""
    """Empty, ``folded`` (the whole text without case), ``order`` (what lists sort by), or ``raw`` (only equality)."""


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index as data. ``rows`` is ``live``, ``deleted`` or ``all``; ``where`` an expression that limits it more."""

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool = False
    rows: str = "live"
    where: str = ""
    key: str = ""
    """For a unique index, what it holds unique: ``key:<name>`` or ``field:<name>``."""


def indexes_of(snapshot: Snapshot, stored: StoredEntity, entity: str) -> tuple[IndexDefinition, ...]:
    """Return the indexes that the table of an entity should have, without its primary key, each once."""
    found: dict[tuple[object, ...], IndexDefinition] = {}
    maker = _Maker(snapshot, stored, snapshot.entity(entity))
    for definition in maker.all():
        shape = (definition.columns, definition.unique, definition.rows, definition.where)
        found.setdefault(shape, definition)
    return tuple(found.values())


def can_be_built(definition: IndexDefinition, stored: StoredEntity, dialect: str) -> bool:
    """Tell whether a database can hold an index: SQLite trusts no function of JSON in its schema, so none there.

    A unique field of the overflow is unique on SQLite all the same: it has one writer, who looks before writing.
    """
    inside = {column.name for column in stored.columns if column.overflow}
    return dialect != "sqlite" or all(part.column not in inside for part in definition.columns)


def sql_index(table: Table, definition: IndexDefinition, condition: ColumnElement[bool] | None = None) -> Index:
    """Return an index for DDL; ``condition`` is the compiled ``where`` of the definition.

    The index is bound to ``table`` and created by ``index.create(connection)``.
    """
    limits: list[ColumnElement[bool]] = [] if condition is None else [condition]
    if definition.rows == "live":
        limits.insert(0, table.c.deleted_at.is_(None))
    elif definition.rows == "deleted":
        limits.insert(0, table.c.deleted_at.is_not(None))
    where = and_(*limits) if limits else None
    parts = [_part(table, part) for part in definition.columns]
    return Index(
        definition.name, *parts, unique=definition.unique, sqlite_where=where, postgresql_where=where, _table=table
    )


def found_by(snapshot: Snapshot, stored: StoredEntity, entity: str) -> Mapping[str, str]:
    """Return which fold of a text finds it: the physical column to ``order`` or ``folded``, as its indexes begin.

    Columns that no index of a fold begins with are missing.
    """
    found: dict[str, str] = {}
    for definition in indexes_of(snapshot, stored, entity):
        first = definition.columns[0]
        serves = definition.rows == "live" and not definition.where
        if serves and (first.fold == "order" or (first.fold == "folded" and first.column not in found)):
            found[first.column] = first.fold
    return found


def related_sorts(snapshot: Snapshot) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return how the related lists of forms sort the records of an entity: pairs of its lookup and the sort."""
    return snapshot.derived("related sorts", lambda: _related_sorts(snapshot))


def _related_sorts(snapshot: Snapshot) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, dict[tuple[str, tuple[str, ...]], None]] = {}
    for name in snapshot.names("form"):
        for item in snapshot.form(name).related.values():
            if item.sort:
                found.setdefault(item.entity, {})[item.by, tuple(item.sort)] = None
    return {entity: tuple(sorts) for entity, sorts in found.items()}


def _part(table: Table, part: IndexColumn) -> ColumnElement[Any]:
    column = table.c[part.column]
    if part.fold == "raw":
        return raw_text(column)
    return FOLDS[part.fold](column) if part.fold else column


@dataclass(frozen=True, slots=True)
class _Maker:
    snapshot: Snapshot
    stored: StoredEntity
    entity: Entity

    def all(self) -> Iterator[IndexDefinition]:
        """Yield every index, what is unique first, so that a plain twin of it is not made as well."""
        yield from self._uniques()
        yield self._index("created", self._sort_parts(DEFAULT_SORT))
        yield from self._by_field()
        yield from self._declared()
        yield from self._sorts()
        yield from self._related()
        yield from self._offered()
        yield self._index("bin", (IndexColumn("deleted_at"), IndexColumn("id")), rows="deleted")
        yield self._index("deletion", (IndexColumn("deletion"),), rows="deleted")

    def _uniques(self) -> Iterator[IndexDefinition]:
        for field in self._stored_fields():
            if field.unique or field.external_key:
                parts = self._unique_parts(field)
                yield self._unique(f"u_{field.name}", parts, f"field:{field.name}")
        for key in self.entity.keys.values():
            yield self._key(key)

    def _key(self, key: Key) -> IndexDefinition:
        fields = fields_of(self.snapshot, self.entity.name)
        parts = tuple(part for name in key.fields for part in self._unique_parts(fields[name]))
        return self._unique(f"u_{key.name}", parts, f"key:{key.name}", key.where)

    def _by_field(self) -> Iterator[IndexDefinition]:
        for field in self._stored_fields():
            columns = self.stored.fields[field.name].columns
            if field.name == "owner":
                yield self._index("owner", (IndexColumn(columns[0].name), *self._sort_parts(DEFAULT_SORT)))
            elif any(column.kind == "id" for column in columns):
                # An any-of lookup has its entity beside its id; the id alone is selective enough. The newest come first
                # where nothing else is asked for, and the index says so: a database that takes blanks for a value that
                # many records share would rather read the whole table in its order.
                target = next(column.name for column in columns if column.kind == "id")
                yield self._index(field.name, (IndexColumn(target), *self._sort_parts(DEFAULT_SORT)))
            elif field.index:
                yield self._index(field.name, self._sort_parts((field.name,)))

    def _declared(self) -> Iterator[IndexDefinition]:
        for index in self.entity.indexes.values():
            parts = self._sort_parts(index.fields)
            if len(parts) > 1:
                yield self._index(index.name, parts)

    def _sorts(self) -> Iterator[IndexDefinition]:
        made = 0
        for view in self.snapshot.views_of(self.entity.name):
            lanes = self._lanes(view)
            parts = (*lanes, *self._sort_parts(view.sort or DEFAULT_SORT)) if lanes else self._sort_parts(view.sort)
            if len(parts) > 1 and made < MOST_VIEW_SORTS:
                made += 1
                yield self._index("sort_" + "_".join(part.column for part in parts[:-1]), parts)

    def _lanes(self, view: View) -> tuple[IndexColumn, ...]:
        """Return the column that divides a view's records: each lane is read by itself, in the order of the view."""
        stored = self.stored.fields.get(getattr(view.options, "lanes", ""))
        return (IndexColumn(stored.columns[0].name),) if stored is not None and len(stored.columns) == 1 else ()

    def _related(self) -> Iterator[IndexDefinition]:
        """Yield indexes for the related lists on the pages of other records, as their forms sort them."""
        for by, sort in related_sorts(self.snapshot).get(self.entity.name, ())[:MOST_RELATED_SORTS]:
            stored, parts = self.stored.fields.get(by), self._sort_parts(sort)
            if stored is not None and [column.kind for column in stored.columns] == ["id"] and len(parts) > 1:
                yield self._index(f"of_{by}", (IndexColumn(stored.columns[0].name), *parts))

    def _offered(self) -> Iterator[IndexDefinition]:
        """Yield indexes for what lists offer to sort by: the title, running numbers, then the columns of views."""
        fields = fields_of(self.snapshot, self.entity.name)
        numbers = [name for name, field in fields.items() if field.type == "auto_number"]
        views = [name for view in self.snapshot.views_of(self.entity.name) for name in view.columns]
        made = 0
        for name in dict.fromkeys((self.entity.title, *numbers, *views)):
            parts = self._sort_parts((name,))
            stored = self.stored.fields.get(name)
            points = stored is not None and any(column.kind == "id" for column in stored.columns)
            if len(parts) > 1 and not points and made < MOST_COLUMN_SORTS:
                made += 1
                yield self._index("by_" + name, parts)

    def _sort_parts(self, sort: tuple[str, ...]) -> tuple[IndexColumn, ...]:
        """Parts for a sort, ending with the id; fields without a column of their own end it early."""
        fields = fields_of(self.snapshot, self.entity.name)
        parts: list[IndexColumn] = []
        for name in (item.removeprefix("-") for item in sort):
            field = fields.get(name)
            stored = self.stored.fields.get(name)
            if name in SYSTEM_COLUMNS:
                parts.append(IndexColumn(name))
            elif field is not None and _sorts(field, stored):
                fold = "order" if is_text(field, self.snapshot) else ""
                parts.append(IndexColumn(self.stored.fields[name].columns[0].name, fold))
            else:
                break
        parts = [part for part in parts if part.column != "id"]
        return (*parts, IndexColumn("id"))

    def _unique_parts(self, field: Field) -> tuple[IndexColumn, ...]:
        main = self.stored.fields[field.name].columns[0]
        if _unindexable(main):
            return (IndexColumn(main.name, "raw"),)
        return (IndexColumn(main.name, "folded" if main.kind == "text" and not field.case_sensitive else ""),)

    def _stored_fields(self) -> Iterator[Field]:
        for field in fields_of(self.snapshot, self.entity.name).values():
            if field.name in self.stored.fields and self.stored.fields[field.name].columns:
                yield field

    def _index(self, suffix: str, columns: tuple[IndexColumn, ...], *, rows: str = "live") -> IndexDefinition:
        return IndexDefinition(self._name(suffix, (columns, False, rows, "")), columns, False, rows)

    def _unique(self, suffix: str, columns: tuple[IndexColumn, ...], key: str, where: str = "") -> IndexDefinition:
        name = self._name(suffix, (columns, True, "live", where))
        return IndexDefinition(name, columns, True, "live", where, key)

    def _name(self, suffix: str, contents: tuple[object, ...]) -> str:
        # The mark of the contents makes a changed index a new one, so that old and new can exist side by side.
        mark = hashlib.sha256(repr(contents).encode()).hexdigest()[:6]
        return f"ix_{physical_name(self.stored.table, suffix)}_{mark}"


def _sorts(field: Field, stored: StoredField | None) -> bool:
    if stored is None or not stored.columns or _unindexable(stored.columns[0]):
        return False
    return field_types[field.type].sortable


def _unindexable(column: StoredColumn) -> bool:
    """Tell whether PostgreSQL refuses an index: reading a date out of the overflow depends on settings, it says."""
    return column.overflow and column.kind in ("date", "datetime")


def is_text(field: Field, snapshot: Snapshot) -> bool:
    """Tell whether a field's values are texts that people read, which sort and are unique without regard to case."""
    kind = field_types[field.type].expression_type(field, snapshot)
    return kind is not None and kind.kind == "text"
