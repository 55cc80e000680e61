"""How much room a row has: which fields of an entity are columns of its table, and which share the overflow column.

The same budget holds on both databases, so that an entity works alike on them. Sizes are the largest that a value takes
inside a page of PostgreSQL, where long texts move out and leave a pointer behind: every field of a row can be filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.storage import StoredColumn, StoredEntity, StoredField

MOST_COLUMNS = 1_200
"""Columns of a table, those set aside included: PostgreSQL ends at 1,600 and reads 1,664 at once, SQLite at 2,000."""

ROW_BYTES = 7_600
"""PostgreSQL has 8,160 bytes for a row; the system's own fields, the overflow pointer and the header take the rest."""

KEPT_COLUMNS, KEPT_BYTES = 60, 1_200
"""Room that only fields with an index may use, so that a lookup or key which comes later has a column of its own."""

_BYTES: Mapping[str, int] = {
    # Up to 24 bytes stay in the row; a longer value leaves a pointer of 18.
    "text": 25,
    "json": 25,
    "id": 25,
    "time": 9,
    "decimal": 25,
    # Numbers of eight bytes begin at a multiple of eight: up to seven bytes before them stay empty.
    "integer": 15,
    "datetime": 15,
    "date": 7,
    "boolean": 1,
}


def placed(stored: StoredField, entity: StoredEntity, *, preferred: bool) -> StoredField:
    """Return a new field with all of its columns in the table, or all in the overflow when the row is full."""
    used = [column for column in entity.columns if not column.overflow]
    wanted = [*used, *stored.columns]
    kept_columns, kept_bytes = (0, 0) if preferred else (KEPT_COLUMNS, KEPT_BYTES)
    if len(wanted) <= MOST_COLUMNS - kept_columns and _bytes(wanted) <= ROW_BYTES - kept_bytes:
        return stored
    return replace(stored, columns=tuple(replace(column, overflow=True) for column in stored.columns))


def indexed(snapshot: Snapshot, entity: str, field: Field) -> bool:
    """Tell whether a field has an index, is part of a key or names the record: it prefers a column of its own."""
    declared = snapshot.entity(entity)
    return (
        field.unique
        or field.index
        or field.external_key
        or field.name == declared.title
        or field.type in ("lookup", "any_lookup", "owner")
        or any(field.name in key.fields for key in declared.keys.values())
        or any(field.name == name.removeprefix("-") for index in declared.indexes.values() for name in index.fields)
    )


def in_views(snapshot: Snapshot, entity: str) -> frozenset[str]:
    """Return the fields that lists of an entity show or sort by; they come next after those with an index."""
    return frozenset(
        name.removeprefix("-") for view in snapshot.views_of(entity) for name in (*view.columns, *view.sort)
    )


def _bytes(columns: Iterable[StoredColumn]) -> int:
    return sum(_BYTES[column.kind] for column in columns)
