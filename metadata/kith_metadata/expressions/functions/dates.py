"""Dates and moments: now, parts of a date, months and durations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kith_metadata.expressions import calendar_rules
from kith_metadata.expressions import types as t
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.problems import EvaluationError

_DATE = Parameter("date", frozenset({"date"}))
_MONTHS = Parameter("months", frozenset({"integer", "decimal"}))
_AMOUNT = frozenset({"integer", "decimal", "percent"})


def _today(environment: Environment) -> date:
    return environment.today


def _now(environment: Environment) -> datetime:
    return environment.now


def _date_of(environment: Environment, moment: datetime) -> date:
    try:
        return moment.astimezone(ZoneInfo(environment.time_zone)).date()
    except OverflowError as error:
        raise EvaluationError("The date lies outside the years 1 to 9999.") from error


def _year(day: date) -> int:
    return day.year


def _month(day: date) -> int:
    return day.month


def _day(day: date) -> int:
    return day.day


def _days(count: Any) -> Any:
    return calendar_rules.days(count)


FAMILIES.register("dates")(
    Family(
        "Dates and times",
        (
            Function("today", "Return the date of today in the person's time zone.", (), always(t.DATE), _today,
                     ("today() == today()", "today() < today() + days(1)"), uses="today"),
            Function("now", "Return this moment; it is the same in the whole of one request.", (), always(t.DATETIME),
                     _now, ("now() == now()", "now() - days(1) < now()"), uses="now"),
            Function("date_of", "Return the date of a moment in the person's time zone.",
                     (Parameter("moment", frozenset({"datetime"})),), always(t.DATE), _date_of,
                     ("date_of(now()) == today()",), uses="time_zone", fallible=True),
            Function("days", "Return a duration of so many days, to add to a date or a moment.",
                     (Parameter("count", _AMOUNT),), always(t.DURATION), _days,
                     ("today() + days(7) - today() == 7", "days(1.5) * 2 == days(3)", "days(blank) == blank",
                      "today() + days(1.9) == today() + days(1)"), fallible=True),
            Function("add_months",
                     "Move a date by months; the last day of a month stays the last day, other days are clamped.",
                     (_DATE, _MONTHS), always(t.DATE), calendar_rules.add_months,
                     ("month(add_months(today(), 12)) == month(today())",
                      "year(add_months(today(), -12)) == year(today()) - 1",
                      "add_months(today(), 0) == today()"), fallible=True),
            Function("year", "Return the year of a date.", (_DATE,), always(t.INTEGER), _year,
                     ("year(today()) > 2000", "year(blank) == blank")),
            Function("month", "Return the month of a date, 1 to 12.", (_DATE,), always(t.INTEGER), _month,
                     ("month(today()) >= 1", "month(today()) <= 12")),
            Function("day", "Return the day of the month of a date, 1 to 31.", (_DATE,), always(t.INTEGER), _day,
                     ("day(today()) >= 1", "day(today()) <= 31")),
        ),
    )
)  # fmt: skip
