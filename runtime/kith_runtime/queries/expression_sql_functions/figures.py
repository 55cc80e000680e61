"""The SQL of the functions about numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import sqlalchemy as sa

from kith_metadata.expressions.exact import LIMIT_DIGITS, PLACES
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    clamped,
    merged,
    same_shape,
)
from kith_runtime.queries.expression_sql_numbers import joint_currency, money_error, plain
from kith_runtime.queries.expression_sql_values import MISSING, Sql, any_error, certain


def _to_places(name: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        value = plain(arguments[0], around.dialect)
        places: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
        if len(arguments) > 1:
            places = clamped(arguments[1], -LIMIT_DIGITS - 1, PLACES)
        element = getattr(sa.func, name)(value.element, places, type_=sa.Numeric())
        error = any_error(*(argument.error for argument in arguments))
        found = replace(value, element=element, type=result, digits=value.digits + 1, nullable=True, error=error)
        return replace(found, value=MISSING)

    return write


def _to_whole(function: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        value = plain(arguments[0], around.dialect)
        return replace(value, element=function(value.element), type=result, digits=value.digits + 1, places=0)

    return write


def _floor(number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.floor(number, type_=sa.Numeric())


def _ceiling(number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.ceil(number, type_=sa.Numeric())


def _away_from_zero(number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    sign = sa.func.sign(number, type_=sa.Numeric())
    return sign * sa.func.ceil(sa.func.abs(number, type_=sa.Numeric()), type_=sa.Numeric())


def _modulo(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    left, right = (plain(argument, around.dialect) for argument in arguments)
    zero = sa.literal(0, sa.Numeric())
    rest = sa.func.mod(left.element, sa.func.nullif(right.element, zero), type_=sa.Numeric())
    wrong = certain(sa.and_(left.element.is_not(None), right.element == zero))
    return Sql(
        rest,
        result,
        places=max(left.places, right.places),
        digits=left.digits,
        error=any_error(left.error, right.error, wrong),
    )


def _mod(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    left, right = arguments
    found = choose("mod", _modulo)(around, arguments, result)
    currency = joint_currency(left, right) if result.kind == "money" else None
    return replace(found, currency=currency).failing(money_error(left, right))


def _absolute(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    value = plain(arguments[0], around.dialect)
    return replace(value, element=sa.func.abs(value.element, type_=sa.Numeric()), type=result)


def _with_currency(write: Write) -> Write:
    def kept(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        return replace(write(around, arguments, result), currency=arguments[0].currency)

    return kept


def _extreme(larger: bool) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        def step(left: Sql, right: Sql) -> Sql:
            left, right = same_shape(left, right, around.dialect)
            blank = sa.or_(left.element.is_(None), right.element.is_(None))
            test = right.element > left.element if larger else right.element < left.element
            element = sa.case((blank, sa.null()), (test, right.element), else_=left.element)
            return merged(left, right, element, result, mixes=True).failing(any_error(left.error, right.error))

        return reduce(step, arguments)

    return write


SQL_FAMILIES.register("figures")(
    SqlFamily(
        {
            "round": _with_currency(choose("round", _to_places("round"))),
            "truncate": _with_currency(choose("truncate", _to_places("trunc"))),
            "floor": _with_currency(choose("floor", _to_whole(_floor))),
            "ceiling": _with_currency(choose("ceiling", _to_whole(_ceiling))),
            "round_down": _with_currency(choose("round_down", _to_places("trunc"))),
            "round_up": _with_currency(choose("round_up", _to_whole(_away_from_zero))),
            "mod": _mod,
            "abs": _with_currency(choose("abs", _absolute)),
            "min": _extreme(larger=False),
            "max": _extreme(larger=True),
        }
    )
)
