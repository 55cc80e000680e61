"""The SQL of the functions about blank values."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_compare import boolean, compare
from kith_runtime.queries.expression_sql_compare import is_blank as blank_condition
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    chosen,
    merged,
    same_shape,
)
from kith_runtime.queries.expression_sql_values import Sql, any_error, constant, sql_type


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


def case(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write case(value, when, then, …, otherwise?)."""
    value, *branches = arguments
    dialect = around.dialect
    otherwise = branches.pop() if len(branches) % 2 else constant(None, result, dialect)
    wanted, values = branches[::2], branches[1::2]
    tests = [_meets(value, other, dialect) for other in wanted]
    # What is compared comes first, so its error is the first one; later ones count only when they are reached.
    found = chosen(tests, values, otherwise, result, dialect)
    return found.failing(value.error)


def _meets(value: Sql, other: Sql, dialect: str) -> Sql:
    """Return whether two values are equal and not blank."""
    if value.is_null or other.is_null:
        return boolean(sa.false(), other)
    if value.nullable and other.nullable:
        equal = compare("==", value, other, False, dialect)
        return replace(equal, element=sa.and_(equal.element, sa.not_(blank_condition(other))))
    return compare("==", value, other, False, dialect)


def if_error(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write if_error(value, instead)."""
    value, instead = arguments
    if value.error is None:
        return value
    failed = Sql(value.error, t.BOOLEAN, nullable=False)
    return chosen([failed], [instead], replace(value, error=None), result, around.dialect)


SQL_FAMILIES.register("logic")(
    SqlFamily({"is_blank": is_blank, "blank_value": blank_value, "case": case, "if_error": if_error})
)
