"""The SQL of powers, roots and logarithms. Arguments of 38 places give results of 38 places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import exact, real_numbers
from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, Surroundings, Write, choose, large
from kith_runtime.queries.expression_sql_numbers import limited, plain
from kith_runtime.queries.expression_sql_values import Sql, any_error, certain

_EXACT = sa.Numeric(300, exact.QUOTIENT_PLACES)
_ZERO, _ONE = sa.literal(0, sa.Numeric()), sa.literal(1, sa.Numeric())


def _guarded(argument: Sql, result: Type, wrong: ColumnElement[bool], value: ColumnElement[Any]) -> Sql:
    rounded = sa.func.round(value, exact.PLACES, type_=sa.Numeric())
    element = sa.case((wrong, sa.null()), else_=rounded)
    found = Sql(element, result, error=any_error(argument.error, certain(wrong)), digits=exact.LIMIT_DIGITS + 1)
    return limited(found)


def _function(name: str, wrong: Callable[[ColumnElement[Any]], ColumnElement[bool]], safe: ColumnElement[Any]) -> Write:
    """Return the writer of a function of one number; where the number is `wrong`, it is worked out for `safe`."""

    def write(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
        number = plain(arguments[0], around.dialect).element
        refused = wrong(number)
        kept = sa.cast(sa.case((refused, safe), else_=number), _EXACT)
        return _guarded(arguments[0], result, refused, getattr(sa.func, name)(kept, type_=sa.Numeric()))

    return choose(name if name != "log" else "log10", write)


def _exponential(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    number = plain(arguments[0], around.dialect).element
    most = sa.literal(real_numbers.MAX_EXP, sa.Numeric())
    too_large = number > most
    kept = sa.case((too_large, _ZERO), (number < -most, -most), else_=number)
    return _guarded(arguments[0], result, too_large, sa.func.exp(sa.cast(kept, _EXACT), type_=sa.Numeric()))


def _power(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    base, exponent = (plain(argument, around.dialect) for argument in arguments)
    number, times = base.element, exponent.element
    approximate: ColumnElement[Any] = sa.cast(sa.func.nullif(sa.func.abs(number), _ZERO), sa.Double())
    size: ColumnElement[Any] = sa.cast(times, sa.Double()) * sa.func.log(approximate, type_=sa.Double())
    wrong = sa.or_(
        times != sa.func.trunc(times),
        sa.func.abs(times) > sa.literal(real_numbers.MAX_EXPONENT, sa.Numeric()),
        sa.and_(number == _ZERO, times < _ZERO),
        sa.func.coalesce(size > sa.literal(exact.LIMIT_DIGITS + 1, sa.Double()), sa.false()),
    )
    both = sa.and_(number.is_not(None), times.is_not(None))
    refused = sa.and_(both, wrong)
    tiny = sa.func.coalesce(size < sa.literal(-exact.QUOTIENT_PLACES - 2, sa.Double()), sa.false())
    safe_base = sa.cast(sa.case((sa.or_(wrong, tiny), _ONE), else_=number), _EXACT)
    value: ColumnElement[Any] = sa.func.power(safe_base, sa.case((wrong, _ONE), else_=times), type_=sa.Numeric())
    value = sa.case((sa.and_(both, tiny), _ZERO), (both, value), else_=sa.null())
    found = _guarded(base, result, certain(refused), value)
    return found.failing(exponent.error)


SQL_FAMILIES.register("powers")(
    SqlFamily(
        {
            "power": large(choose("power", _power)),
            "sqrt": large(_function("sqrt", lambda number: number < _ZERO, _ZERO)),
            "exp": large(choose("exp", _exponential)),
            "ln": large(_function("ln", lambda number: number <= _ZERO, _ONE)),
            "log10": large(_function("log", lambda number: number <= _ZERO, _ONE)),
        }
    )
)
