"""How the SQL side of functions and operators is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import types as t
from kith_metadata.expressions.exact import LIMIT_DIGITS, PLACES
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.functions.pieces import MAX_TEXT
from kith_metadata.expressions.types import Type
from kith_metadata.registry import Registry
from kith_runtime.queries.expression_sql_numbers import joint_currency, money_error, plain
from kith_runtime.queries.expression_sql_values import Sql, any_error, certain, null_of, sql_type


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The database and the time zone for which SQL is written."""

    dialect: str
    time_zone: str


# Gets the surroundings, the arguments and the type of the result.
Write = Callable[[Surroundings, list[Sql], Type], Sql]


@dataclass(frozen=True, slots=True)
class SqlFamily:
    """The SQL of each function of a family, by name."""

    functions: Mapping[str, Write]


SQL_FAMILIES: Registry[SqlFamily] = Registry("SQL function family")

# Operators that can give an error value; functions say so themselves.
FALLIBLE = frozenset(
    {
        "number.divide",
        "date.add",
        "date.subtract",
        "datetime.add",
        "datetime.subtract",
        "duration.add",
        "duration.subtract",
        "duration.multiply",
        "time.add",
        "time.subtract",
    }
) | {name for name, function in FUNCTIONS.items() if function.fallible}


def by_python(name: str, fallible: bool | None = None) -> Write:
    """Return a writer that calls the server engine's own function: for SQLite, where it runs in the connection."""
    fails = name in FALLIBLE if fallible is None else fallible

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        triples: list[Any] = []
        for argument in arguments:
            triples += [sa.literal(argument.type.kind), argument.element, sa.literal(argument.scale)]
        shared = (sa.literal(name), sa.literal(around.time_zone), *triples)
        kind = sa.Text() if t.is_number(result) else sql_type(result, "sqlite")
        element = sa.func.kith_call(*shared, type_=kind)
        failed = sa.func.kith_fails(*shared, type_=sa.Integer()) == sa.literal(1) if fails else None
        errors = any_error(failed, *(argument.error for argument in arguments))
        wide = t.is_number(result)
        return Sql(element, result, wide=wide, error=errors, digits=_digits(arguments))

    return write


def _digits(arguments: list[Sql]) -> int:
    return max((argument.digits for argument in arguments), default=1) + 1


def choose(name: str, postgresql: Write, fallible: bool | None = None) -> Write:
    """Return a writer that uses the given one on PostgreSQL, and Python's own code on SQLite."""
    on_sqlite = by_python(name, fallible)

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        return (on_sqlite if around.dialect == "sqlite" else postgresql)(around, arguments, result)

    return write


def known_before(name: str) -> Write:
    """Return the writer of a function without arguments, which the engine turns into a bind before it asks for it."""

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        raise TypeError(f"{name}() is a bind; the engine writes it before it asks for a function.")

    return write


def large(write: Write) -> Write:
    """Return a writer whose numbers may have as many digits as there can be, whatever its arguments have."""

    def written(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        return replace(write(around, arguments, result), digits=LIMIT_DIGITS, places=PLACES)

    return written


def clamped(sql: Sql, low: int, high: int) -> ColumnElement[Any]:
    """Return a number of PostgreSQL, cut to a whole one between two bounds; NULL stays NULL."""
    whole = sa.func.trunc(plain(sql, "postgresql").element, type_=sa.Numeric())
    bounds = (sa.literal(low, sa.Numeric()), sa.literal(high, sa.Numeric()))
    # LEAST and GREATEST pass over NULL.
    kept = sa.case((whole < bounds[0], bounds[0]), (whole > bounds[1], bounds[1]), else_=whole)
    return sa.cast(kept, sa.Integer())


def filled(element: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text that is blank when it is empty."""
    return sa.func.nullif(element, sa.literal("", sa.Text()), type_=sa.Text())


def capped(sql: Sql) -> Sql:
    """Return a text that is an error value when it is longer than texts may be."""
    too_long = sa.func.length(sql.element, type_=sa.Integer()) > sa.literal(MAX_TEXT, sa.Integer())
    element = sa.case((too_long, sa.null()), else_=sql.element)
    return replace(sql, element=element).failing(certain(too_long))


def chosen(tests: Sequence[Sql], values: Sequence[Sql], otherwise: Sql, result: Type, dialect: str) -> Sql:
    """Return the value whose test is the first that holds, else the other one; only its error counts."""
    parts = [*values, otherwise]
    if any(part.type.kind in t.NUMBER_KINDS | {"duration"} for part in parts):
        parts = [plain(part, dialect) for part in parts]
    elements = [null_of(result, dialect) if part.is_null else part.element for part in parts]
    pairs = list(zip((test.element for test in tests), elements, strict=False))
    error = otherwise.error
    for test, value in zip(reversed(tests), reversed(values), strict=True):
        held = certain(test.element)
        inside = None if value.error is None else sa.and_(held, value.error)
        outside = None if error is None else sa.and_(sa.not_(held), error)
        error = any_error(test.error, inside, outside)
    found = Sql(
        sa.case(*pairs, else_=elements[-1]),
        result,
        wide=any(part.wide for part in parts),
        places=max(part.places for part in parts),
        digits=max(part.digits for part in parts),
        error=error,
    )
    if all(part.currency is None for part in parts):
        return found
    currencies = [sa.null() if part.currency is None else part.currency for part in parts]
    pairs = list(zip((test.element for test in tests), currencies, strict=False))
    return replace(found, currency=sa.case(*pairs, else_=currencies[-1]))


def joined(arguments: list[Sql], element: ColumnElement[Any], result: Type, *errors: Any) -> Sql:
    """Return a result that carries the errors of its arguments and whatever is added."""
    return Sql(element, result, error=any_error(*(argument.error for argument in arguments), *errors))


def same_shape(left: Sql, right: Sql, dialect: str) -> tuple[Sql, Sql]:
    """Give two values that stand for one another the same representation."""
    if left.type.kind in t.NUMBER_KINDS | {"duration"} or right.type.kind in t.NUMBER_KINDS | {"duration"}:
        return plain(left, dialect), plain(right, dialect)
    return left, right


def merged(left: Sql, right: Sql, element: ColumnElement[Any], result: Type, mixes: bool = False) -> Sql:
    """Return the Sql of a choice between two values; `mixes` refuses different currencies."""
    return Sql(
        element,
        result,
        wide=left.wide or right.wide,
        places=max(left.places, right.places),
        digits=max(left.digits, right.digits),
        nullable=left.nullable or right.nullable,
        error=money_error(left, right) if mixes else None,
        currency=joint_currency(left, right),
    )
