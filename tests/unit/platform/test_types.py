"""Column types hold the same values exactly on both databases, and compare as the values do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, bindparam, func, insert, inspect, select

from kith_platform.database import Database
from kith_platform.database.types import (
    IdText,
    IsoDate,
    IsoTime,
    JsonValue,
    ScaledDecimal,
    UtcDateTime,
    ValueNotStorable,
)

VALUE = Table(
    "value",
    MetaData(),
    Column("id", IdText(), primary_key=True),
    Column("amount", ScaledDecimal(4)),
    Column("at", UtcDateTime()),
    Column("day", IsoDate()),
    Column("clock", IsoTime()),
    Column("data", JsonValue()),
)
LARGE = Decimal("99999999999999.9999")
MOMENT = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def values(database: Database) -> Database:
    with database.write() as connection:
        VALUE.metadata.create_all(connection)
    return database


def store(database: Database, **row: Any) -> None:
    with database.write() as connection:
        connection.execute(insert(VALUE).values(**row))


def read(database: Database, column: str, record_id: str = "1") -> Any:
    with database.read() as connection:
        return connection.scalar(select(VALUE.c[column]).where(VALUE.c.id == record_id))


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("amount", Decimal("12.5"), Decimal("12.5000")),
        ("amount", LARGE, LARGE),
        ("amount", -LARGE, -LARGE),
        ("amount", 7, Decimal("7.0000")),
        ("amount", Decimal("0.00005"), Decimal("0.0000")),
        ("amount", Decimal("0.00015"), Decimal("0.0002")),
        ("at", MOMENT, MOMENT),
        ("at", MOMENT.astimezone(timezone(timedelta(hours=14))), MOMENT),
        ("at", datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)),
        ("at", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("day", date(2026, 11, 24), date(2026, 11, 24)),
        ("day", date(1, 1, 1), date(1, 1, 1)),
        ("clock", time(9, 30), time(9, 30)),
        ("clock", time(23, 59, 59), time(23, 59, 59)),
        ("data", {"a": {"x": "1.50"}, "b": [1, True, None, "é"]}, {"a": {"x": "1.50"}, "b": [1, True, None, "é"]}),
        ("data", [], []),
        ("data", "text", "text"),
        ("data", 0, 0),
        ("data", False, False),
    ],
)
def test_value_comes_back_exactly(values: Database, column: str, value: Any, kept: Any) -> None:
    store(values, id="1", **{column: value})
    found = read(values, column)
    assert found == kept
    assert type(found) is type(kept)
    assert str(found) == str(kept)


@pytest.mark.parametrize("column", ["amount", "at", "day", "clock", "data"])
def test_none_is_null(values: Database, column: str) -> None:
    store(values, id="1", **{column: None})
    with values.read() as connection:
        assert connection.scalar(select(func.count()).where(VALUE.c[column].is_(None))) == 1
    assert read(values, column) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", 1.5),
        ("amount", True),
        ("amount", "12"),
        ("amount", Decimal("NaN")),
        ("amount", Decimal("Infinity")),
        ("amount", Decimal("1e15")),
        ("amount", Decimal("1e400")),
        ("at", datetime(2026, 1, 1)),  # noqa: DTZ001 - what must be refused
        ("at", date(2026, 1, 1)),
        ("day", MOMENT),
        ("day", "2026-11-24"),
        ("clock", time(9, tzinfo=UTC)),
    ],
)
def test_value_of_the_wrong_kind_is_refused(values: Database, column: str, value: Any) -> None:
    with pytest.raises(ValueNotStorable):
        store(values, id="1", **{column: value})


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("amount", Decimal("-3"), Decimal("12.25")),
        ("amount", Decimal("9.5"), Decimal("10")),
        ("at", MOMENT, MOMENT + timedelta(microseconds=1)),
        ("at", MOMENT.replace(microsecond=0), MOMENT),
        ("day", date(999, 1, 1), date(2026, 1, 1)),
        ("clock", time(9), time(10)),
        ("id", "0a", "0b"),
        ("id", "Z", "a"),
    ],
)
def test_comparisons_and_order_follow_the_values(values: Database, column: str, low: Any, high: Any) -> None:
    for number, value in enumerate((high, low)):
        store(values, **{"id": f"{number}", column: value})
    compared = VALUE.c[column]
    with values.read() as connection:
        assert list(connection.scalars(select(compared).order_by(compared))) == [low, high]
        assert list(connection.scalars(select(compared).where(compared > low))) == [high]
        assert list(connection.scalars(select(compared).where(compared == high))) == [high]
        assert list(connection.scalars(select(compared).where(compared.in_([low])))) == [low]
        assert list(connection.scalars(select(compared).where(compared <= bindparam("given")), {"given": low})) == [low]
        assert connection.scalar(select(func.max(compared))) == high


def test_sums_are_exact(values: Database) -> None:
    with values.write() as connection:
        rows = [{"id": f"{number:05}", "amount": Decimal("0.1")} for number in range(10_000)]
        connection.execute(insert(VALUE), rows)
    with values.read() as connection:
        assert connection.scalar(select(func.sum(VALUE.c.amount))) == Decimal("1000.0000")


def test_physical_types(values: Database) -> None:
    with values.read() as connection:
        found = {each["name"]: str(each["type"]) for each in inspect(connection).get_columns("value")}
    if values.dialect_name == "sqlite":
        assert found == {
            "id": "TEXT", "amount": "BIGINT", "at": "TEXT", "day": "TEXT", "clock": "TEXT", "data": "TEXT",
        }  # fmt: skip
    else:
        assert found == {
            "id": 'TEXT COLLATE "C"', "amount": "NUMERIC(38, 4)", "at": "TIMESTAMP", "day": "DATE",
            "clock": 'TEXT COLLATE "C"', "data": "JSONB",
        }  # fmt: skip


def test_sqlite_texts_of_instants_have_one_shape(values: Database) -> None:
    if values.dialect_name != "sqlite":
        return
    store(values, id="1", at=MOMENT.replace(microsecond=0))
    with values.read() as connection:
        assert connection.exec_driver_sql("SELECT at FROM value").scalar() == "2026-11-24T09:00:00.000000Z"
