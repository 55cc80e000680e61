"""The operators: which types each joins, what comes out, and what it does. One table serves checker and engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from kith_metadata.expressions import calendar_rules, exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Operator:
    """One meaning of an operator. A blank operand gives blank, unless `keeps_blank` says that the rule handles it."""

    name: str
    python: Callable[..., Any]
    keeps_blank: bool = False


def _join(left: str | None, right: str | None) -> str | None:
    return ((left or "") + (right or "")) or None


def _days_between(left: date, right: date) -> int:
    return (left - right).days


def _between(left: datetime, right: datetime) -> timedelta:
    return left - right


def _time_between(left: time, right: time) -> timedelta:
    return timedelta(microseconds=calendar_rules.time_microseconds(left) - calendar_rules.time_microseconds(right))


def _scaled(length: timedelta, factor: Any) -> timedelta:
    return calendar_rules.duration(exact.multiply(calendar_rules.microseconds(length), factor))


def _summed(left: timedelta, right: timedelta) -> timedelta:
    return calendar_rules.duration(calendar_rules.microseconds(left) + calendar_rules.microseconds(right))


OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("number.add", exact.add),
        Operator("number.subtract", exact.subtract),
        Operator("number.multiply", exact.multiply),
        Operator("number.divide", exact.divide),
        Operator("number.negate", exact.negate),
        Operator("text.join", _join, keeps_blank=True),
        Operator("date.add", calendar_rules.shift_date),
        Operator("date.subtract", lambda day, by: calendar_rules.shift_date(day, -by)),
        Operator("date.between", _days_between),
        Operator("datetime.add", calendar_rules.shift_moment),
        Operator("datetime.subtract", lambda moment, by: calendar_rules.shift_moment(moment, -by)),
        Operator("datetime.between", _between),
        Operator("duration.add", _summed),
        Operator("duration.subtract", lambda left, right: _summed(left, -right)),
        Operator("duration.multiply", _scaled),
        Operator("duration.negate", lambda length: -length),
        Operator("time.add", calendar_rules.move_time),
        Operator("time.subtract", lambda clock, by: calendar_rules.move_time(clock, -by)),
        Operator("time.between", _time_between),
    )
}

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


def resolve(verb: str, left: Type, right: Type) -> tuple[str, Type, bool] | None:
    """Find the operator for two types: its name, the type of its result, and whether the operands change sides.

    `verb` is add, subtract, multiply, divide or power. None means that the types do not go together.
    """
    left, right = _known(left, right)
    if t.is_number(left) and t.is_number(right) and verb == "power":
        return "power", t.DECIMAL, False
    if t.is_number(left) and t.is_number(right):
        return f"number.{verb}", _number(verb, left, right), False
    kinds = (left.kind, right.kind)
    if verb == "add" and kinds == ("markup", "markup"):
        return "text.join", t.MARKUP, False
    if verb == "add" and left.kind in t.TEXT_KINDS and right.kind in t.TEXT_KINDS:
        return "text.join", t.TEXT, False
    if (
        left.kind in ("date", "datetime", "duration", "time")
        and right.kind == "duration"
        and verb in ("add", "subtract")
    ):
        return f"{left.kind}.{verb}", left, False
    if left.kind == "duration" and right.kind in ("date", "datetime", "time") and verb == "add":
        return f"{right.kind}.add", right, True
    if verb == "subtract" and kinds == ("date", "date"):
        return "date.between", t.INTEGER, False
    if verb == "subtract" and kinds in (("datetime", "datetime"), ("time", "time")):
        return f"{left.kind}.between", t.DURATION, False
    if verb == "multiply" and left.kind == "duration" and t.is_number(right) and right.kind != "money":
        return "duration.multiply", t.DURATION, False
    if verb == "multiply" and right.kind == "duration" and t.is_number(left) and left.kind != "money":
        return "duration.multiply", t.DURATION, True
    return None


def _known(left: Type, right: Type) -> tuple[Type, Type]:
    """Give a blank operand the type that its neighbour suggests."""
    if left.kind == "blank":
        left = right if right.kind != "blank" else t.INTEGER
    if right.kind == "blank":
        right = left
    return left, right


def _number(verb: str, left: Type, right: Type) -> Type:
    kinds = {left.kind, right.kind}
    if verb == "divide":
        return t.MONEY if left.kind == "money" and right.kind != "money" else t.DECIMAL
    if "money" in kinds:
        return t.MONEY
    if kinds == {"integer"}:
        return t.INTEGER
    return t.PERCENT if kinds == {"percent"} and verb in ("add", "subtract") else t.DECIMAL
