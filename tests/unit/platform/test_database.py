"""Transactions, retries and errors of the database, on both engines."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from kith_platform.database import Database, Limits, on_commit, open_database
from kith_platform.errors import DatabaseBusy, Misconfigured

METADATA = MetaData()
ITEM = Table("item", METADATA, Column("id", Text, primary_key=True), Column("number", Integer))


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as connection:
        METADATA.create_all(connection)
        connection.execute(insert(ITEM).values(id="a", number=1))
    return database


@pytest.fixture
def impatient(filled: Database, database_url: str) -> Iterator[Database]:
    opened = open_database(database_url, pool_size=2, limits=Limits(lock=0.3, pool=0.2))
    yield opened
    opened.dispose()


def number_of(database: Database, item: str = "a") -> int | None:
    with database.read() as connection:
        return connection.scalar(select(ITEM.c.number).where(ITEM.c.id == item))


def test_write_commits_at_the_end(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute(update(ITEM).values(number=2))
        assert number_of(filled) == 1
    assert number_of(filled) == 2


def test_write_rolls_back_rows_and_tables_on_any_exception(filled: Database) -> None:
    other = Table("other", MetaData(), Column("id", Text, primary_key=True))
    with pytest.raises(KeyError), filled.write() as connection:
        connection.execute(update(ITEM).values(number=2))
        other.create(connection)
        raise KeyError("stop")
    assert number_of(filled) == 1
    with filled.read() as connection:
        assert inspect(connection).get_table_names() == ["item"]


def test_read_sees_one_state_while_others_write(filled: Database) -> None:
    with filled.read() as connection:
        first = connection.scalar(select(ITEM.c.number))
        with filled.write() as writer:
            writer.execute(update(ITEM).values(number=9))
        assert connection.scalar(select(ITEM.c.number)) == first == 1
    assert number_of(filled) == 9


def test_read_refuses_to_change_anything(filled: Database) -> None:
    with pytest.raises(DBAPIError), filled.read() as connection:
        connection.execute(update(ITEM).values(number=2))
    with pytest.raises(DBAPIError), filled.read() as connection:
        connection.execute(text("CREATE TABLE sneaked (id TEXT)"))
    assert number_of(filled) == 1


def test_savepoint_undoes_only_its_part(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute(insert(ITEM).values(id="b", number=2))
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(ITEM).values(id="b", number=3))
        connection.execute(insert(ITEM).values(id="c", number=4))
    assert (number_of(filled, "b"), number_of(filled, "c")) == (2, 4)


def test_after_commit_callbacks_run_in_order_and_only_after_commit(filled: Database) -> None:
    seen: list[str] = []
    with filled.write() as connection:
        on_commit(connection, lambda: seen.append(f"first sees {number_of(filled)}"))
        on_commit(connection, lambda: seen.append("second"))
        connection.execute(update(ITEM).values(number=5))
        assert seen == []
    assert seen == ["first sees 5", "second"]


def test_after_commit_callbacks_are_dropped_on_rollback(filled: Database) -> None:
    seen: list[str] = []
    with pytest.raises(KeyError), filled.write() as connection:
        on_commit(connection, lambda: seen.append("never"))
        raise KeyError("stop")
    with filled.write():
        pass
    assert seen == []


def test_after_commit_callback_that_fails_does_not_stop_the_others(filled: Database) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), filled.write() as connection:
        on_commit(connection, fail)
        on_commit(connection, lambda: seen.append("ran"))
        connection.execute(update(ITEM).values(number=6))
    assert seen == ["ran"]
    assert number_of(filled) == 6


def test_on_commit_needs_a_writing_connection(filled: Database) -> None:
    with filled.read() as connection, pytest.raises(RuntimeError, match="only reads"):
        on_commit(connection, lambda: None)


def test_concurrent_writers_lose_nothing(filled: Database) -> None:
    def add(_: int) -> None:
        with filled.write() as connection:
            connection.execute(update(ITEM).values(number=ITEM.c.number + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    assert number_of(filled) == 81


def test_lock_held_by_another_ends_as_busy_and_leaves_the_database_usable(
    filled: Database, impatient: Database
) -> None:
    with filled.write() as holder:
        holder.execute(update(ITEM).values(number=2))
        with pytest.raises(DatabaseBusy) as caught, impatient.write() as connection:
            connection.execute(update(ITEM).values(number=3))
    assert caught.value.status == 503
    assert number_of(impatient) == 2
    with impatient.write() as connection:
        connection.execute(update(ITEM).values(number=3))
    assert number_of(filled) == 3


def test_write_accepts_a_patience_of_its_own(filled: Database) -> None:
    done = threading.Event()
    held = threading.Event()

    def hold() -> None:
        with filled.write() as connection:
            connection.execute(update(ITEM).values(number=2))
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        with pytest.raises(DatabaseBusy), filled.write(lock_timeout=0.05, statement_timeout=5) as connection:
            connection.execute(update(ITEM).values(number=3))
    finally:
        done.set()
        thread.join()
    assert number_of(filled) == 2


def test_all_connections_in_use_ends_as_busy(filled: Database, impatient: Database) -> None:
    with impatient.read() as first, impatient.read() as second:
        first.execute(select(ITEM))
        second.execute(select(ITEM))
        with pytest.raises(DatabaseBusy) as caught, impatient.read():
            pass
    assert caught.value.code == "no_connection"
    assert number_of(impatient) == 1


def test_what_is_in_use_while_the_database_is_closed_is_closed_when_it_is_given_back(database: Database) -> None:
    held = []
    for way in (database.read, database.write):
        with way() as connection:
            connection.execute(select(1))
            held.append(connection.connection.dbapi_connection)
            database.dispose()
    for raw in held:
        with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
            raw.execute("SELECT 1")


def test_sessions_speak_utc(database: Database) -> None:
    if database.dialect_name == "postgresql":
        with database.read() as connection:
            assert connection.scalar(text("SHOW timezone")) == "UTC"
    else:
        with database.write() as connection:
            pragmas = [
                connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert pragmas == ["wal", 2, 1]


def test_connection_setup_reaches_readers_and_writers(database_url: str) -> None:
    seen: list[object] = []
    opened = open_database(database_url, connection_setup=[seen.append])
    with opened.write() as connection:
        connection.execute(text("SELECT 1"))
    with opened.read() as connection:
        assert connection.scalar(select(func.count()).select_from(text("(SELECT 1) AS one"))) == 1
    opened.dispose()
    assert seen


def test_postgresql_deadlock_ends_as_busy_for_one_and_succeeds_for_the_other(filled: Database) -> None:
    if filled.dialect_name == "sqlite":
        with filled.write(), pytest.raises(RuntimeError, match="inside write"), filled.write():
            pass
        return
    with filled.write() as connection:
        connection.execute(insert(ITEM).values(id="b", number=1))
    barrier = threading.Barrier(2)

    def cross(first: str, second: str) -> str:
        try:
            with filled.write() as connection:
                connection.execute(update(ITEM).where(ITEM.c.id == first).values(number=7))
                barrier.wait(10)
                connection.execute(update(ITEM).where(ITEM.c.id == second).values(number=7))
        except DatabaseBusy as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(cross, "ab", "ba"))
    assert results == ["deadlock", "saved"]


def test_postgresql_reader_and_writer_begin_again_after_their_connections_were_cut(filled: Database) -> None:
    if filled.dialect_name == "sqlite":
        filled.dispose()
        assert number_of(filled) == 1
        return
    with filled.read(), filled.read():
        pass
    with filled.write() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert number_of(filled) == 1
    with filled.write() as connection:
        connection.execute(update(ITEM).values(number=4))
    assert number_of(filled) == 4


def test_postgresql_connection_cut_inside_a_transaction_is_told(filled: Database) -> None:
    if filled.dialect_name == "sqlite":
        return
    with pytest.raises(DatabaseBusy) as caught, filled.write() as connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        with filled.write() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        connection.execute(update(ITEM).values(number=4))
    assert caught.value.code in {"database_lost", "database_away"}
    assert number_of(filled) == 1


def test_server_that_is_away_ends_as_busy() -> None:
    opened = open_database("postgresql://nobody@127.0.0.1:1/none", limits=Limits(lock=0.1))
    with pytest.raises(DatabaseBusy) as caught, opened.read():
        pass
    assert caught.value.code == "database_away"


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        open_database(url)
    assert "sqlite:///" in caught.value.hint


def test_sqlite_makes_the_folder_of_its_file(tmp_path: Path) -> None:
    opened = open_database(f"sqlite:///{tmp_path}/new/deep/kith.db")
    with opened.write() as connection:
        METADATA.create_all(connection)
    opened.dispose()
    assert (tmp_path / "new" / "deep" / "kith.db").exists()
