"""Exact arithmetic on integers, decimals and money: what every engine must agree with.

Results keep at most 18 digits after the point (rounded half away from zero) and stay below 10 to the power of 100; a
larger one is an error value. A quotient is taken to 38 places first and then rounded to 18.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any

from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.values import Money

PLACES = 18
QUOTIENT_PLACES = 38
LIMIT_DIGITS = 100
LIMIT = Decimal(10) ** LIMIT_DIGITS

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
_EXACT = Context(prec=320, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999, traps=_TRAPS)
_DOWN = Context(prec=320, rounding=ROUND_DOWN, Emax=999_999, Emin=-999_999, traps=_TRAPS)
_UNIT, _QUOTIENT_UNIT = Decimal(1).scaleb(-PLACES), Decimal(1).scaleb(-QUOTIENT_PLACES)


def amount(value: Any) -> Any:
    """Return the plain number of a value: the amount of money, anything else as it is."""
    return value.amount if type(value) is Money else value


def add(left: Any, right: Any) -> Any:
    """Return left + right; money of two currencies is an error value."""
    return _combine(left, right, _fit(_exact(left, right, "add")))


def subtract(left: Any, right: Any) -> Any:
    """Return left - right; money of two currencies is an error value."""
    return _combine(left, right, _fit(_exact(left, right, "subtract")))


def multiply(left: Any, right: Any) -> Any:
    """Return left * right, money if one of them is money."""
    return _combine(left, right, _fit(_exact(left, right, "multiply")))


def divide(left: Any, right: Any) -> Any:
    """Return left / right as a decimal, or as money when money is divided by a number; dividing by zero is an error."""
    top, bottom = Decimal(amount(left)), Decimal(amount(right))
    if not bottom:
        raise EvaluationError("Division by zero. Test the divisor first, for example: a / b if b != 0 else blank.")
    quotient = _EXACT.quantize(_DOWN.divide(top, bottom), _QUOTIENT_UNIT)
    result = _fit(quotient)
    if type(right) is not Money:
        return _combine(left, right, result)
    _currency(left, right)
    return result


def negate(value: Any) -> Any:
    """Return -value."""
    return Money(-value.amount, value.currency) if type(value) is Money else -value


def absolute(value: Any) -> Any:
    """Return the value without its sign."""
    return negate(value) if amount(value) < 0 else value


def round_half_up(value: Any, places: int = 0) -> Any:
    """Round half away from zero to `places` digits after the point; negative places round to tens, hundreds …"""
    return _to_places(value, places, ROUND_HALF_UP)


def truncate(value: Any, places: int = 0) -> Any:
    """Cut off what is behind `places` digits after the point; negative places cut to tens, hundreds …"""
    return _to_places(value, places, ROUND_DOWN)


def floor(value: Any) -> Any:
    """Return the next whole number toward minus infinity."""
    return _to_places(value, 0, ROUND_FLOOR)


def ceiling(value: Any) -> Any:
    """Return the next whole number toward plus infinity."""
    return _to_places(value, 0, ROUND_CEILING)


def away_from_zero(value: Any) -> Any:
    """Return the next whole number away from zero."""
    return _to_places(value, 0, ROUND_UP)


def remainder(left: Any, right: Any) -> Any:
    """Return what is left over when left is divided a whole number of times by right; it has the sign of left."""
    top, bottom = amount(left), amount(right)
    if not bottom:
        raise EvaluationError("Division by zero. Test the divisor first, for example: mod(a, b) if b != 0 else blank.")
    rest = _EXACT.remainder(Decimal(top), Decimal(bottom))
    # A remainder of zero has no sign.
    rest = rest if rest else Decimal(0)
    return _combine(left, right, int(rest) if type(top) is int and type(bottom) is int else rest)


def rounded(number: Decimal) -> Decimal:
    """Return a number as expressions keep it: 18 digits after the point; too large a one is an error value."""
    return Decimal(_fit(number))


def _to_places(value: Any, places: int, rounding: str) -> Any:
    places = max(-LIMIT_DIGITS - 1, min(PLACES, places))
    number = Decimal(amount(value))
    result = number.quantize(Decimal(1).scaleb(-places), rounding, _EXACT) if number else Decimal(0)
    result = _fit(result if result else Decimal(0))
    if places < 0:
        result = Decimal(int(result))
    return _combine(value, 0, result)


def fraction_of(percent: Any) -> Decimal:
    """Return a stored percentage as a fraction: 20 (shown as 20 %) is 0.2."""
    return shifted(percent, -2)


def shifted(number: Any, places: int) -> Decimal:
    """Return a number with its point moved to the right; nothing is rounded, as Python's own `scaleb` would."""
    return _EXACT.scaleb(Decimal(number), places)


def same_currency(left: Any, right: Any) -> None:
    """Raise an error value when both are money of different currencies."""
    if type(left) is Money and type(right) is Money:
        _currency(left, right)


def _exact(left: Any, right: Any, operation: str) -> Any:
    left, right = amount(left), amount(right)
    if type(left) is int and type(right) is int:
        return getattr(int, {"add": "__add__", "subtract": "__sub__", "multiply": "__mul__"}[operation])(left, right)
    return getattr(_EXACT, operation)(Decimal(left), Decimal(right))


def _fit(number: Any) -> Any:
    if type(number) is not int:
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -PLACES:
            number = _EXACT.quantize(number, _UNIT)
    if not -LIMIT < number < LIMIT:
        raise EvaluationError("The result is too large: numbers have at most 100 digits before the point.")
    return number


def _combine(left: Any, right: Any, result: Any) -> Any:
    currency = _currency(left, right)
    if type(left) is Money or type(right) is Money:
        return Money(Decimal(result), currency or "")
    return result


def _currency(left: Any, right: Any) -> str | None:
    first = left.currency if type(left) is Money else None
    second = right.currency if type(right) is Money else None
    if first and second and first != second:
        hint = "cannot be combined. Convert one of the amounts first."
        raise EvaluationError(f"{first} and {second} {hint}", f"Amounts of different currencies {hint}")
    return first or second
