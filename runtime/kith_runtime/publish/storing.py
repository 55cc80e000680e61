"""Where new fields are kept: physical names that never clash with what is there, also not with what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish.pointing import points_alike, targets_of
from kith_runtime.publish.room import in_views, indexed, placed
from kith_runtime.storage import SYSTEM_COLUMNS, StoredColumn, StoredEntity, StoredField, physical_name

_SEPARATOR = "__"
_KEPT_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Columns that every table of PostgreSQL has already."""
_KEPT_PREFIX = "sqlite_"
"""SQLite keeps tables that begin so for itself."""


def kept_fields(snapshot: Snapshot, entity: str) -> dict[str, Field]:
    """Return the fields of an entity that need storage of their own: no system field, nothing that is worked out."""
    return {
        name: field
        for name, field in fields_of(snapshot, entity).items()
        if name not in SYSTEM_COLUMNS and (field_types[field.type].stored or is_link(field))
    }


def is_link(field: Field) -> bool:
    """Tell whether the values live in a link table."""
    kind = field_types[field.type]
    return not kind.stored and not kind.computed


def new_entity(snapshot: Snapshot, entity: str, tables: set[str]) -> StoredEntity:
    """Return the storage of an entity that had none; its table's name is not one of ``tables``."""
    app, _, name = entity.partition(".")
    app = f"app_{app}" if f"{app}_".startswith(_KEPT_PREFIX) else app
    table = physical_name(app, name)
    generation = 2
    while table in tables:
        table = physical_name(app, name, str(generation))
        generation += 1
    stored = StoredEntity(table=table, fields={})
    wanted = kept_fields(snapshot, entity)
    shown = in_views(snapshot, entity)
    kept: dict[str, StoredField] = {}
    for field in sorted(
        wanted.values(), key=lambda field: (not indexed(snapshot, entity, field), field.name not in shown)
    ):
        kept[field.name] = new_field(snapshot, entity, field, replace(stored, fields=kept))
    return replace(stored, fields={name: kept[name] for name in wanted})


def new_field(snapshot: Snapshot, name: str, field: Field, entity: StoredEntity) -> StoredField:
    """Return storage for a field of the entity ``name``: in the table, or in the overflow when a row has no room."""
    return placed(_free(field, entity), entity, preferred=indexed(snapshot, name, field))


def _free(field: Field, entity: StoredEntity) -> StoredField:
    """Return storage under names that are free in the table: ``amount``, else ``amount__2`` and so on."""
    taken = set(SYSTEM_COLUMNS) | _KEPT_COLUMNS | {name for kept in _all_fields(entity) for name in _names(kept)}
    generation = 1
    while True:
        stem = field.name if generation == 1 else f"{field.name}{_SEPARATOR}{generation}"
        found = _stored(field, entity.table, stem)
        if taken.isdisjoint(_names(found)):
            return found
        generation += 1


def _stored(field: Field, table: str, stem: str) -> StoredField:
    if is_link(field):
        return StoredField(type=field.type, link=physical_name(table, stem))
    columns = tuple(
        StoredColumn(
            name=f"{stem}{_SEPARATOR}{column.suffix}" if column.suffix else stem, kind=column.kind, scale=column.scale
        )
        for column in field_types[field.type].columns(field)
    )
    return StoredField(type=field.type, columns=columns)


def same_shape(stored: StoredField, field: Field) -> bool:
    """Tell whether what is stored can serve the field as it is declared now."""
    if stored.type != field.type or bool(stored.link) != is_link(field):
        return False
    if stored.link:
        return True
    wanted = field_types[field.type].columns(field)
    return [(column.kind, column.scale) for column in stored.columns] == [
        (column.kind, column.scale) for column in wanted
    ]


def find_aside(aside: Mapping[str, StoredField], field: Field, snapshot: Snapshot, undone: str = "") -> str | None:
    """Return the key of the field set aside whose values can stand in a field as they are, or None.

    ``undone`` is the key of what a rollback brings back. Otherwise it had the same name, type, shape and targets; of
    several, the newest with exactly these targets.
    """
    found = [key for key, stored in aside.items() if same_shape(stored, field)]
    if undone in found:
        return undone
    wanted = set(targets_of(field, snapshot))
    found = [key for key in found if _stem(key) == field.name and points_alike(aside[key].targets, field, snapshot)]
    return max(found, key=lambda key: (set(aside[key].targets) == wanted, _age(key))) if found else None


def find_entity_aside(aside: Mapping[str, str], entity: str) -> str | None:
    """Return the key of the newest entity set aside under this name, or None."""
    found = [key for key in aside if _stem(key) == entity]
    return max(found, key=_age) if found else None


def _stem(key: str) -> str:
    return key.rpartition("@")[0]


def _age(key: str) -> int:
    return int(key.rpartition("@")[2])


def _all_fields(entity: StoredEntity) -> tuple[StoredField, ...]:
    return (*entity.fields.values(), *entity.aside.values())


def _names(stored: StoredField) -> set[str]:
    return {column.name for column in stored.columns} | ({stored.link} if stored.link else set())
