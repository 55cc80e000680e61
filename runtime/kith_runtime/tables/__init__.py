"""From the storage map to SQLAlchemy tables, physical types and indexes; nothing here reads or writes a row."""

from __future__ import annotations

from kith_runtime.tables.build import link_table_of, make_link_table, make_table, table_of
from kith_runtime.tables.indexes import IndexColumn, IndexDefinition, can_be_built, indexes_of, sql_index
from kith_runtime.tables.physical import column_type, system_columns

__all__ = [
    "IndexColumn",
    "IndexDefinition",
    "can_be_built",
    "column_type",
    "indexes_of",
    "link_table_of",
    "make_link_table",
    "make_table",
    "sql_index",
    "system_columns",
    "table_of",
]
