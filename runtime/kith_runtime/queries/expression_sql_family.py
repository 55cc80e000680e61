"""How the SQL side of functions and operators is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type
from kith_metadata.registry import Registry
from kith_runtime.queries.expression_sql_numbers import joint_currency, money_error, plain
from kith_runtime.queries.expression_sql_values import Sql, any_error, sql_type


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

# Functions and operators that can give an error value.
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
        "days",
        "add_months",
        "date_of",
    }
)


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
