"""Times of day and moments: reading them, their parts, and the seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from kith_metadata.expressions import calendar_rules, exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.functions.calendar import DATE_PATTERN, date_from
from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.problems import EvaluationError

TIME_PATTERN = "[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,3})?)?"
MOMENT_PATTERN = f"{DATE_PATTERN}([T ]{TIME_PATTERN})?Z?"
_TIME = re.compile(TIME_PATTERN, re.ASCII)
_MOMENT = re.compile(MOMENT_PATTERN, re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = Parameter("time", frozenset({"time", "datetime"}))


def time_from(text: str) -> time:
    """Read a time such as 09:30 or 09:30:15.250; anything else is an error value."""
    written = text.strip(TRIMMED)
    if not _TIME.fullmatch(written):
        raise EvaluationError.unreadable(written, "not a time. Write it as 09:30 or 09:30:15.")
    hour, minute, second = (*written.split(":"), "0")[:3]
    whole, _, fraction = second.partition(".")
    try:
        return time(int(hour), int(minute), int(whole), int(fraction.ljust(6, "0")))
    except ValueError as error:
        limits = "Hours go to 23, minutes and seconds to 59."
        raise EvaluationError(f"There is no time {written}. {limits}", f"There is no such time. {limits}") from error


def _moment(value: str | date) -> datetime:
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    written = value.strip(TRIMMED)
    if not _MOMENT.fullmatch(written):
        raise EvaluationError.unreadable(written, "not a moment. Write it as 2026-11-24 09:30:00, in UTC.")
    day, _, clock = written.removesuffix("Z").replace("T", " ").partition(" ")
    return datetime.combine(date_from(day), time_from(clock) if clock else time(), UTC)


def _local(environment: Environment, value: time | datetime) -> time:
    if isinstance(value, time):
        return value
    try:
        return value.astimezone(ZoneInfo(environment.time_zone)).time()
    except OverflowError as error:
        raise EvaluationError("The date lies outside the years 1 to 9999.") from error


def _time_now(environment: Environment) -> time:
    return _local(environment, environment.now)


def _hour(environment: Environment, value: time | datetime) -> int:
    return _local(environment, value).hour


def _minute(environment: Environment, value: time | datetime) -> int:
    return _local(environment, value).minute


def _second(environment: Environment, value: time | datetime) -> int:
    return _local(environment, value).second


def _millisecond(environment: Environment, value: time | datetime) -> int:
    return _local(environment, value).microsecond // 1000


def _unix_time(value: time | date | datetime) -> int:
    if isinstance(value, time):
        return calendar_rules.time_microseconds(value) // 1_000_000
    return calendar_rules.microseconds(_moment(value) - _EPOCH if type(value) is date else value - _EPOCH) // 1_000_000


def _from_unix_time(seconds: Any) -> datetime:
    return calendar_rules.shift_moment(_EPOCH, calendar_rules.length_of(exact.amount(seconds), 1_000_000))


FAMILIES.register("clock")(
    Family(
        "Times and moments",
        (
            Function("moment", "Read a moment in UTC from a text such as 2026-11-24 09:30:00; a date gives its "
                     "midnight in UTC.", (Parameter("value", frozenset(t.TEXT_KINDS | {"date"})),), always(t.DATETIME),
                     _moment,
                     ('moment("2005-11-15 17:00:00 ") == "2005-11-15T17:00:00Z"',
                      'moment("2011-1-9T5:2:33Z") == "2011-01-09T05:02:33Z"',
                      'moment(date(2026, 11, 24)) == "2026-11-24T00:00:00Z"', 'moment("") == blank'),
                     fallible=True, server_kinds=t.TEXT_KINDS),
            Function("time", "Read a time of day from a text such as 09:30 or 09:30:15.250.",
                     (Parameter("text", t.TEXT_KINDS),), always(t.TIME), time_from,
                     ('time("9:30") == "09:30"', 'text(time("10:40:55.666")) == "10:40:55.666"'),
                     fallible=True, server_kinds=t.TEXT_KINDS),
            Function("time_of", "Return the time of day of a moment in the person's time zone.",
                     (Parameter("moment", frozenset({"datetime"})),), always(t.TIME), _local,
                     ("time_of(now()) == time_now()",), uses="time_zone", fallible=True),
            Function("time_now", "Return the time of day of this moment in the person's time zone.", (), always(t.TIME),
                     _time_now, ("time_now() == time_of(now())",), uses="now"),
            Function("hour", "Return the hour, 0 to 23, of a time, or of a moment in the person's time zone.",
                     (_CLOCK,), always(t.INTEGER), _hour,
                     ('hour(time("10:40")) == 10', "hour(now()) == hour(time_now())"),
                     uses="time_zone", fallible=True),
            Function("minute", "Return the minute, 0 to 59.", (_CLOCK,), always(t.INTEGER), _minute,
                     ('minute(time("10:40")) == 40',), uses="time_zone", fallible=True),
            Function("second", "Return the second, 0 to 59.", (_CLOCK,), always(t.INTEGER), _second,
                     ('second(time("10:40:55.666")) == 55',), uses="time_zone", fallible=True),
            Function("millisecond", "Return the thousandths of the second, 0 to 999.", (_CLOCK,), always(t.INTEGER),
                     _millisecond, ('millisecond(time("10:40:55.666")) == 666',), uses="time_zone", fallible=True),
            Function("unix_time", "Return the whole seconds since 1970 in UTC of a moment or of a date's midnight, or "
                     "the seconds since midnight of a time.",
                     (Parameter("moment", frozenset({"date", "datetime", "time"})),), always(t.INTEGER), _unix_time,
                     ('unix_time(date(2005, 12, 31)) == 1135987200', 'unix_time(date(1900, 1, 1)) == -2208988800',
                      'unix_time(time("10:34:55.666")) == 38095')),
            Function("from_unix_time", "Return the moment so many seconds after 1970 began in UTC.",
                     (Parameter("seconds", frozenset({"integer", "decimal"})),), always(t.DATETIME), _from_unix_time,
                     ('from_unix_time(1135987200) == moment("2005-12-31")',), fallible=True),
        ),
    )
)  # fmt: skip
