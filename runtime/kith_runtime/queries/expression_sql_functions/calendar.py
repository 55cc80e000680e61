"""The SQL of the calendar."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_calendar import days_later, month_length
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    clamped,
    joined,
)
from kith_runtime.queries.expression_sql_values import Sql, certain


def _made_date(
    year: ColumnElement[int], month: ColumnElement[int], day: ColumnElement[int]
) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """Return the date of three integers of PostgreSQL, NULL where there is none, and whether there is one."""
    one, inside = sa.literal(1, sa.Integer()), sa.and_(year.between(1, 9999), month.between(1, 12))
    # Whatever is outside is not looked at, but must not make the query fail.
    safe_year, safe_month = sa.case((inside, year), else_=one), sa.case((inside, month), else_=one)
    first = sa.func.make_date(safe_year, safe_month, one, type_=sa.Date())
    exists = sa.and_(inside, day >= one, day <= sa.cast(month_length(first), sa.Integer()))
    return sa.case((exists, days_later(first, day - one)), else_=sa.null()), exists


def _date(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    year, month, day = (clamped(argument, -1, 100_000) for argument in arguments)
    element, exists = _made_date(year, month, day)
    given = sa.and_(*[argument.element.is_not(None) for argument in arguments])
    return joined(arguments, element, result, certain(sa.and_(given, sa.not_(exists))))


def _extracted(part: str, add: int = 0) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        number = sa.cast(sa.extract(part, arguments[0].element), sa.Integer())
        return joined(arguments, number + sa.literal(add, sa.Integer()) if add else number, result)

    return write


def _start(period: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        return joined(arguments, _beginning(period, arguments[0].element), result)

    return write


def _beginning(period: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    moment = sa.cast(day, sa.DateTime())
    return sa.cast(sa.func.date_trunc(sa.literal(period, sa.Text()), moment, type_=sa.DateTime()), sa.Date())


def _end_of_month(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    day = arguments[0].element
    last = sa.cast(month_length(day), sa.Integer()) - sa.literal(1, sa.Integer())
    return joined(arguments, days_later(_beginning("month", day), last), result)


SQL_FAMILIES.register("calendar")(
    SqlFamily(
        {
            "date": choose("date", _date),
            "weekday": choose("weekday", _extracted("dow", 1)),
            "iso_week": choose("iso_week", _extracted("week")),
            "iso_year": choose("iso_year", _extracted("isoyear")),
            "day_of_year": choose("day_of_year", _extracted("doy")),
            "start_of_week": choose("start_of_week", _start("week")),
            "start_of_month": choose("start_of_month", _start("month")),
            "end_of_month": choose("end_of_month", _end_of_month),
            "start_of_quarter": choose("start_of_quarter", _start("quarter")),
            "start_of_year": choose("start_of_year", _start("year")),
        }
    )
)
