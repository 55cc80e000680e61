"""Fill tables behind the door: rows are copied inside the database, and indexes are built once all rows stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Interval,
    Table,
    Text,
    and_,
    func,
    insert,
    literal,
    select,
    text,
    type_coerce,
)

from kith_runtime.context import Context
from kith_runtime.records.store import HISTORY
from kith_runtime.tables import table_of

MOST_COPIES = 240
"""Copies of a table that can be told apart by the first signs of their ids."""

_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
_MADE = "06"
"""How every id begins that is made from 2022 to 2030; those of copies begin with what comes after it."""

_INDEXES = {
    "sqlite": text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql <> ''"),
    "postgresql": text(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :name AND schemaname = current_schema() AND NOT "
        "EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
    ),
}
_ROOM = {
    "sqlite": ("PRAGMA cache_size = -1000000",),
    "postgresql": ("SET LOCAL maintenance_work_mem = '1GB'", "SET LOCAL statement_timeout = 0"),
}


@contextmanager
def without_indexes(connection: Connection, tables: Iterable[str]) -> Iterator[None]:
    """Take the indexes of some tables away, keys left out, and build them again at the end."""
    dialect = connection.dialect.name
    for statement in _ROOM[dialect]:
        connection.exec_driver_sql(statement)
    found = [index for name in tables for index in connection.execute(_INDEXES[dialect], {"name": name}).all()]
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, definition in found:
        connection.exec_driver_sql(definition)


def copy_rows(ctx: Context, entity: str, minutes: int, copies: int, own: Mapping[str, str] | None = None) -> None:
    """Write the rows of an entity so many times more, under ids of their own and later by so many minutes each time.

    ``own`` maps columns to what stands between their text and the number of the copy.
    """
    table = table_of(ctx.published, entity)
    made = table.alias("made")
    for number in range(1, copies + 1):
        changed = {
            "id": _copied_id(made.c.id, number),
            "created_at": _later(ctx, made.c.created_at, number * minutes),
            "updated_at": _later(ctx, made.c.updated_at, number * minutes),
            **{name: made.c[name].op("||")(f"{between}{number}") for name, between in (own or {}).items()},
        }
        _copy(ctx.connection, table, made, made.c.id, changed)


def copy_links(ctx: Context, links: Table, copies: int) -> None:
    """Write the links of an entity for its copies too."""
    made = links.alias("made")
    for number in range(1, copies + 1):
        _copy(ctx.connection, links, made, made.c.record_id, {"record_id": _copied_id(made.c.record_id, number)})


def write_history(ctx: Context, entity: str, like: str) -> None:
    """Write for each record of an entity that it was made, as the history tells it of the record ``like``."""
    table, told = table_of(ctx.published, entity), HISTORY.alias("told")
    own = {"record_id": table.c.id, "at": table.c.created_at}
    names = [column.name for column in HISTORY.columns if column.name != "seq"]
    one = and_(told.c.entity == entity, told.c.record_id == like, told.c.action == "create")
    rows = select(*[own.get(name, told.c[name]) for name in names]).select_from(table.join(told, one))
    rows = rows.where(table.c.id != like)
    ctx.connection.execute(insert(HISTORY).from_select(names, rows))


def _copy(
    connection: Connection,
    table: Table,
    made: FromClause,
    key: ColumnElement[str],
    own: Mapping[str, ColumnElement[Any]],
) -> None:
    names = [column.name for column in table.columns]
    rows = select(*[own.get(name, made.c[name]) for name in names]).where(func.substr(key, 1, len(_MADE)) == _MADE)
    connection.execute(insert(table).from_select(names, rows))


def _copied_id(key: ColumnElement[str], number: int) -> ColumnElement[str]:
    if number > MOST_COPIES:
        raise SystemExit(f"At most {MOST_COPIES} copies can be made, not {number}.")
    high, low = divmod(_SIGNS.index(_MADE[1]) + number, len(_SIGNS))
    return literal(_SIGNS[high] + _SIGNS[low]).op("||")(func.substr(key, len(_MADE) + 1))


def _later(ctx: Context, moment: ColumnElement[Any], minutes: int) -> ColumnElement[Any]:
    if ctx.database.dialect_name == "postgresql":
        return moment + literal(timedelta(minutes=minutes), Interval())
    return func.strftime("%Y-%m-%dT%H:%M:%f000Z", type_coerce(moment, Text), f"+{minutes} minutes")
