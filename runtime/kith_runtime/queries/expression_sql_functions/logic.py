"""The SQL of the functions about blank values."""

from __future__ import annotations

import sqlalchemy as sa

from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_compare import boolean
from kith_runtime.queries.expression_sql_compare import is_blank as blank_condition
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    merged,
    same_shape,
)
from kith_runtime.queries.expression_sql_values import Sql, any_error, sql_type


def is_blank(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write is_blank(value)."""
    return boolean(blank_condition(arguments[0]), arguments[0])


def blank_value(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write blank_value(value, instead)."""
    if arguments[0].is_null or arguments[1].is_null:
        kept, left_out = reversed(arguments) if arguments[0].is_null else arguments
        return kept.failing(left_out.error)
    left, right = same_shape(arguments[0], arguments[1], around.dialect)
    element = sa.func.coalesce(left.element, right.element, type_=sql_type(result, around.dialect))
    found = merged(left, right, element, result)
    return found.failing(any_error(left.error, right.error))


SQL_FAMILIES.register("logic")(SqlFamily({"is_blank": is_blank, "blank_value": blank_value}))
