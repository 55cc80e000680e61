"""Looks at the data for what a new unique key would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Connection, MetaData, Text, cast, func, select

from kith_runtime.publish.operations.base import EXAMPLES, count_of
from kith_runtime.publish.operations.index import MakeIndex
from kith_runtime.tables import make_table
from kith_runtime.tables.folding import folded


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


def _comparable(column: Column[Any]) -> ColumnElement[Any]:
    """PostgreSQL knows no smallest of truth values."""
    return cast(column, Text) if isinstance(column.type, Boolean) else column
