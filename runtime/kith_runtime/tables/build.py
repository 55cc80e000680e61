"""SQLAlchemy tables of a published snapshot, each built when it is first asked for."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, Table

from kith_runtime.published import Published
from kith_runtime.storage import StoredEntity
from kith_runtime.tables.overflow import columns_of
from kith_runtime.tables.physical import link_columns, system_columns


def table_of(published: Published, entity: str) -> Table:
    """Return the table of an entity by its full name, with all columns in use and without those set aside.

    Raises KeyError when the entity is not stored.
    """
    return published.compiled(("table", entity), lambda: make_table(published.storage.entity(entity), MetaData()))


def link_table_of(published: Published, entity: str, field: str) -> Table:
    """Return the link table of a many-to-many lookup. Raises KeyError when the field has none."""
    return published.compiled(("link_table", entity, field), lambda: _link_table(published, entity, field))


def make_table(stored: StoredEntity, metadata: MetaData, *, aside: bool = False) -> Table:
    """Return a new table of stored fields on ``metadata``; with ``aside`` also the columns that were set aside."""
    kept = [*stored.fields.values(), *(stored.aside.values() if aside else ())]
    columns = columns_of(column for field in kept for column in field.columns)
    return Table(stored.table, metadata, *system_columns(), *columns)


def make_link_table(name: str, metadata: MetaData) -> Table:
    """Return a new link table; its second index finds the records that point to a target."""
    table = Table(name, metadata, *link_columns())
    Index(f"ix_{name}_target", table.c.target_id, table.c.record_id)
    return table


def _link_table(published: Published, entity: str, field: str) -> Table:
    stored = published.storage.entity(entity).fields[field]
    if not stored.link:
        raise KeyError(f"{entity}.{field} has no link table: it is not a many-to-many lookup.")
    return make_link_table(stored.link, MetaData())
