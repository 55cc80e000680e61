"""Figures over lists of records in SQL: correlated sub-selects that give what folding the list in Python gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from kith_metadata.expressions import nodes
from kith_metadata.expressions import types as t
from kith_runtime.queries.expression_sql_compare import boolean
from kith_runtime.queries.expression_sql_family import Surroundings
from kith_runtime.queries.expression_sql_operators import OPERATORS
from kith_runtime.queries.expression_sql_values import (
    COLLATION,
    MISSING,
    Sql,
    SqlBinding,
    certain,
)

SUM_DIGITS = 19
"""How many digits before the point a sum of many records may have more than each of them."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as the query reads it: where from, its own tables, which rows, in which order, and its records' fields."""

    source: FromClause
    tables: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]
    key: ColumnElement[str]
    binding: SqlBinding


@runtime_checkable
class ListBinding(Protocol):
    """A binding of records that have lists."""

    def listing(self, node: nodes.Aggregate) -> Listing:
        """Return the list of an aggregate."""
        ...


@runtime_checkable
class InnerBinding(Protocol):
    """A binding of the records of a list."""

    @property
    def outer(self) -> SqlBinding | None:
        """Return the binding of the record that the whole expression is about."""
        ...


Write = Callable[[nodes.Node], Sql]


def aggregate(node: nodes.Aggregate, listing: Listing, parts: tuple[Sql | None, Sql | None], dialect: str) -> Sql:
    """Return a figure over a list; `parts` are its condition and its value, written for the listed record."""
    condition, value = parts
    held = None if condition is None else _held(condition)
    if node.name == "all":
        fails = sa.false() if held is None else sa.not_(certain(held))
        return boolean(sa.not_(_exists(listing, fails)))
    if node.name == "any":
        return boolean(_exists(listing, held))
    if node.name == "count":
        whole: ColumnElement[Any] = sa.type_coerce(_over(listing, held, sa.func.count()), sa.BigInteger())
        return Sql(whole, t.INTEGER, nullable=False, digits=SUM_DIGITS)
    if value is None:
        return Sql(_first(listing, held, listing.key), node.type)
    value = _without_errors(value)
    if node.name == "first":
        currency = None if value.currency is None else _first(listing, held, value.currency)
        return _result(value, _first(listing, held, value.element), node.type, currency)
    return _figure(node, listing, held, value, dialect)


def _figure(node: nodes.Aggregate, listing: Listing, held: ColumnElement[bool] | None, value: Sql, dialect: str) -> Sql:
    currency, mixed = _currency(listing, held, value)
    if node.name in ("min", "max"):
        element = value.element
        if value.wide:
            element = sa.type_coerce(element, sa.Text()).collate(COLLATION)
        best = sa.type_coerce(getattr(sa.func, node.name)(element), value.element.type)
        return _result(value, _over(listing, held, best), node.type, currency).failing(mixed)
    total = _sum(listing, held, value, node.type, dialect)
    total = replace(total, currency=currency).failing(mixed)
    if node.name == "sum":
        return total
    number = sa.type_coerce(_over(listing, held, sa.func.count(value.element)), sa.BigInteger())
    there = sa.type_coerce(sa.func.nullif(number, sa.literal(0, sa.BigInteger())), sa.BigInteger())
    divided = OPERATORS["number.divide"](
        Surroundings(dialect, "UTC"), [total, Sql(there, t.INTEGER, digits=SUM_DIGITS)], node.type
    )
    return replace(divided, currency=currency)


def _sum(listing: Listing, held: ColumnElement[bool] | None, value: Sql, kind: t.Type, dialect: str) -> Sql:
    if dialect == "sqlite" and value.wide:
        element = _over(listing, held, sa.func.kith_sum(value.element, type_=sa.Text()))
        whole = sa.func.coalesce(element, sa.literal("0", sa.Text()), type_=sa.Text())
    else:
        number: Any = sa.BigInteger() if dialect == "sqlite" else sa.Numeric()
        element = _over(listing, held, sa.func.sum(value.element, type_=number))
        whole = sa.func.coalesce(element, sa.literal(0, number), type_=number)
    return Sql(
        whole,
        kind,
        scale=value.scale,
        wide=value.wide,
        places=value.places,
        digits=value.digits + SUM_DIGITS,
        nullable=False,
    )


def _currency(
    listing: Listing, held: ColumnElement[bool] | None, value: Sql
) -> tuple[ColumnElement[Any] | None, ColumnElement[bool] | None]:
    """Return the currency of the amounts, and the condition that they have several."""
    if value.currency is None:
        return None, None
    used = sa.case((value.element.is_not(None), sa.func.nullif(value.currency, sa.literal("", sa.Text()))))
    least, most = (_over(listing, held, sa.type_coerce(pick(used), sa.Text())) for pick in (sa.func.min, sa.func.max))
    return least, certain(least != most)


def _result(value: Sql, element: ColumnElement[Any], kind: t.Type, currency: ColumnElement[Any] | None) -> Sql:
    """Return a value of one record of the list as a value of the record that has the list."""
    return replace(
        value,
        element=element,
        type=kind,
        nullable=True,
        error=None,
        currency=currency,
        raw=None,
        value=MISSING,
        late=MISSING,
        links=None,
        finder=None,
    )


def _without_errors(value: Sql) -> Sql:
    if value.error is None:
        return value
    element = sa.case((value.error, sa.null()), else_=value.element)
    return replace(value, element=sa.type_coerce(element, value.element.type), error=None, value=MISSING)


def _held(condition: Sql) -> ColumnElement[bool]:
    return condition.element if condition.error is None else sa.and_(sa.not_(condition.error), condition.element)


def _select(listing: Listing, held: ColumnElement[bool] | None, element: ColumnElement[Any]) -> sa.Select[Any]:
    limits = listing.conditions if held is None else (*listing.conditions, held)
    return sa.select(element).select_from(listing.source).where(*limits).correlate_except(*listing.tables)


def _over(listing: Listing, held: ColumnElement[bool] | None, element: ColumnElement[Any]) -> ColumnElement[Any]:
    return _select(listing, held, element).scalar_subquery()


def _exists(listing: Listing, held: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return _select(listing, held, sa.literal_column("1")).exists()


def _first(listing: Listing, held: ColumnElement[bool] | None, element: ColumnElement[Any]) -> ColumnElement[Any]:
    found = _select(listing, held, element).order_by(*listing.order).limit(1)
    return sa.type_coerce(found.scalar_subquery(), element.type)
