"""The SQL of the functions about dates and moments. `today` and `now` are constants of the query."""

from __future__ import annotations

import sqlalchemy as sa

from kith_metadata.expressions.types import Type
from kith_runtime.queries import expression_sql_calendar as calendar
from kith_runtime.queries.expression_sql_family import (
    SQL_FAMILIES,
    SqlFamily,
    Surroundings,
    Write,
    choose,
    joined,
    known_before,
)
from kith_runtime.queries.expression_sql_values import Sql


def _part(name: str, start: int, length: int) -> Write:
    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        day = arguments[0].element
        if around.dialect == "sqlite":
            digits = sa.func.substr(sa.type_coerce(day, sa.Text()), start, length)
            return joined(arguments, sa.cast(digits, sa.Integer()), result)
        return joined(arguments, sa.cast(sa.extract(name, day), sa.Integer()), result)

    return write


SQL_FAMILIES.register("dates")(
    SqlFamily(
        {
            "today": known_before("today"),
            "now": known_before("now"),
            "date_of": choose("date_of", calendar.date_of),
            "days": choose("days", calendar.days),
            "add_months": choose("add_months", calendar.add_months),
            "year": _part("year", 1, 4),
            "month": _part("month", 6, 2),
            "day": _part("day", 9, 2),
        }
    )
)
