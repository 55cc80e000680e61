"""PostgreSQL's calendar, kept within the years 1 to 9999 so that no row can make a whole query fail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.calendar_rules import DAY_SECONDS, DURATION_LIMIT
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import Surroundings, Write, joined
from kith_runtime.queries.expression_sql_numbers import plain
from kith_runtime.queries.expression_sql_values import Sql, certain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)
_DAY = DAY_SECONDS * 1_000_000
_HOUR = 3_600_000_000
_EARLIEST = (_FIRST - _EPOCH.date()).days * _DAY
_LATEST = ((_LAST - _EPOCH.date()).days + 1) * _DAY - 1
_MOMENT = sa.DateTime(timezone=True)


def number(value: int) -> ColumnElement[Any]:
    """Return a bind that PostgreSQL reads as NUMERIC."""
    return sa.literal(value, sa.Numeric())


def bounded(element: ColumnElement[Any], result: Type, error: ColumnElement[bool] | None) -> Sql:
    """Return a duration in microseconds, an error value where it is too long."""
    too_long = sa.func.abs(element) >= number(DURATION_LIMIT)
    guarded = sa.case((too_long, sa.null()), else_=element)
    return Sql(guarded, result, error=error).failing(certain(too_long))


def days_apart(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the days between two dates, an integer on PostgreSQL."""
    return left.op("-", return_type=sa.Integer())(right)


def days_later(day: ColumnElement[Any], days: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the date so many days later."""
    return day.op("+", return_type=sa.Date())(days)


def shift_date(sign: int) -> Write:
    """Return the writer of date + duration or date - duration."""

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        day, by = arguments
        length = plain(by, around.dialect).element
        days = sa.func.trunc(length / number(_DAY), type_=sa.Numeric())
        first = sa.literal(_FIRST, sa.Date())
        start = sa.cast(days_apart(day.element, first), sa.Numeric())
        index = start + days if sign > 0 else start - days
        inside = index.between(number(0), number((_LAST - _FIRST).days))
        # Outside the range the index may be too large for an integer; it is not looked at then.
        safe = sa.case((inside, index), else_=number(0))
        element = sa.case((inside, days_later(first, sa.cast(safe, sa.Integer()))), else_=sa.null())
        return joined(arguments, element, result, certain(sa.not_(inside)))

    return write


def microseconds(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a moment as microseconds since 1970, exactly."""
    return sa.cast(sa.extract("epoch", moment), sa.Numeric()) * number(1_000_000)


def shift_moment(sign: int) -> Write:
    """Return the writer of moment + duration or moment - duration."""

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        moment, by = arguments
        length = plain(by, around.dialect).element
        start = microseconds(moment.element)
        element, outside = moment_after(start + length if sign > 0 else start - length)
        return joined(arguments, element, result, outside)

    return write


def moment_after(total: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """Return the moment so many microseconds after 1970 began, NULL outside the years 1 to 9999, and when that is."""
    inside = total.between(number(_EARLIEST), number(_LATEST))
    total = sa.case((inside, total), else_=number(0))
    hours = sa.func.trunc(total / number(_HOUR), type_=sa.Numeric())
    seconds = (total - hours * number(_HOUR)) / number(1_000_000)
    # Hours and seconds only: an interval of days would follow the clock changes of the session's time zone.
    interval = sa.func.make_interval(
        0, 0, 0, 0, sa.cast(hours, sa.Integer()), 0, sa.cast(seconds, sa.Double()), type_=sa.Interval()
    )
    moved = sa.type_coerce(sa.literal(_EPOCH, _MOMENT) + interval, _MOMENT)
    return sa.case((inside, moved), else_=sa.null()), certain(sa.not_(inside))


def time_microseconds(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the microseconds since midnight of a time that is held as text."""
    clock = sa.cast(sa.type_coerce(text, sa.Text()), sa.Time())
    return sa.cast(sa.extract("epoch", clock), sa.Numeric()) * number(1_000_000)


def time_text(passed: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the time so many microseconds after midnight as the text that holds it."""
    seconds: ColumnElement[Any] = sa.cast(passed / number(1_000_000), sa.Double())
    clock = sa.cast(sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=sa.Interval()), sa.Time())
    text = sa.func.to_char(clock, sa.literal("HH24:MI:SS.US", sa.Text()), type_=sa.Text())
    return sa.func.replace(text, sa.literal(".000000", sa.Text()), sa.literal("", sa.Text()), type_=sa.Text())


def move_time(sign: int) -> Write:
    """Return the writer of time + duration or time - duration."""

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        clock, by = arguments
        length, start = plain(by, around.dialect).element, time_microseconds(clock.element)
        total = start + length if sign > 0 else start - length
        early = total < number(0)
        kept = sa.func.mod(sa.case((early, number(0)), else_=total), number(_DAY), type_=sa.Numeric())
        element = sa.case((early, sa.null()), else_=time_text(kept))
        return joined(arguments, element, result, certain(early))

    return write


def times_between(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write time - time."""
    left, right = (time_microseconds(argument.element) for argument in arguments)
    return joined(arguments, left - right, result)


def moments_between(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write moment - moment."""
    left, right = (microseconds(argument.element) for argument in arguments)
    return joined(arguments, left - right, result)


def days(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write days(n)."""
    (count,) = arguments
    whole = sa.func.round(plain(count, around.dialect).element * number(_DAY), 0, type_=sa.Numeric())
    return bounded(whole, result, count.error)


def add_months(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write add_months(date, n)."""
    day, months = arguments
    year, month, of_month = (sa.cast(sa.extract(part, day.element), sa.Numeric()) for part in ("year", "month", "day"))
    index = year * number(12) + month - number(1) + sa.func.trunc(plain(months, around.dialect).element)
    low, high = number(12), number(9999 * 12 + 11)
    inside = index.between(low, high)
    safe = sa.func.least(sa.func.greatest(index, low), high, type_=sa.Numeric())
    target_year = sa.func.floor(safe / number(12), type_=sa.Numeric())
    target_month = safe - target_year * number(12) + number(1)
    first = sa.func.make_date(
        sa.cast(target_year, sa.Integer()), sa.cast(target_month, sa.Integer()), 1, type_=sa.Date()
    )
    last = month_length(first)
    wanted = sa.case((of_month == month_length(day.element), last), else_=sa.func.least(of_month, last))
    moved = days_later(first, sa.cast(wanted - number(1), sa.Integer()))
    element = sa.case((inside, moved), else_=sa.null())
    return joined(arguments, element, result, certain(sa.not_(inside)))


def month_length(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return how many days the month of a date has."""
    moment = sa.func.date_trunc("month", sa.cast(day, sa.DateTime()), type_=sa.DateTime())
    end = moment + sa.func.make_interval(0, 1, 0, -1, type_=sa.Interval())
    return sa.cast(sa.extract("day", end), sa.Numeric())


def date_of(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write date_of(moment)."""
    (moment,) = arguments
    local = sa.func.timezone(sa.literal(around.time_zone, sa.Text()), moment.element, type_=sa.DateTime())
    day = sa.cast(local, sa.Date())
    outside = sa.not_(day.between(sa.literal(_FIRST, sa.Date()), sa.literal(_LAST, sa.Date())))
    return joined(arguments, sa.case((outside, sa.null()), else_=day), result, certain(outside))
