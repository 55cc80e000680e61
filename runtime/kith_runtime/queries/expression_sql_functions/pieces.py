"""The SQL of cutting, finding, replacing and padding texts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import aggregate_order_by

from kith_metadata.expressions.functions.pieces import LAST_CHARACTER, MAX_TEXT
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    clamped,
    filled,
    joined,
)
from kith_runtime.queries.expression_sql_values import Sql, certain

# No text is longer; two of them still fit into an integer.
_FAR = 10**9
_UNICODE = "und-x-icu"
_WORDS = "[[:alnum:]]+|[^[:alnum:]]+"


def _whole(value: int) -> ColumnElement[int]:
    return sa.literal(value, sa.Integer())


def _length(text: ColumnElement[str]) -> ColumnElement[int]:
    return sa.func.length(text, type_=sa.Integer())


def _outer(name: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        text, count = arguments
        part = getattr(sa.func, name)(text.element, clamped(count, 0, _FAR), type_=sa.Text())
        return joined(arguments, filled(part), result)

    return choose(name, write)


def _mid(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    text, start, count = arguments
    part = sa.func.substr(text.element, clamped(start, 1, _FAR), clamped(count, 0, _FAR), type_=sa.Text())
    return joined(arguments, filled(part), result)


def _find(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    part, text = arguments[:2]
    if part.is_null or text.is_null:
        found: ColumnElement[int] = _whole(0)
    elif len(arguments) == 2:
        place = sa.func.strpos(text.element, part.element, type_=sa.Integer())
        found = sa.func.coalesce(place, 0, type_=sa.Integer())
    else:
        start = clamped(arguments[2], 1, _FAR)
        place = sa.func.strpos(sa.func.substr(text.element, start), part.element, type_=sa.Integer())
        found = sa.case((place > _whole(0), place + start - _whole(1)), else_=_whole(0))
    if len(arguments) == 3:
        found = sa.case((arguments[2].element.is_(None), sa.null()), else_=found)
    return joined(arguments, found, result)


def _replace(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    text, part, instead = arguments
    empty = sa.literal("", sa.Text())
    if text.is_null or part.is_null:
        return joined(arguments, sa.cast(sa.null(), sa.Text()), result)
    new = sa.func.coalesce(instead.element, empty, type_=sa.Text())
    changed = filled(sa.func.replace(text.element, part.element, new, type_=sa.Text()))
    if instead.is_null or (part.constant and instead.constant and len(instead.value) <= len(part.value)):
        return joined(arguments, changed, result)
    without = _length(sa.func.replace(text.element, part.element, empty, type_=sa.Text()))
    taken = _length(text.element) - without
    times = sa.cast(taken, sa.BigInteger()) / sa.func.nullif(_length(part.element), 0, type_=sa.Integer())
    too_long = certain(without + times * _length(new) > MAX_TEXT)
    return joined(arguments, sa.case((too_long, sa.null()), else_=changed), result, too_long)


def _pad(name: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        text, length = arguments[:2]
        wanted = clamped(length, 0, MAX_TEXT + 1)
        filler = arguments[2].element if len(arguments) == 3 else sa.literal(" ", sa.Text())
        too_long = wanted > _whole(MAX_TEXT)
        reached = certain(sa.and_(too_long, text.element.is_not(None), filler.is_not(None)))
        padded = getattr(sa.func, name)(text.element, wanted, filler, type_=sa.Text())
        return joined(arguments, sa.case((too_long, sa.null()), else_=filled(padded)), result, reached)

    return write


def _repeat(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    text, count = arguments
    times = clamped(count, 0, MAX_TEXT + 1)
    too_long = certain(sa.cast(_length(text.element), sa.BigInteger()) * times > MAX_TEXT)
    repeated = filled(sa.func.repeat(text.element, times, type_=sa.Text()))
    return joined(arguments, sa.case((too_long, sa.null()), else_=repeated), result, too_long)


def _reverse(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    return joined(arguments, sa.func.reverse(arguments[0].element, type_=sa.Text()), result)


def _title_case(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    text = arguments[0].element.collate(_UNICODE)
    found = sa.func.regexp_matches(text, sa.literal(_WORDS, sa.Text()), sa.literal("g", sa.Text()))
    words = found.table_valued("word", with_ordinality="place").render_derived()
    word = sa.type_coerce(words.c.word, sa.ARRAY(sa.Text()))[1].collate(_UNICODE)
    changed = sa.func.upper(sa.func.left(word, 1), type_=sa.Text()).concat(
        sa.func.lower(sa.func.substr(word, 2), type_=sa.Text())
    )
    whole = sa.func.string_agg(changed, aggregate_order_by(sa.literal("", sa.Text()), words.c.place), type_=sa.Text())
    return joined(arguments, sa.select(whole).select_from(words).scalar_subquery().collate("default"), result)


def _char(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    number = clamped(arguments[0], 0, LAST_CHARACTER + 1)
    possible = sa.or_(
        number.in_([_whole(9), _whole(10), _whole(13)]),
        number.between(_whole(32), _whole(126)),
        number.between(_whole(160), _whole(0xD7FF)),
        number.between(_whole(0xE000), _whole(LAST_CHARACTER)),
    )
    return joined(arguments, sa.case((possible, sa.func.chr(number, type_=sa.Text())), else_=sa.null()), result)


def _code(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    return joined(arguments, sa.func.ascii(arguments[0].element, type_=sa.Integer()), result)


SQL_FAMILIES.register("pieces")(
    SqlFamily(
        {
            "left": _outer("left"),
            "right": _outer("right"),
            "mid": choose("mid", _mid),
            "find": choose("find", _find),
            "replace": choose("replace", _replace),
            "pad_left": choose("pad_left", _pad("lpad")),
            "pad_right": choose("pad_right", _pad("rpad")),
            "repeat": choose("repeat", _repeat),
            "reverse": choose("reverse", _reverse),
            "title_case": choose("title_case", _title_case),
            "char": choose("char", _char),
            "code": choose("code", _code),
        }
    )
)
