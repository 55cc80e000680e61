"""Salesforce's functions on dates, moments and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.pieces import SUM, Piece, call, infix
from kith_metadata.expressions.translate.salesforce_rules import Rule, plain
from kith_metadata.expressions.translate.salesforce_values import as_date, as_moment


def _itself(arguments: Sequence[Piece]) -> Piece:
    return arguments[0]


def _add_months(arguments: Sequence[Piece]) -> Piece:
    """Move a date by months; a moment keeps its time of day."""
    start, months = arguments
    if start.type.kind != "datetime":
        return call("add_months", start.type, start, months)
    day = as_date(start)
    moved = as_moment(call("add_months", t.DATE, day, months))
    clock = infix(start, "-", as_moment(day), SUM, t.DURATION)
    return infix(moved, "+", clock, SUM, t.DATETIME)


def _of_date(name: str) -> Rule:
    return Rule(("date",), plain(name, t.INTEGER))


def _of_time(name: str) -> Rule:
    return Rule(("clock",), plain(name, t.INTEGER))


RULES: Mapping[str, Rule] = {
    "TODAY": Rule((), plain("today", t.DATE)),
    "NOW": Rule((), plain("now", t.DATETIME)),
    "TIMENOW": Rule((), plain("time_now", t.TIME)),
    "DATE": Rule(("number", "number", "number"), plain("date", t.DATE)),
    "DATEVALUE": Rule(("date",), _itself),
    "DATETIMEVALUE": Rule(("moment",), _itself),
    "TIMEVALUE": Rule(("time",), _itself),
    "YEAR": _of_date("year"),
    "MONTH": _of_date("month"),
    "DAY": _of_date("day"),
    "WEEKDAY": _of_date("weekday"),
    "ISOWEEK": _of_date("iso_week"),
    "ISOYEAR": _of_date("iso_year"),
    "DAYOFYEAR": _of_date("day_of_year"),
    "HOUR": _of_time("hour"),
    "MINUTE": _of_time("minute"),
    "SECOND": _of_time("second"),
    "MILLISECOND": _of_time("millisecond"),
    "ADDMONTHS": Rule(("calendar", "number"), _add_months),
    "UNIXTIMESTAMP": Rule(("instant",), plain("unix_time", t.DECIMAL)),
    "FROMUNIXTIME": Rule(("number",), plain("from_unix_time", t.DATETIME)),
}
