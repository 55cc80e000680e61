"""What writing a record of one entity needs, compiled once for each published snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, insert

from kith_metadata.kinds.entity import Entity, Field
from kith_platform.database.prepared import Prepared
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import FieldType
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.storage import SYSTEM_COLUMNS, StoredField
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.tables.overflow import OVERFLOW, overflow_names, whole


@dataclass(frozen=True, slots=True)
class Slot:
    """A field as the writer sees it: declaration, type, columns, and the link table of a many-to-many lookup."""

    field: Field
    type: FieldType
    columns: tuple[str, ...]
    link: Table | None = None
    overflow: bool = False

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def label(self) -> str:
        """The field's label, for messages."""
        return self.field.label or self.field.name.replace("_", " ").capitalize()

    def store(self, value: Any) -> dict[str, Any]:
        """Return the columns of a value; a blank value blanks them all."""
        if not self.columns:
            return {}
        if value is None:
            return dict.fromkeys(self.columns)
        return dict(zip(self.columns, self.type.store(value, self.field), strict=True))

    def load(self, row: Mapping[Any, Any]) -> Any:
        """Return the value of a row of columns; None when the main column is blank."""
        if self.overflow:
            row = row[OVERFLOW]
        if self.type.simple:
            return row[self.columns[0]]
        stored = tuple(row[column] for column in self.columns)
        return None if all(part is None for part in stored) else self.type.load(stored, self.field)

    def json(self, value: Any) -> Any:
        """Return the value as the API and the history show it."""
        return None if value is None else self.type.to_json(value, self.field)


@dataclass(frozen=True, slots=True)
class EntityWriter:
    """One entity ready to be written: its slots by field name, its table and its prepared statements."""

    entity: Entity
    noun: str
    """What one record is called inside a sentence."""
    nouns: str
    """What several are called inside a sentence."""
    table: Table
    slots: Mapping[str, Slot]
    insert: Prepared
    by_id: Select[Any]
    auto_numbers: tuple[Slot, ...]
    links: tuple[Slot, ...]
    searchable: tuple[Slot, ...]

    @property
    def name(self) -> str:
        """The entity's full name."""
        return self.entity.name

    def load(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the values of a row of the table, system fields included, links left out."""
        values = {name: row[name] for name in SYSTEM_COLUMNS}
        for slot in self.slots.values():
            if slot.columns:
                values[slot.name] = slot.load(row)
        return values


def writer_of(published: Published, entity: str) -> EntityWriter:
    """Return the writer of an entity by its full name."""
    return published.compiled(("writer", entity), lambda: _compile(published, entity))


def writer_for(ctx: Context, entity: str) -> EntityWriter:
    """Return the writer of an entity for the snapshot that the context holds."""
    return writer_of(ctx.published, entity)


def _compile(published: Published, name: str) -> EntityWriter:
    entity = published.snapshot.entity(name)
    stored = published.storage.entity(name).fields
    table = table_of(published, name)
    shared = overflow_names(table)
    slots = {
        field.name: _slot(published, name, field, stored.get(field.name))
        for field in fields_of(published.snapshot, name).values()
        if field.name not in SYSTEM_COLUMNS
    }
    return EntityWriter(
        entity=entity,
        noun=published.snapshot.said(entity.label),
        nouns=published.snapshot.said(entity.plural or entity.label),
        table=table,
        slots=slots,
        insert=Prepared(insert(table).inline(), [name for name in table.columns.keys() if name not in shared]),  # noqa: SIM118
        by_id=whole(table),
        auto_numbers=tuple(slot for slot in slots.values() if slot.field.type == "auto_number"),
        links=tuple(slot for slot in slots.values() if slot.link is not None),
        searchable=tuple(slot for slot in slots.values() if entity.search and slot.field.search),
    )


def _slot(published: Published, entity: str, field: Field, stored: StoredField | None) -> Slot:
    link = link_table_of(published, entity, field.name) if stored is not None and stored.link else None
    columns = tuple(column.name for column in stored.columns) if stored is not None else ()
    overflow = stored is not None and any(column.overflow for column in stored.columns)
    return Slot(field=field, type=field_types[field.type], columns=columns, link=link, overflow=overflow)
