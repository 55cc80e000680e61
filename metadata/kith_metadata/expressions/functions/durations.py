"""Durations from numbers, and numbers and texts from durations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kith_metadata.expressions import calendar_rules, exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always

UNITS = {"days": 86_400_000_000, "hours": 3_600_000_000, "minutes": 60_000_000, "seconds": 1_000_000}
_COUNT = Parameter("count", frozenset({"integer", "decimal", "percent"}))
_DURATION = Parameter("duration", frozenset({"duration"}))


def _of(unit: str) -> Callable[[Any], timedelta]:
    return lambda count: calendar_rules.length_of(count, UNITS[unit])


def _in(unit: str) -> Callable[[timedelta], Any]:
    return lambda length: exact.divide(calendar_rules.microseconds(length), UNITS[unit])


def _format_duration(value: Any, with_days: bool = False) -> str:
    exactly = calendar_rules.microseconds(value) if isinstance(value, timedelta) else None
    seconds = abs(int(value)) if exactly is None else abs(exactly) // 1_000_000
    hours, rest = divmod(seconds, 3600)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return f"{hours // 24}:{hours % 24:02}:{clock}" if with_days else f"{hours:02}:{clock}"


FAMILIES.register("durations")(
    Family(
        "Durations",
        (
            Function("hours", "Return a duration of so many hours.", (_COUNT,), always(t.DURATION), _of("hours"),
                     ("hours(36) == days(1.5)",), fallible=True),
            Function("minutes", "Return a duration of so many minutes.", (_COUNT,), always(t.DURATION), _of("minutes"),
                     ("minutes(90) == hours(1.5)",), fallible=True),
            Function("seconds", "Return a duration of so many seconds.", (_COUNT,), always(t.DURATION), _of("seconds"),
                     ("seconds(90) == minutes(1.5)",), fallible=True),
            Function("in_days", "Return the length of a duration in days, with its fraction.", (_DURATION,),
                     always(t.DECIMAL), _in("days"), ("in_days(hours(33)) == 1.375", "in_days(-days(1)) == -1")),
            Function("in_hours", "Return the length of a duration in hours.", (_DURATION,), always(t.DECIMAL),
                     _in("hours"), ("in_hours(minutes(90)) == 1.5",)),
            Function("in_minutes", "Return the length of a duration in minutes.", (_DURATION,), always(t.DECIMAL),
                     _in("minutes"), ("in_minutes(hours(2)) == 120",)),
            Function("in_seconds", "Return the length of a duration in seconds.", (_DURATION,), always(t.DECIMAL),
                     _in("seconds"), ("in_seconds(minutes(1.5)) == 90",)),
            Function("format_duration", "Write a duration, or a number of seconds, as hours, minutes and seconds, on "
                     "demand with days in front. The sign and parts of a second are left out.",
                     (Parameter("duration", frozenset({"duration", "integer", "decimal"})),
                      Parameter("with_days", frozenset({"boolean"}), optional=True)), always(t.TEXT), _format_duration,
                     ('format_duration(hours(277) + minutes(46.5)) == "277:46:30"',
                      'format_duration(1000000, true) == "11:13:46:40"', 'format_duration(-29.59) == "00:00:29"')),
        ),
    )
)  # fmt: skip
