"""The calendar: dates from numbers and texts, weeks, days of the year, and the beginnings and ends of periods."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import Any

from kith_metadata.expressions import calendar_rules
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.expressions.types import Type

# Every engine reads exactly this, around which TRIMMED is cut off.
DATE_PATTERN = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_WRITTEN = re.compile(DATE_PATTERN, re.ASCII)
_DATE = Parameter("date", frozenset({"date"}))
_PART = frozenset({"integer", "decimal"})


def _date(year: Any, month: Any = None, day: Any = None) -> date:
    if not isinstance(year, str):
        return calendar_rules.made_date(year, month, day)
    return date_from(year)


def date_from(text: str) -> date:
    """Read a date such as 2026-11-24; anything else is an error value."""
    written = text.strip(TRIMMED)
    if not _WRITTEN.fullmatch(written):
        raise EvaluationError.unreadable(written, "not a date. Write it as 2026-11-24.")
    return calendar_rules.made_date(*written.split("-"))


def _date_type(types: tuple[Type, ...]) -> Type | None:
    numbers = all(kind.kind in _PART | {"blank"} for kind in types)
    return t.DATE if (len(types) == 3 and numbers) or (len(types) == 1 and types[0].kind not in _PART) else None


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _iso_week(day: date) -> int:
    return day.isocalendar().week


def _iso_year(day: date) -> int:
    return day.isocalendar().year


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def _start_of_week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _start_of_month(day: date) -> date:
    return day.replace(day=1)


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _start_of_quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _start_of_year(day: date) -> date:
    return date(day.year, 1, 1)


FAMILIES.register("calendar")(
    Family(
        "Calendar",
        (
            Function("date", "Return the date of a year, month and day, or read it from a text such as 2026-11-24. "
                     "A date that does not exist is an error value.",
                     (Parameter("year", frozenset(_PART | t.TEXT_KINDS)), Parameter("month", _PART, optional=True),
                      Parameter("day", _PART, optional=True)), _date_type, _date,
                     ('date(2024, 2, 29) == "2024-02-29"', 'date(2009.5, 3.5, 2.5) == "2009-03-02"',
                      'date("2026-1-9") == "2026-01-09"', "date(2024, blank, 1) == blank"),
                     fallible=True, server_kinds=t.TEXT_KINDS, shown="date(year, month, day) or date(text)"),
            Function("weekday", "Return the day of the week, 1 for Sunday to 7 for Saturday.", (_DATE,),
                     always(t.INTEGER), _weekday, ('weekday("2026-11-24") == 3', 'weekday("2026-11-29") == 1')),
            Function("iso_week", "Return the number of the week by ISO 8601: weeks begin on Monday, and week 1 has "
                     "the year's first Thursday.", (_DATE,), always(t.INTEGER), _iso_week,
                     ('iso_week("2011-01-01") == 52', 'iso_week("2011-01-09") == 1')),
            Function("iso_year", "Return the year to which the week of a date belongs by ISO 8601.", (_DATE,),
                     always(t.INTEGER), _iso_year, ('iso_year("2011-01-01") == 2010',)),
            Function("day_of_year", "Return the number of the day in its year, 1 to 366.", (_DATE,), always(t.INTEGER),
                     _day_of_year, ('day_of_year("2024-12-31") == 366', 'day_of_year("2026-02-01") == 32')),
            Function("start_of_week", "Return the Monday of the week of a date.", (_DATE,), always(t.DATE),
                     _start_of_week, ('start_of_week("2026-11-29") == "2026-11-23"',)),
            Function("start_of_month", "Return the first day of the month.", (_DATE,), always(t.DATE), _start_of_month,
                     ('start_of_month("2026-11-24") == "2026-11-01"',)),
            Function("end_of_month", "Return the last day of the month.", (_DATE,), always(t.DATE), _end_of_month,
                     ('end_of_month("2024-02-05") == "2024-02-29"',)),
            Function("start_of_quarter", "Return the first day of the quarter.", (_DATE,), always(t.DATE),
                     _start_of_quarter, ('start_of_quarter("2026-11-24") == "2026-10-01"',)),
            Function("start_of_year", "Return the first day of the year.", (_DATE,), always(t.DATE), _start_of_year,
                     ('start_of_year("2026-11-24") == "2026-01-01"',)),
        ),
    )
)  # fmt: skip
