"""Bringing numbers and durations to one representation, and PostgreSQL's exact arithmetic."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import exact
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_values import COLLATION, Sql, any_error, certain

_LIMIT = sa.literal(exact.LIMIT, sa.Numeric())


def plain(sql: Sql, dialect: str) -> Sql:
    """Return the true number as NUMERIC (PostgreSQL) or as decimal text that compares as a number (SQLite)."""
    if dialect == "sqlite":
        element = sql.element if sql.wide else sa.func.kith_number(sql.element, sql.scale, type_=sa.Text())
        # The element holds text whatever its branches were declared as.
        return replace(sql, element=sa.type_coerce(element, sa.Text()).collate(COLLATION), scale=0, wide=True)
    element = sa.cast(sql.element, sa.Numeric()) if sql.value.__class__.__name__ == "Missing" else sql.element
    if sql.scale:
        element = element * sa.literal(Decimal(1).scaleb(-sql.scale), sa.Numeric())
    return replace(sql, element=element, scale=0)


def money_error(left: Sql, right: Sql) -> ColumnElement[bool] | None:
    """Return the condition under which two amounts have different currencies; None when that cannot be."""
    if left.currency is None or right.currency is None:
        return None
    both = sa.and_(left.element.is_not(None), right.element.is_not(None))
    return certain(sa.and_(both, left.currency != right.currency))


def joint_currency(left: Sql, right: Sql) -> ColumnElement[Any] | None:
    """Return the currency of a result of two values."""
    if left.currency is None or right.currency is None:
        return right.currency if left.currency is None else left.currency
    return sa.func.coalesce(left.currency, right.currency)


def arithmetic(verb: str, left: Sql, right: Sql, result: Type) -> Sql:
    """Combine two plain numbers on PostgreSQL, with the rounding and the limits of the server engine."""
    a, b = left.element, right.element
    error = any_error(left.error, right.error)
    match verb:
        case "add" | "subtract":
            element = a + b if verb == "add" else a - b
            places, digits = max(left.places, right.places), max(left.digits, right.digits) + 1
        case "multiply":
            element, places, digits = a * b, left.places + right.places, left.digits + right.digits
        case _:
            places, digits = exact.PLACES, left.digits + max(right.places, 1)
            top = sa.cast(a, sa.Numeric(300, exact.QUOTIENT_PLACES))
            element = sa.func.round(top / sa.func.nullif(b, Decimal(0)), exact.PLACES, type_=sa.Numeric())
            error = any_error(error, certain(sa.and_(a.is_not(None), b == Decimal(0))))
    if places > exact.PLACES:
        element, places = sa.func.round(element, exact.PLACES, type_=sa.Numeric()), exact.PLACES
    found = Sql(element, result, places=places, digits=digits, error=error, nullable=left.nullable or right.nullable)
    return limited(found)


def limited(sql: Sql) -> Sql:
    """Add the check for too large a number, where the sizes of the operands do not rule one out."""
    if sql.digits <= exact.LIMIT_DIGITS:
        return sql
    too_large = sa.func.abs(sql.element) >= _LIMIT
    element = sa.case((too_large, sa.null()), else_=sql.element)
    guarded = replace(sql, element=element, digits=exact.LIMIT_DIGITS, nullable=True)
    return guarded.failing(certain(too_large))
