"""The SQL of times and moments. PostgreSQL holds times as texts, like SQLite: 09:30:00 or 09:30:00.250000."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.types import Type
from kith_runtime.queries import expression_sql_calendar as calendar
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    joined,
    known_before,
)
from kith_runtime.queries.expression_sql_numbers import plain
from kith_runtime.queries.expression_sql_values import Sql, certain

_MOMENT = sa.DateTime(timezone=True)
_UTC = sa.literal("UTC", sa.Text())


def _moment(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    midnight = sa.cast(arguments[0].element, sa.DateTime())
    return joined(arguments, sa.func.timezone(_UTC, midnight, type_=_MOMENT), result)


def _local(around: Surroundings, moment: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """Return a moment on the person's clock, and whether it lies outside the years 1 to 9999 there."""
    local = sa.func.timezone(sa.literal(around.time_zone, sa.Text()), moment, type_=sa.DateTime())
    inside = sa.cast(local, sa.Date()).between(sa.literal(date.min, sa.Date()), sa.literal(date.max, sa.Date()))
    return local, certain(sa.not_(inside))


def _passed(around: Surroundings, value: Sql) -> tuple[ColumnElement[Any], ColumnElement[bool] | None]:
    """Return the microseconds since midnight of a time or moment, and when that is an error value."""
    if value.type.kind != "datetime":
        return calendar.time_microseconds(value.element), None
    local, outside = _local(around, value.element)
    return calendar.time_microseconds(sa.cast(sa.cast(local, sa.Time()), sa.Text())), outside


def _time_of(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    passed, outside = _passed(around, arguments[0])
    element = calendar.time_text(passed)
    return joined(
        arguments, element if outside is None else sa.case((outside, sa.null()), else_=element), result, outside
    )


def _part(unit: int, modulus: int) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        passed, outside = _passed(around, arguments[0])
        whole = sa.func.floor(passed / calendar.number(unit), type_=sa.Numeric())
        number = sa.cast(sa.func.mod(whole, calendar.number(modulus), type_=sa.Numeric()), sa.Integer())
        return joined(
            arguments, number if outside is None else sa.case((outside, sa.null()), else_=number), result, outside
        )

    return write


def _unix_time(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    (value,) = arguments
    if value.type.kind == "time":
        passed = calendar.time_microseconds(value.element)
    elif value.type.kind == "date":
        days = calendar.days_apart(value.element, sa.literal(datetime(1970, 1, 1, tzinfo=UTC).date(), sa.Date()))
        passed = sa.cast(days, sa.Numeric()) * calendar.number(86_400_000_000)
    else:
        passed = calendar.microseconds(value.element)
    return joined(arguments, sa.func.floor(passed / calendar.number(1_000_000), type_=sa.Numeric()), result)


def _from_unix_time(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    seconds = plain(arguments[0], around.dialect).element
    passed = sa.func.round(seconds * calendar.number(1_000_000), 0, type_=sa.Numeric())
    element, outside = calendar.moment_after(passed)
    return joined(arguments, element, result, outside)


SQL_FAMILIES.register("clock")(
    SqlFamily(
        {
            "moment": choose("moment", _moment),
            "time": known_before("time"),
            "time_of": choose("time_of", _time_of),
            "time_now": known_before("time_now"),
            "hour": choose("hour", _part(3_600_000_000, 24)),
            "minute": choose("minute", _part(60_000_000, 60)),
            "second": choose("second", _part(1_000_000, 60)),
            "millisecond": choose("millisecond", _part(1_000, 1_000)),
            "unix_time": choose("unix_time", _unix_time),
            "from_unix_time": choose("from_unix_time", _from_unix_time),
        }
    )
)
