"""Arithmetic on dates, moments and durations: what every engine must agree with.

Dates run from 0001-01-01 to 9999-12-31; a result outside is an error value. Moments are in UTC.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from kith_metadata.expressions.problems import EvaluationError

MICROSECOND = timedelta(microseconds=1)
DAY_SECONDS = 86_400
# Durations in microseconds stay below this (about 31,688 years), so that all databases can hold them.
DURATION_LIMIT = 10**18
_DAY = DAY_SECONDS * 1_000_000
_ROUND = Context(prec=320, rounding=ROUND_HALF_UP)


def duration(microseconds: Any) -> timedelta:
    """Return a duration, rounding half away from zero to microseconds; too long a one is an error value."""
    whole = int(_ROUND.quantize(Decimal(microseconds), Decimal(1)))
    if abs(whole) >= DURATION_LIMIT:
        raise EvaluationError("The duration is too long: at most about 31,000 years are possible.")
    return timedelta(microseconds=whole)


def microseconds(value: timedelta) -> int:
    """Return the length of a duration in microseconds."""
    return value // MICROSECOND


def days(count: Any) -> timedelta:
    """Return a duration of so many days; fractions are kept to the microsecond."""
    return duration(_ROUND.multiply(Decimal(count), Decimal(DAY_SECONDS * 1_000_000)))


def shift_date(day: date, by: timedelta) -> date:
    """Move a date by whole days; a fraction of a day is cut off toward zero."""
    whole = abs(microseconds(by)) // (DAY_SECONDS * 1_000_000)
    try:
        return day + timedelta(days=whole if by >= timedelta() else -whole)
    except OverflowError as error:
        raise _outside() from error


def shift_moment(moment: datetime, by: timedelta) -> datetime:
    """Move a moment by a duration."""
    try:
        return moment + by
    except OverflowError as error:
        raise _outside() from error


def add_months(day: date, months: Any) -> date:
    """Move a date by months, cut toward zero; the last day of a month stays the last day, others are clamped.

    >>> add_months(date(2004, 2, 29), 1).isoformat(), add_months(date(2004, 3, 30), -1).isoformat()
    ('2004-03-31', '2004-02-29')
    """
    index = day.year * 12 + day.month - 1 + int(months)
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise _outside()
    last = calendar.monthrange(year, month + 1)[1]
    was_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if was_last else min(day.day, last))


def made_date(year: Any, month: Any, day: Any) -> date:
    """Return the date of three numbers, whose fractions are cut off; one that does not exist is an error value."""
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError) as error:
        raise EvaluationError(
            "There is no such date. Days and months count from 1, years go from 1 to 9999."
        ) from error


def length_of(count: Any, unit: int) -> timedelta:
    """Return a duration of so many units of that many microseconds."""
    return duration(_ROUND.multiply(Decimal(count), Decimal(unit)))


def move_time(clock: time, by: timedelta) -> time:
    """Move a time of day: past midnight it begins anew, before midnight there is only an error value."""
    moved = time_microseconds(clock) + microseconds(by)
    if moved < 0:
        raise EvaluationError("The time lies before midnight of its day. Use a date and time to go back further.")
    return time_after(moved % _DAY)


def time_microseconds(clock: time) -> int:
    """Return the microseconds since midnight."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def time_after(passed: int) -> time:
    """Return the time so many microseconds after midnight."""
    seconds, rest = divmod(passed, 1_000_000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def _outside() -> EvaluationError:
    return EvaluationError("The date lies outside the years 1 to 9999.")
