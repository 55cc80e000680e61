"""The audit log: complete, ordered, and any later change shows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from kith_platform.audit import AuditLog, Entry, Filter
from kith_platform.clock import FixedClock
from kith_platform.database import Database


@pytest.fixture
def log(clock: FixedClock) -> AuditLog:
    return AuditLog(clock)


def fill(database: Database, log: AuditLog, count: int) -> None:
    with database.write() as connection:
        for number in range(count):
            log.append(connection, Entry(f"person{number % 2}", "role.grant", f"subject{number}", {"number": number}))


def test_entries_come_back_newest_first(platform_database: Database, log: AuditLog) -> None:
    fill(platform_database, log, 3)
    with platform_database.read() as connection:
        records = log.entries(connection)
        assert [record.sequence for record in records] == [3, 2, 1]
        assert (records[0].actor, records[0].subject, records[0].detail) == ("person0", "subject2", {"number": 2})
        assert log.head(connection) == (3, records[0].hash)
        assert log.verify(connection) is None


def test_entries_are_filtered_and_paged(platform_database: Database, log: AuditLog, clock: FixedClock) -> None:
    fill(platform_database, log, 4)
    clock.advance(hours=1)
    fill(platform_database, log, 2)
    with platform_database.read() as connection:

        def found(wanted: Filter, before: int | None = None, limit: int = 50) -> list[int]:
            return [record.sequence for record in log.entries(connection, wanted, before=before, limit=limit)]

        assert found(Filter(actor="person1")) == [6, 4, 2]
        assert found(Filter(actor="person1"), before=6, limit=1) == [4]
        assert found(Filter(subject="subject3")) == [4]
        assert found(Filter(action="nothing")) == []
        assert found(Filter(since=clock.now())) == [6, 5]
        assert found(Filter(until=clock.now() - timedelta(minutes=1))) == [4, 3, 2, 1]


def test_nothing_is_kept_of_what_was_rolled_back(platform_database: Database, log: AuditLog) -> None:
    with pytest.raises(KeyError), platform_database.write() as connection:
        log.append(connection, Entry("ana", "lost"))
        raise KeyError("stop")
    with platform_database.write() as connection:
        with pytest.raises(KeyError), connection.begin_nested():
            log.append(connection, Entry("ana", "undone"))
            raise KeyError("stop")
        log.append(connection, Entry("ana", "kept"))
    with platform_database.read() as connection:
        assert [record.action for record in log.entries(connection)] == ["kept"]
        assert log.verify(connection) is None


def test_reading_connection_cannot_append(platform_database: Database, log: AuditLog) -> None:
    with platform_database.read() as connection, pytest.raises(RuntimeError):
        log.append(connection, Entry("ana", "sneaked"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE kith_audit SET actor = 'mallory' WHERE sequence = 3",
        "UPDATE kith_audit SET detail = '{}' WHERE sequence = 3",
        "UPDATE kith_audit SET hash = previous_hash WHERE sequence = 3",
        "DELETE FROM kith_audit WHERE sequence = 2",
    ],
)
def test_change_by_hand_names_the_first_bad_row(platform_database: Database, log: AuditLog, change: str) -> None:
    fill(platform_database, log, 5)
    with platform_database.write() as connection:
        connection.execute(text(change))
    with platform_database.read() as connection:
        bad = log.verify(connection)
    assert bad is not None
    assert bad.sequence == 3


def test_writers_at_the_same_moment_make_one_chain(platform_database: Database, log: AuditLog) -> None:
    def write(number: int) -> None:
        with platform_database.write() as connection:
            log.append(connection, Entry(f"person{number}", "save"))
            log.append(connection, Entry(f"person{number}", "save"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with platform_database.read() as connection:
        assert log.head(connection)[0] == 80
        assert log.verify(connection) is None


def test_any_detail_is_kept_so_that_the_chain_holds(platform_database: Database, log: AuditLog) -> None:
    detail = {
        "z": 1.5, "a": Decimal("1.50"), "day": date(2026, 11, 24), "big": 1 << 80, "nul": "a\x00b", "half": "\ud800",
        "e": 1e300, "list": (1, {"b", }), 5: None, "text": "é 😀",
    }  # fmt: skip
    with platform_database.write() as connection:
        log.append(connection, Entry("ana", "odd\x00", "", detail))
    with platform_database.read() as connection:
        record = log.entries(connection)[0]
        assert log.verify(connection) is None
    assert record.detail["a"] == "1.50"
    assert record.detail["big"] == str(1 << 80)
    assert record.detail["5"] is None
