"""The SQL of the functions about numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import sqlalchemy as sa

from kith_metadata.expressions.exact import LIMIT_DIGITS, PLACES
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    merged,
    same_shape,
)
from kith_runtime.queries.expression_sql_numbers import plain
from kith_runtime.queries.expression_sql_values import Sql, any_error


def _round(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    value = plain(arguments[0], around.dialect)
    places: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
    error = value.error
    if len(arguments) > 1:
        wanted = plain(arguments[1], around.dialect)
        bounds = (sa.literal(-LIMIT_DIGITS - 1, sa.Numeric()), sa.literal(PLACES, sa.Numeric()))
        kept = sa.func.least(sa.func.greatest(wanted.element, bounds[0]), bounds[1], type_=sa.Numeric())
        # LEAST passes over NULL, but a blank number of places gives blank.
        places = sa.case((wanted.element.is_(None), sa.null()), else_=sa.cast(kept, sa.Integer()))
        error = any_error(error, wanted.error)
    element = sa.func.round(value.element, places, type_=sa.Numeric())
    return replace(value, element=element, type=result, digits=value.digits + 1, nullable=True, error=error)


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
            "round": _with_currency(choose("round", _round)),
            "abs": _with_currency(choose("abs", _absolute)),
            "min": _extreme(larger=False),
            "max": _extreme(larger=True),
        }
    )
)
