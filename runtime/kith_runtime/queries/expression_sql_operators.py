"""The SQL of the operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from kith_metadata.expressions.exact import LIMIT_DIGITS
from kith_metadata.expressions.types import Type
from kith_runtime.queries import expression_sql_calendar as calendar
from kith_runtime.queries.expression_sql_family import Surroundings, Write, by_python, choose, joined
from kith_runtime.queries.expression_sql_numbers import arithmetic, joint_currency, money_error, plain
from kith_runtime.queries.expression_sql_values import Sql, any_error


def _number(verb: str) -> Write:
    name = f"number.{verb}"

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        left, right = arguments
        if around.dialect == "sqlite":
            digits = _digits(verb, left, right)
            found = by_python(name, verb == "divide" or digits > LIMIT_DIGITS)(around, arguments, result)
            found = replace(found, digits=min(digits, LIMIT_DIGITS))
        else:
            found = arithmetic(verb, plain(left, around.dialect), plain(right, around.dialect), result)
        currency = joint_currency(left, right) if result.kind == "money" else None
        return replace(found, currency=currency).failing(money_error(left, right))

    return write


def _digits(verb: str, left: Sql, right: Sql) -> int:
    if verb in ("add", "subtract"):
        return max(left.digits, right.digits) + 1
    return left.digits + (right.digits if verb == "multiply" else 18)


def _negate(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    (value,) = arguments
    if around.dialect == "sqlite" and value.wide:
        return replace(by_python("number.negate")(around, arguments, result), currency=value.currency)
    # NUMERIC, because the smallest BIGINT has no opposite.
    whole = value if around.dialect == "sqlite" else plain(value, around.dialect)
    return replace(whole, element=-whole.element, type=result, value=value.value if value.is_null else whole.value)


def _join(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    empty = sa.literal("", sa.Text())
    left, right = (sa.func.coalesce(argument.element, empty, type_=sa.Text()) for argument in arguments)
    return joined(arguments, sa.func.nullif(left.concat(right), empty, type_=sa.Text()), result)


def _days_between(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    left, right = (argument.element for argument in arguments)
    if around.dialect == "sqlite":
        span = sa.cast(sa.func.julianday(left) - sa.func.julianday(right), sa.BigInteger())
        return replace(joined(arguments, span, result), digits=8)
    return replace(joined(arguments, calendar.days_apart(left, right), result), digits=8)


def _duration(sign: Callable[[sa.ColumnElement[int], sa.ColumnElement[int]], sa.ColumnElement[int]]) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        left, right = (plain(argument, around.dialect) for argument in arguments)
        return calendar.bounded(sign(left.element, right.element), result, any_error(left.error, right.error))

    return write


def _multiplied(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    left, right = (plain(argument, around.dialect) for argument in arguments)
    product = sa.func.round(left.element * right.element, 18, type_=sa.Numeric())
    whole = sa.func.round(product, 0, type_=sa.Numeric())
    return calendar.bounded(whole, result, any_error(left.error, right.error))


def _opposite(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    (length,) = arguments
    return Sql(-length.element, result, scale=length.scale, wide=length.wide, error=length.error)


OPERATORS: dict[str, Write] = {
    "number.add": _number("add"),
    "number.subtract": _number("subtract"),
    "number.multiply": _number("multiply"),
    "number.divide": _number("divide"),
    "number.negate": _negate,
    "text.join": _join,
    "date.add": choose("date.add", calendar.shift_date(1)),
    "date.subtract": choose("date.subtract", calendar.shift_date(-1)),
    "date.between": _days_between,
    "datetime.add": choose("datetime.add", calendar.shift_moment(1)),
    "datetime.subtract": choose("datetime.subtract", calendar.shift_moment(-1)),
    "datetime.between": choose("datetime.between", calendar.moments_between),
    "duration.add": choose("duration.add", _duration(lambda left, right: left + right)),
    "duration.subtract": choose("duration.subtract", _duration(lambda left, right: left - right)),
    "duration.multiply": choose("duration.multiply", _multiplied),
    "duration.negate": choose("duration.negate", _opposite),
    "time.add": choose("time.add", calendar.move_time(1)),
    "time.subtract": choose("time.subtract", calendar.move_time(-1)),
    "time.between": choose("time.between", calendar.times_between),
}
