"""The system tables are made once, versioned, and never run under an older program."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, text

from kith_platform.database import Database
from kith_platform.database.system import SystemPart, prepare_system_tables, system_tables_are_ready
from kith_platform.errors import Misconfigured


def part(version: int, upgrades: dict[int, str] | None = None) -> SystemPart:
    tables = MetaData()
    Table("kith_thing", tables, Column("id", Text, primary_key=True))

    def step(statement: str) -> object:
        def run(connection: Connection) -> None:
            connection.execute(text(statement))

        return run

    return SystemPart("things", version, tables, {n: step(sql) for n, sql in (upgrades or {}).items()})  # type: ignore[misc]


def test_tables_are_made_once_and_all_are_prefixed(database: Database) -> None:
    with database.read() as connection:
        assert not system_tables_are_ready(connection)
    for _ in range(2):
        with database.write() as connection:
            prepare_system_tables(connection, [part(1)])
    with database.read() as connection:
        assert system_tables_are_ready(connection, [part(1)])
        names = set(inspect(connection).get_table_names())
    assert {"kith_session", "kith_audit", "kith_file", "kith_thing", "kith_schema"} <= names
    assert all(name.startswith("kith_") for name in names)


def test_older_database_is_brought_up_to_date_step_by_step(database: Database) -> None:
    with database.write() as connection:
        prepare_system_tables(connection, [part(1)])
    newer = part(3, {2: "ALTER TABLE kith_thing ADD COLUMN a TEXT", 3: "ALTER TABLE kith_thing ADD COLUMN b TEXT"})
    with database.write() as connection:
        assert not system_tables_are_ready(connection, [newer])
        prepare_system_tables(connection, [newer])
    with database.read() as connection:
        assert [each["name"] for each in inspect(connection).get_columns("kith_thing")] == ["id", "a", "b"]
        assert system_tables_are_ready(connection, [newer])


def test_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.write() as connection:
        prepare_system_tables(connection, [part(2)])
    with pytest.raises(Misconfigured, match="newer Kith"), database.write() as connection:
        prepare_system_tables(connection, [part(1)])
