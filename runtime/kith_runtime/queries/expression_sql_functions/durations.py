"""The SQL of durations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import exact
from kith_metadata.expressions.functions.durations import UNITS
from kith_metadata.expressions.types import Type
from kith_runtime.queries import expression_sql_calendar as calendar
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, Surroundings, Write, choose, joined
from kith_runtime.queries.expression_sql_numbers import plain
from kith_runtime.queries.expression_sql_values import Sql, certain, is_null


def _of(unit: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        (count,) = arguments
        product = plain(count, around.dialect).element * calendar.number(UNITS[unit])
        return calendar.bounded(sa.func.round(product, 0, type_=sa.Numeric()), result, count.error)

    return choose(unit, write)


def _in(unit: str) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        length = sa.cast(plain(arguments[0], around.dialect).element, sa.Numeric(300, exact.QUOTIENT_PLACES))
        quotient = sa.func.round(length / calendar.number(UNITS[unit]), exact.PLACES, type_=sa.Numeric())
        found = joined(arguments, quotient, result)
        return Sql(found.element, result, places=exact.PLACES, digits=20, error=found.error)

    return choose(f"in_{unit}", write)


def _two_digits(number: ColumnElement[Any]) -> ColumnElement[str]:
    text = sa.cast(number, sa.Text())
    zero = sa.literal("0", sa.Text())
    return sa.case((number < calendar.number(10), zero.concat(text)), else_=text)


def _format_duration(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    number: ColumnElement[Any] = sa.func.abs(plain(arguments[0], around.dialect).element, type_=sa.Numeric())
    if arguments[0].type.kind == "duration":
        number = number / calendar.number(1_000_000)
    seconds = sa.func.trunc(number, type_=sa.Numeric())

    def part(unit: int, modulus: int) -> ColumnElement[Any]:
        whole = sa.func.div(seconds, calendar.number(unit), type_=sa.Numeric())
        return sa.func.mod(whole, calendar.number(modulus), type_=sa.Numeric()) if modulus else whole

    colon = sa.literal(":", sa.Text())
    clock = colon.concat(_two_digits(part(60, 60))).concat(colon).concat(_two_digits(part(1, 60)))
    plainly = _two_digits(part(3600, 0)).concat(clock)
    if len(arguments) == 1:
        return joined(arguments, plainly, result)
    with_days = sa.cast(part(86_400, 0), sa.Text()).concat(colon).concat(_two_digits(part(3600, 24))).concat(clock)
    wanted = arguments[1].element
    element = sa.case((is_null(wanted), sa.null()), (certain(wanted), with_days), else_=plainly)
    return joined(arguments, element, result)


SQL_FAMILIES.register("durations")(
    SqlFamily(
        {
            **{unit: _of(unit) for unit in UNITS if unit != "days"},
            **{f"in_{unit}": _in(unit) for unit in UNITS},
            "format_duration": choose("format_duration", _format_duration),
        }
    )
)
