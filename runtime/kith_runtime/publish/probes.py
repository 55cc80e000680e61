"""Looks at the data for what a new unique key would refuse."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, func, select

from kith_runtime.publish.operations.base import EXAMPLES
from kith_runtime.publish.operations.index import MakeIndex
from kith_runtime.tables import make_table


def duplicates(connection: Connection, present: frozenset[str], item: MakeIndex) -> Iterator[str]:
    """Yield a sentence that lists values which live records share, when the key is to be unique.

    A key over columns that are only filled by this publish is checked when its index is made.
    """
    parts = item.definition.columns
    if not {part.column for part in parts} <= present:
        return
    table = make_table(item.stored, MetaData())
    keys = [func.lower(table.c[part.column]) if part.fold == "lower" else table.c[part.column] for part in parts]
    filled = [table.c[part.column].is_not(None) for part in parts]
    query = (
        select(func.count(), *[func.min(table.c[part.column]) for part in parts])
        .where(table.c.deleted_at.is_(None), *filled)
        .group_by(*keys)
        .having(func.count() > 1)
        .limit(EXAMPLES + 1)
    )
    rows = connection.execute(query).all()
    if not rows:
        return
    shown = ", ".join(f"{' / '.join(str(part) for part in row[1:])} ({row[0]:,} records)" for row in rows[:EXAMPLES])
    names = " and ".join(part.column for part in parts)
    more = " and more" if len(rows) > EXAMPLES else ""
    yield f"{item.subject}: {names} is to be unique, but records share values: {shown}{more}."
