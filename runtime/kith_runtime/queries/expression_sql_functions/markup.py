"""The SQL of links, images and line breaks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions.functions.markup import LINKED, MAX_PIXELS, PICTURED, UNSEEN
from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    capped,
    choose,
    clamped,
    filled,
    joined,
    known_before,
)
from kith_runtime.queries.expression_sql_functions.encoding import html_encoded
from kith_runtime.queries.expression_sql_values import Sql


def _words(text: str) -> ColumnElement[str]:
    return sa.literal(text, sa.Text())


def _cleaned(address: Sql) -> ColumnElement[str]:
    trimmed = sa.func.btrim(address.element, _words(TRIMMED), type_=sa.Text())
    seen = sa.func.translate(trimmed, _words(UNSEEN), _words(""), type_=sa.Text())
    return sa.func.replace(seen, _words(" "), _words("%20"), type_=sa.Text())


def _fits(url: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    return sa.func.coalesce(url.regexp_match(_words(pattern), flags="i"), sa.false(), type_=sa.Boolean())


def _link(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    address, text = arguments
    url = _cleaned(address)
    words = html_encoded(sa.func.coalesce(text.element, address.element, type_=sa.Text()))
    linked = _words('<a href="').concat(html_encoded(url)).concat(_words('">')).concat(words).concat(_words("</a>"))
    return capped(joined(arguments, sa.case((_fits(url, LINKED), linked), else_=words), result))


def _pixels(name: str, arguments: list[Sql], index: int) -> ColumnElement[str]:
    if len(arguments) <= index:
        return _words("")
    number = clamped(arguments[index], 0, MAX_PIXELS)
    written = _words(f' {name}="').concat(sa.cast(number, sa.Text())).concat(_words('"'))
    return sa.case((number > sa.literal(0, sa.Integer()), written), else_=_words(""))


def _image(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    url = _cleaned(arguments[0])
    words = html_encoded(sa.func.coalesce(arguments[1].element, "", type_=sa.Text()))
    size = _pixels("height", arguments, 2).concat(_pixels("width", arguments, 3))
    pictured = _words('<img src="').concat(html_encoded(url)).concat(_words('" alt="')).concat(words)
    element = sa.case((_fits(url, PICTURED), pictured.concat(_words('"')).concat(size).concat(_words(">"))),
                      else_=filled(words))  # fmt: skip
    return capped(joined(arguments, element, result))


def _link_image(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    address, picture = arguments[0], _image(around, arguments[1:], result)
    url = _cleaned(address)
    opening = _words('<a href="').concat(html_encoded(url)).concat(_words('">'))
    linked = opening.concat(picture.element).concat(_words("</a>"))
    element = sa.case((_fits(url, LINKED), linked), else_=picture.element)
    return capped(joined([address, picture], element, result))


SQL_FAMILIES.register("markup")(
    SqlFamily(
        {
            "link": choose("link", _link),
            "link_image": choose("link_image", _link_image),
            "image": choose("image", _image),
            "line_break": known_before("line_break"),
        }
    )
)
