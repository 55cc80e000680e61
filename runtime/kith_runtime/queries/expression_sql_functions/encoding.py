"""The SQL of texts made safe for other languages."""

from __future__ import annotations

from functools import reduce

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.functions.encoding import HTML_SIGNS, PLAIN_IN_ADDRESSES, SCRIPT_SIGNS
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    capped,
    choose,
    joined,
)
from kith_runtime.queries.expression_sql_values import Sql

_IN_ADDRESSES = tuple((f"%{ord(sign):02X}", sign) for sign in PLAIN_IN_ADDRESSES)


def _replaced(text: ColumnElement[str], signs: tuple[tuple[str, str], ...]) -> ColumnElement[str]:
    def step(before: ColumnElement[str], pair: tuple[str, str]) -> ColumnElement[str]:
        return sa.func.replace(before, sa.literal(pair[0], sa.Text()), sa.literal(pair[1], sa.Text()), type_=sa.Text())

    return reduce(step, signs, text)


def html_encoded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text of PostgreSQL as it stands in HTML."""
    return _replaced(text, HTML_SIGNS)


def _encoder(signs: tuple[tuple[str, str], ...]) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        return capped(joined(arguments, _replaced(arguments[0].element, signs), result))

    return write


def _url_encode(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    encoded = sa.func.convert_to(arguments[0].element, sa.literal("UTF8", sa.Text()), type_=sa.LargeBinary())
    digits = sa.func.upper(sa.func.encode(encoded, sa.literal("hex", sa.Text())), type_=sa.Text())
    # Every byte becomes %xx, and then those that may stay as they are come back.
    escaped = sa.func.regexp_replace(
        digits,
        sa.literal("(..)", sa.Text()),
        sa.literal("%\\1", sa.Text()),
        sa.literal("g", sa.Text()),
        type_=sa.Text(),
    )
    return capped(joined(arguments, _replaced(escaped, _IN_ADDRESSES), result))


SQL_FAMILIES.register("encoding")(
    SqlFamily(
        {
            "url_encode": choose("url_encode", _url_encode),
            "html_encode": choose("html_encode", _encoder(HTML_SIGNS)),
            "script_encode": choose("script_encode", _encoder(SCRIPT_SIGNS)),
        }
    )
)
