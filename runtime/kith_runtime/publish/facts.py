"""What the database says about the tables that a publish touches: indexes, column counts, numbers of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, MetaData, Table, Text, bindparam, func, select, text

from kith_runtime.storage import StoredColumn
from kith_runtime.tables.overflow import columns_of

COLUMN_LIMITS: Mapping[str, int] = {"sqlite": 2000, "postgresql": 1600}
"""The columns that a table can have; those that were dropped count on PostgreSQL."""

MOST_COUNTED = 1_000_000
"""Records are counted up to here; more than that is all that a person needs to know."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about existing tables, by table name; ``broken`` are indexes that were never finished."""

    indexes: Mapping[str, frozenset[str]]
    broken: frozenset[str]
    columns: Mapping[str, int]


_PG_INDEXES = text(
    "SELECT t.relname, i.relname, x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " JOIN pg_class t ON t.oid = x.indrelid WHERE t.relnamespace = current_schema()::regnamespace"
    " AND t.relname = ANY(:tables)"
)
_PG_COLUMNS = text(
    "SELECT t.relname, max(a.attnum) FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid"
    " WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(:tables) GROUP BY t.relname"
)
_SQLITE_INDEXES = text(
    "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND tbl_name IN :tables"
).bindparams(bindparam("tables", expanding=True))
_SQLITE_COLUMNS = text("SELECT count(*) FROM pragma_table_info(:name)")


def gather(connection: Connection, tables: Iterable[str]) -> Facts:
    """Read the facts of some tables; those that do not exist yet are left out."""
    names = sorted(set(tables))
    if connection.dialect.name == "postgresql":
        return _gather_postgresql(connection, names)
    indexes: dict[str, set[str]] = {}
    for start in range(0, len(names), 500):
        for table, name in connection.execute(_SQLITE_INDEXES, {"tables": names[start : start + 500]}):
            indexes.setdefault(table, set()).add(name)
    columns = {name: connection.execute(_SQLITE_COLUMNS, {"name": name}).scalar_one() for name in names}
    return Facts({name: frozenset(found) for name, found in indexes.items()}, frozenset(), columns)


def _gather_postgresql(connection: Connection, names: list[str]) -> Facts:
    indexes: dict[str, set[str]] = {}
    broken: set[str] = set()
    for table, name, valid in connection.execute(_PG_INDEXES, {"tables": names}):
        indexes.setdefault(table, set()).add(name)
        if not valid:
            broken.add(name)
    columns = {row[0]: row[1] for row in connection.execute(_PG_COLUMNS, {"tables": names})}
    return Facts({name: frozenset(found) for name, found in indexes.items()}, frozenset(broken), columns)


def count_rows(
    connection: Connection,
    table: str,
    *,
    filled: StoredColumn | None = None,
    blank: StoredColumn | None = None,
    live: bool = False,
) -> int:
    """Count the records of a table, up to a million; only those that have, or lack, a column when one is given."""
    asked = [column for column in (filled, blank) if column is not None]
    built = Table(table, MetaData(), Column("deleted_at", Text), *columns_of(asked))
    query = select(built.c.deleted_at).limit(MOST_COUNTED)
    if filled is not None:
        query = query.where(built.c[filled.name].is_not(None))
    if blank is not None:
        query = query.where(built.c[blank.name].is_(None))
    if live:
        query = query.where(built.c.deleted_at.is_(None))
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
