"""Numbers: rounding, size, smallest and largest."""

from __future__ import annotations

from functools import reduce
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter
from kith_metadata.expressions.types import Type

_NUMBER = Parameter("number", t.NUMBER_KINDS)
_PLACES = Parameter("places", frozenset({"integer", "decimal"}), optional=True)
_SORTED = frozenset(t.NUMBER_KINDS | {"date", "datetime", "time", "duration"})


def _same(types: tuple[Type, ...]) -> Type | None:
    return types[0]


def _rounded(types: tuple[Type, ...]) -> Type | None:
    if types[0].kind in ("money", "integer"):
        return types[0]
    return t.INTEGER if len(types) == 1 else t.DECIMAL


def _joined(types: tuple[Type, ...]) -> Type | None:
    result: Type | None = types[0]
    for kind in types[1:]:
        result = t.common(result, kind) if result else None
    return result


def _modulo(types: tuple[Type, ...]) -> Type | None:
    if "money" in (types[0].kind, types[1].kind):
        return t.MONEY
    return t.INTEGER if types[0] == types[1] == t.INTEGER else t.DECIMAL


def _round(value: Any, places: Any = 0) -> Any:
    return _whole(exact.round_half_up(value, int(places)), value, places)


def _truncate(value: Any, places: Any = 0) -> Any:
    return _whole(exact.truncate(value, int(places)), value, places)


def _whole(result: Any, value: Any, places: Any = 0) -> Any:
    return int(result) if type(value) is int or (places == 0 and not hasattr(result, "currency")) else result


def _floor(value: Any) -> Any:
    return _whole(exact.floor(value), value)


def _ceiling(value: Any) -> Any:
    return _whole(exact.ceiling(value), value)


def _round_up(value: Any) -> Any:
    return _whole(exact.away_from_zero(value), value)


def _smaller(left: Any, right: Any) -> Any:
    exact.same_currency(left, right)
    return right if exact.amount(right) < exact.amount(left) else left


def _larger(left: Any, right: Any) -> Any:
    exact.same_currency(left, right)
    return right if exact.amount(right) > exact.amount(left) else left


def _min(*values: Any) -> Any:
    return reduce(_smaller, values)


def _max(*values: Any) -> Any:
    return reduce(_larger, values)


FAMILIES.register("figures")(
    Family(
        "Numbers",
        (
            Function("round", "Round half away from zero; negative places round to tens, hundreds and so on.",
                     (_NUMBER, _PLACES), _rounded, _round,
                     ("round(2.5) == 3", "round(-2.5) == -3", "round(1.005, 2) == 1.01", "round(1250, -2) == 1300",
                      "round(-4.47, -1) == 0", "round(blank) == blank")),
            Function("truncate", "Cut off the digits behind so many places; negative places cut to tens and so on.",
                     (_NUMBER, _PLACES), _rounded, _truncate,
                     ("truncate(2.59) == 2", "truncate(-2.59) == -2", "truncate(2.719, 2) == 2.71",
                      "truncate(1290, -2) == 1200", "truncate(blank, 1) == blank")),
            Function("floor", "Return the next whole number toward minus infinity.", (_NUMBER,), _rounded, _floor,
                     ("floor(2.5) == 2", "floor(-2.5) == -3", "floor(3) == 3")),
            Function("ceiling", "Return the next whole number toward plus infinity.", (_NUMBER,), _rounded, _ceiling,
                     ("ceiling(2.1) == 3", "ceiling(-2.5) == -2")),
            Function("round_down", "Return the next whole number toward zero.", (_NUMBER,), _rounded, _truncate,
                     ("round_down(2.9) == 2", "round_down(-2.9) == -2")),
            Function("round_up", "Return the next whole number away from zero.", (_NUMBER,), _rounded, _round_up,
                     ("round_up(2.1) == 3", "round_up(-2.1) == -3", "round_up(-2) == -2")),
            Function("mod", "Return the remainder of a division; it has the sign of the first number.",
                     (_NUMBER, Parameter("divisor", t.NUMBER_KINDS)), _modulo, exact.remainder,
                     ("mod(7, 3) == 1", "mod(-7, 3) == -1", "mod(7, -3) == 1", "mod(20.12345, 2) == 0.12345"),
                     fallible=True),
            Function("abs", "Return the number without its sign.", (_NUMBER,), _same, exact.absolute,
                     ("abs(-3) == 3", "abs(2.5) == 2.5")),
            Function("min", "Return the smallest of the values; blank when one of them is blank.",
                     (Parameter("value", _SORTED, repeated=True),), _joined, _min,
                     ("min(3, 1.5, 2) == 1.5", "min(1, blank) == blank", "min(today(), today() + days(1)) == today()")),
            Function("max", "Return the largest of the values; blank when one of them is blank.",
                     (Parameter("value", _SORTED, repeated=True),), _joined, _max,
                     ("max(3, 1.5, 2) == 3", "max(1, blank) == blank", "max(days(1), days(2)) == days(2)")),
        ),
    )
)  # fmt: skip
