"""Prepared statements give what SQLAlchemy gives: values, rows, errors and transactions, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from kith_platform.database import Database
from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText, IsoDate, JsonValue, ScaledDecimal, UtcDateTime

THING = Table(
    "thing",
    MetaData(),
    # The large kind is no row id on SQLite.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", IdText(), nullable=False, unique=True),
    Column("class", Text),
    Column("amount", ScaledDecimal(4)),
    Column("at", UtcDateTime()),
    Column("day", IsoDate()),
    Column("data", JsonValue()),
    Column("done", Boolean),
)
COLUMNS = [column.name for column in THING.c if column.name != "seq"]
ADD = Prepared(insert(THING).inline(), COLUMNS)
ADD_TELLING = Prepared(insert(THING).returning(THING.c.seq), COLUMNS)
ROW: dict[str, Any] = {
    "id": "a",
    "class": "100 % 'sure'",
    "amount": Decimal("12.5000"),
    "at": datetime(2026, 11, 24, 9, 0, 0, 5, tzinfo=UTC),
    "day": date(2026, 11, 24),
    "data": {"a": [1, None, "é"]},
    "done": True,
}
BLANK: dict[str, Any] = {**dict.fromkeys(COLUMNS), "id": "b"}


@pytest.fixture
def things(database: Database) -> Database:
    with database.write() as connection:
        THING.metadata.create_all(connection)
    return database


def test_what_is_written_is_read(things: Database) -> None:
    one = Prepared(select(THING).where(THING.c.id == bindparam("wanted"), THING.c.amount < Decimal("100")))
    every = Prepared(select(THING.c.id, THING.c["class"], THING.c.done).order_by(THING.c.id))
    with things.write() as connection:
        ADD.execute(connection, {**ROW, "nobody": "asks for this"})
        ADD.execute_all(connection, [BLANK, {**BLANK, "id": "c", "done": False}])

        (found,) = one.mappings(connection, {"wanted": "a"})
        plain = connection.execute(select(THING).where(THING.c.id == "a")).mappings().one()
        assert found == dict(plain)
        assert found == {**ROW, "seq": found["seq"]}
        assert [(row.id, row.done) for row in every.rows(connection, {})] == [("a", True), ("b", None), ("c", False)]
        assert one.first(connection, {"wanted": "gone"}) is None


def test_an_insert_tells_its_number_and_an_update_its_row(things: Database) -> None:
    changing = update(THING).where(THING.c.id == bindparam("wanted"))
    raised = Prepared(changing.values(seq=THING.c.seq + 10, day=bindparam("on")).returning(THING.c.seq, THING.c.day))
    with things.write() as connection:
        numbers = [ADD_TELLING.rows(connection, row)[0].seq for row in (ROW, BLANK)]
        assert numbers[1] > numbers[0]
        row = raised.first(connection, {"wanted": "a", "on": date(2026, 12, 1)})
        assert row is not None
        assert (row.seq, row.day) == (numbers[0] + 10, date(2026, 12, 1))


def test_errors_are_those_of_sqlalchemy_and_undo_the_transaction(things: Database) -> None:
    with pytest.raises(IntegrityError) as refused, things.write() as connection:
        ADD.execute(connection, ROW)
        ADD.execute(connection, ROW)

    assert "id" in str(refused.value.orig)
    with things.read() as connection:
        assert Prepared(select(THING.c.id)).rows(connection, {}) == []


def test_every_bind_must_be_given(things: Database) -> None:
    with pytest.raises(KeyError), things.write() as connection:
        ADD.execute(connection, {"id": "a"})
