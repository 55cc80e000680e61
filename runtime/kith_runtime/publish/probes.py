"""Looks at the data for what a new unique key would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    cast,
    func,
    select,
)

from kith_runtime.publish.operations.base import EXAMPLES, count_of
from kith_runtime.publish.operations.index import MakeIndex
from kith_runtime.tables import make_table
from kith_runtime.tables.folding import folded
from kith_runtime.tables.indexes import MOST_UNIQUE_BYTES


def duplicates(connection: Connection, present: frozenset[str], item: MakeIndex) -> Iterator[str]:
    """Yield a sentence that lists values which live records share, when the key is to be unique.

    A key over columns that are only filled by this publish is checked when its index is made.
    """
    parts = item.definition.columns
    if not {part.column for part in parts} <= present:
        return
    table = make_table(item.stored, MetaData())
    keys = [folded(table.c[part.column]) if part.fold == "folded" else table.c[part.column] for part in parts]
    filled = [table.c[part.column].is_not(None) for part in parts]
    query = (
        select(func.count().label("records"), *[func.min(_comparable(table.c[part.column])) for part in parts])
        .where(table.c.deleted_at.is_(None), *filled)
        .group_by(*keys)
        .having(func.count() > 1)
    )
    shared = query.subquery()
    values, records = connection.execute(select(func.count(), func.sum(shared.c.records)).select_from(shared)).one()
    if not values:
        return
    rows = connection.execute(query.order_by(func.count().desc(), *keys).limit(EXAMPLES)).all()
    shown = ", ".join(f"{' / '.join(str(part) for part in row[1:])} ({row[0]:,} records)" for row in rows)
    names = " and ".join(part.column for part in parts)
    more = f" and {values - len(rows):,} more" if values > len(rows) else ""
    yield (
        f"{item.subject}: {names} is to be unique, but {count_of(values, 'value')} would stand in {int(records):,}"
        f" records: {shown}{more}."
    )


def too_long(connection: Connection, present: frozenset[str], item: MakeIndex) -> Iterator[str]:
    """Yield a sentence that lists live records whose texts are longer than a unique key can hold."""
    table = make_table(item.stored, MetaData())
    columns = [table.c[part.column] for part in item.definition.columns if part.column in present]
    texts = [column for column in columns if isinstance(column.type, Text)]
    if not texts:
        return
    size = reduce(add, [func.coalesce(_bytes(connection, column), 0) for column in texts])
    held = select(table.c.id, size.label("size")).where(table.c.deleted_at.is_(None), size > MOST_UNIQUE_BYTES)
    records: int = connection.execute(select(func.count()).select_from(held.subquery())).scalar_one()
    if not records:
        return
    rows = connection.execute(held.order_by(size.desc(), table.c.id).limit(EXAMPLES)).all()
    shown = ", ".join(f"{row.id} ({row.size:,} bytes)" for row in rows)
    names = " and ".join(column.name for column in columns)
    more = f" and {records - len(rows):,} more" if records > len(rows) else ""
    yield (
        f"{item.subject}: {names} is to be unique, and a unique text has at most {MOST_UNIQUE_BYTES:,} bytes, but"
        f" {count_of(records, 'record')} would have more: {shown}{more}. Shorten these first."
    )


def _bytes(connection: Connection, column: ColumnElement[str]) -> ColumnElement[int]:
    if connection.dialect.name == "sqlite":
        return func.length(cast(column, LargeBinary), type_=Integer())
    return func.octet_length(column, type_=Integer())


def _comparable(column: Column[Any]) -> ColumnElement[Any]:
    """PostgreSQL knows no smallest of truth values."""
    return cast(column, Text) if isinstance(column.type, Boolean) else column
