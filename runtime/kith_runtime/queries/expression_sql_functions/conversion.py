"""The SQL of turning values into texts and texts into numbers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import types as t
from kith_metadata.expressions.exact import PLACES
from kith_metadata.expressions.functions.conversion import NUMBER_PATTERN
from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_compare import boolean
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, Surroundings, choose, joined, large
from kith_runtime.queries.expression_sql_numbers import plain
from kith_runtime.queries.expression_sql_values import Sql, certain


def _written(value: Sql, dialect: str) -> ColumnElement[str]:
    element = value.element
    match value.type.kind:
        case "date":
            return sa.func.to_char(element, sa.literal("YYYY-MM-DD", sa.Text()), type_=sa.Text())
        case "datetime":
            moment = sa.func.timezone(sa.literal("UTC", sa.Text()), element, type_=sa.DateTime())
            text = sa.func.to_char(moment, sa.literal("YYYY-MM-DD HH24:MI:SS", sa.Text()), type_=sa.Text())
            return text.concat(sa.literal("Z", sa.Text()))
        case "time":
            return sa.func.rpad(sa.func.substr(element, 1, 12), 12, ".000", type_=sa.Text())
    if value.type.kind in t.NUMBER_KINDS:
        return sa.cast(sa.func.trim_scale(plain(value, dialect).element, type_=sa.Numeric()), sa.Text())
    return element


def _text(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    return joined(arguments, _written(arguments[0], around.dialect), result)


def _trimmed(text: Sql) -> ColumnElement[str]:
    return sa.func.btrim(text.element, sa.literal(TRIMMED, sa.Text()), type_=sa.Text())


def _is_written_number(text: ColumnElement[str]) -> ColumnElement[bool]:
    return text.regexp_match(sa.literal(f"^({NUMBER_PATTERN})$", sa.Text()))


def _number(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    written = _trimmed(arguments[0])
    readable = _is_written_number(written)
    number = sa.func.round(sa.cast(written, sa.Numeric()), PLACES, type_=sa.Numeric())
    element = sa.case((readable, number), else_=sa.null())
    return joined(arguments, element, result, certain(sa.not_(readable)))


def _is_number(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    return boolean(certain(_is_written_number(_trimmed(arguments[0]))), *arguments)


SQL_FAMILIES.register("conversion")(
    SqlFamily(
        {
            "text": choose("text", _text),
            "number": large(choose("number", _number)),
            "is_number": choose("is_number", _is_number),
        }
    )
)
