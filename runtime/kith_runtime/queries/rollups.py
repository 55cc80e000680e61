"""Roll-ups: a figure worked out over the live records that point here, as a correlated subquery."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal_column,
    null,
    select,
    type_coerce,
)

from kith_metadata.expressions.types import INTEGER, Type
from kith_metadata.kinds.entity import Field
from kith_platform.database.types import ScaledDecimal
from kith_runtime.field_types.rollup import Rollup
from kith_runtime.published import Published
from kith_runtime.queries.columns import Surroundings, stored_column, stored_columns, type_of
from kith_runtime.queries.expression_sql_values import SqlColumn, certain
from kith_runtime.queries.link_conditions import is_link, link_to


def rollup_column(
    surroundings: Surroundings,
    parents: tuple[str, FromClause],
    children: FromClause,
    field: Field,
    condition: ColumnElement[bool] | None,
) -> SqlColumn:
    """Return a roll-up as an element over ``parents``, an entity with its table.

    ``children`` is an alias of the table of the records that it takes.

    It counts deleted records never, and hidden ones always: the figure is the same for everybody who may read it.
    Amounts of several currencies have no sum: that is an error value, and a blank where the figure itself is read.
    """
    own = field.options
    limits = [points_to(surroundings.published, own.over, children, own.by, parents), children.c.deleted_at.is_(None)]
    if condition is not None:
        limits.append(condition)

    def over(element: ColumnElement[Any]) -> ColumnElement[Any]:
        found: Select[Any] = select(element).where(and_(*limits)).correlate_except(children)
        return found.scalar_subquery()

    if own.function == "count":
        return SqlColumn(over(func.count()), INTEGER, nullable=False)
    value = stored_column(surroundings.published, own.over, children, own.field)
    kind = Rollup().result(field, surroundings.published.snapshot)
    element, scale = _figure(own.function, value, kind, surroundings.dialect_name)
    currency, error = None, None
    if value.currency is not None:
        error = certain(over(func.min(value.currency) != func.max(value.currency)))
        element = case((func.min(value.currency) == func.max(value.currency), element), else_=null())
        currency = over(func.min(value.currency))
        element = type_coerce(element, value.element.type)
    return SqlColumn(over(element), _type(surroundings, kind), scale, currency, error=error)


def rollup_figures(
    surroundings: Surroundings, children: FromClause, field: Field, condition: ColumnElement[bool] | None
) -> tuple[ColumnElement[Any], ...]:
    """Return a roll-up as aggregates over ``children``, for a statement that works several of them out in one reading.

    The condition stands inside the aggregates; the elements are those of :func:`rollup_column`.
    """

    def taken(element: ColumnElement[Any]) -> ColumnElement[Any]:
        return element if condition is None else type_coerce(case((condition, element), else_=null()), element.type)

    own = field.options
    if own.function == "count":
        return (func.count() if condition is None else func.count(taken(literal_column("1"))),)
    stored = stored_column(surroundings.published, own.over, children, own.field)
    value = replace(stored, element=taken(stored.element))
    element, _ = _figure(
        own.function, value, Rollup().result(field, surroundings.published.snapshot), surroundings.dialect_name
    )
    if stored.currency is None:
        return (element,)
    currency = taken(stored.currency)
    alike = case((func.min(currency) == func.max(currency), element), else_=null())
    return type_coerce(alike, stored.element.type), func.min(currency)


def points_to(
    published: Published, entity: str, table: FromClause, by: str, target: tuple[str, FromClause]
) -> ColumnElement[bool]:
    """Return the condition that rows of ``table`` point to rows of ``target`` by a lookup of any kind."""
    name, pointed = target
    if is_link(published, entity, by):
        return link_to(published, entity, by, table.c.id, pointed.c.id)
    columns = stored_columns(published, entity, by)
    found: ColumnElement[bool] = table.c[columns[0]] == pointed.c.id
    return found if len(columns) == 1 else and_(found, table.c[columns[1]] == name)


def _type(surroundings: Surroundings, result: Field) -> Type:
    return type_of(surroundings.published, result)


def _figure(function: str, value: SqlColumn, result: Field, dialect: str) -> tuple[ColumnElement[Any], int]:
    column = value.element
    if function in ("min", "max"):
        return type_coerce(getattr(func, function)(column), column.type), value.scale
    if function == "sum":
        return type_coerce(func.sum(column), column.type), value.scale
    scale = int(getattr(result.options, "scale", value.scale)) if value.currency is None else value.scale
    return type_coerce(_average(column, value.scale, scale, dialect), ScaledDecimal(scale)), scale


def _average(column: ColumnElement[Any], stored: int, scale: int, dialect: str) -> ColumnElement[Any]:
    """The average to ``scale`` places, rounded half away from zero without a float on the way."""
    if dialect != "sqlite":
        return func.round(func.avg(column), literal_column(str(scale)))
    whole = type_coerce(column, BigInteger())
    total = func.sum(whole) * literal_column(str(10 ** max(0, scale - stored)))
    count = func.count(column) * literal_column(str(10 ** max(0, stored - scale)))
    two: ColumnElement[Any] = literal_column("2")
    # SQLite divides integers towards zero; a division by no record gives NULL.
    rounded_up = (two * total + count).op("/", precedence=8)(two * count)
    rounded_down = (two * total - count).op("/", precedence=8)(two * count)
    return case((total >= literal_column("0"), rounded_up), else_=rounded_down)
