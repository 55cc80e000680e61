"""The SQL of the text functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_compare import boolean
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, Surroundings, Write, choose, joined
from kith_runtime.queries.expression_sql_values import Sql, any_error, certain

# Full Unicode case rules whatever the locale of the database is.
_UNICODE = "und-x-icu"


def _case(name: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        function = getattr(sa.func, name)
        changed = function(arguments[0].element.collate(_UNICODE), type_=sa.Text())
        return joined(arguments, changed.collate("default"), result)

    return choose(name, write)


def _lower(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    finder = arguments[0].finder
    found = _case("lower")(around, arguments, result)
    return found if finder is None else replace(found, finder=replace(finder, lowered=True))


def _trim(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    name = "trim" if around.dialect == "sqlite" else "btrim"
    trimmed = getattr(sa.func, name)(arguments[0].element, sa.literal(TRIMMED, sa.Text()), type_=sa.Text())
    return joined(arguments, sa.func.nullif(trimmed, sa.literal("", sa.Text()), type_=sa.Text()), result)


def _length(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    length = sa.func.coalesce(sa.func.length(arguments[0].element), 0, type_=sa.BigInteger())
    return Sql(length, result, digits=10, nullable=False, error=arguments[0].error)


Search = Callable[[str, ColumnElement[Any], ColumnElement[Any]], ColumnElement[Any]]


def _search(test: Search) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        text, part = arguments
        if text.is_null or part.is_null:
            return boolean(sa.false(), text, part)
        found = certain(test(around.dialect, text.element, part.element))
        return boolean(found).failing(any_error(text.error, part.error))

    return write


def _inside(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    function = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return function(text, part, type_=sa.Integer()) > 0


def _at_start(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.func.substr(text, 1, sa.func.length(part), type_=sa.Text()) == part


def _at_end(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return sa.func.substr(text, -sa.func.length(part, type_=sa.Integer()), type_=sa.Text()) == part
    return sa.func.right(text, sa.func.length(part), type_=sa.Text()) == part


def _starts_with(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    text, part = arguments
    found = _search(_at_start)(around, arguments, result)
    beginning = text.finder.beginning(part) if text.finder is not None and part.constant and part.value else None
    return found if beginning is None else replace(found, element=sa.and_(found.element, beginning))


contains = _search(_inside)

SQL_FAMILIES.register("text")(
    SqlFamily(
        {
            "lower": _lower,
            "upper": _case("upper"),
            "trim": _trim,
            "len": _length,
            "contains": contains,
            "starts_with": _starts_with,
            "ends_with": _search(_at_end),
        }
    )
)
