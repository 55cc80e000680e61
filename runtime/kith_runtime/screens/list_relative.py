"""Days that move along with the calendar, such as “in the last 7 days”; the filter builder offers them for dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_runtime.field_types.base import OPERATORS, InvalidValue

MOST_DAYS = 36_500
_MONTH = "(today() - days(day(today()) - 1))"


@dataclass(frozen=True, slots=True)
class Relative:
    """A comparison with today: its words, its expression, and whether it takes a number of days."""

    label: str
    pattern: str
    takes: str = ""


RELATIVE: Mapping[str, Relative] = {
    "last_days": Relative("is in the last … days", "{d} >= today() - days({n}) and {d} <= today()", "days"),
    "next_days": Relative("is in the next … days", "{d} >= today() and {d} <= today() + days({n})", "days"),
    "days_ago": Relative("is more than … days ago", "{d} < today() - days({n})", "days"),
    "this_month": Relative("is in this month", f"{{d}} >= {_MONTH} and {{d}} < add_months({_MONTH}, 1)"),
    "last_month": Relative("is in the last month", f"{{d}} >= add_months({_MONTH}, -1) and {{d}} < {_MONTH}"),
    "next_month": Relative(
        "is in the next month", f"{{d}} >= add_months({_MONTH}, 1) and {{d}} < add_months({_MONTH}, 2)"
    ),
    "this_year": Relative("is in this year", "year({d}) == year(today())"),
}


def relative_expression(word: str, field: str, kind: str, operand: str) -> str:
    """Return the condition of a relative operator; raises InvalidValue when the number of days is none."""
    found = RELATIVE[word]
    number = operand.strip()
    if found.takes and not (number.isascii() and number.isdigit() and int(number[:6]) <= MOST_DAYS):
        hint = f"Write a whole number from 0 to {MOST_DAYS}."
        raise InvalidValue("not_days", f"“{operand[:20]}” is no number of days.", hint)
    day = f"date_of({field})" if kind == "datetime" else field
    return f"({found.pattern.format(d=day, n=int(number[:6]) if found.takes else 0)})"


def takes_of(word: str) -> str:
    """Return what an operator takes: nothing, ``value``, ``values`` or ``days``; an unknown one takes a value."""
    if word in RELATIVE:
        return RELATIVE[word].takes
    return OPERATORS[word].takes if word in OPERATORS else "value"


def words_of(word: str, value: str) -> tuple[str, str]:
    """Return an operator and its value as people read them; the days stand inside the words of a relative one."""
    if word in RELATIVE:
        return RELATIVE[word].label.replace("…", value.strip()[:6] or "…"), ""
    return (OPERATORS[word].label if word in OPERATORS else word), value
