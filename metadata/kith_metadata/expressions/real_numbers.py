"""Powers, roots, logarithms and angles on exact decimals: worked out to 38 places, then kept to 18 as everything else.

Every engine computes with enough digits that the first 38 places are right, so they all round to the same number.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions.problems import EvaluationError

MAX_EXPONENT = 1_000_000
# e to this power has more than 100 digits before the point.
MAX_EXP = 231
MAX_ANGLE = Decimal(10) ** 15
_WORK = Context(prec=160, rounding=ROUND_HALF_EVEN, Emax=9_999_999, Emin=-9_999_999, traps=[InvalidOperation])
_SMALL = Decimal(1).scaleb(-110)
_PLACE = Decimal(1).scaleb(-exact.QUOTIENT_PLACES)
_TO_PLACES = Context(prec=320, rounding=ROUND_HALF_UP)
PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798215"
)


def _kept(number: Decimal) -> Decimal:
    if number.adjusted() > exact.LIMIT_DIGITS:
        raise _too_large()
    found = exact.rounded(_TO_PLACES.quantize(number, _PLACE))
    return found if found else Decimal(0)


def _too_large() -> EvaluationError:
    return EvaluationError("The result is too large: numbers have at most 100 digits before the point.")


def power(base: Any, exponent: Any) -> Decimal:
    """Return base to the power of a whole exponent from -1,000,000 to 1,000,000; 0 to the power of 0 is 1."""
    number, times = Decimal(exact.amount(base)), Decimal(exact.amount(exponent))
    if times != times.to_integral_value() or times.copy_abs() > MAX_EXPONENT:
        raise EvaluationError(
            "The exponent must be a whole number up to 1,000,000. For roots use sqrt(…), or exp(ln(a) * b)."
        )
    if not number:
        if times < 0:
            raise EvaluationError("Division by zero: 0 has no negative powers.")
        return Decimal(0) if times else Decimal(1)
    size = float(times) * math.log10(abs(number))
    if size > exact.LIMIT_DIGITS + 1:
        raise _too_large()
    if size < -exact.QUOTIENT_PLACES - 2:
        return Decimal(0)
    return _kept(_WORK.power(number, times))


def square_root(value: Any) -> Decimal:
    """Return the square root; a negative number has none, which is an error value."""
    number = Decimal(exact.amount(value))
    if number < 0:
        raise EvaluationError(
            "A negative number has no square root. Test it first, for example: sqrt(x) if x >= 0 else 0."
        )
    return _kept(_WORK.sqrt(number))


def exponential(value: Any) -> Decimal:
    """Return e to the power of a number."""
    number = Decimal(exact.amount(value))
    if number > MAX_EXP:
        raise _too_large()
    return _kept(_WORK.exp(max(number, Decimal(-MAX_EXP))))


def natural_logarithm(value: Any) -> Decimal:
    """Return the logarithm to the base e; only numbers above zero have one."""
    return _kept(_WORK.ln(_above_zero(value)))


def decimal_logarithm(value: Any) -> Decimal:
    """Return the logarithm to the base 10; only numbers above zero have one."""
    return _kept(_WORK.log10(_above_zero(value)))


def _above_zero(value: Any) -> Decimal:
    number = Decimal(exact.amount(value))
    if number <= 0:
        raise EvaluationError("Only numbers above zero have a logarithm. Test it first, for example: x > 0.")
    return number


def sine(value: Any) -> Decimal:
    """Return the sine of an angle in radians."""
    return _kept(_sine(_turned(value)))


def cosine(value: Any) -> Decimal:
    """Return the cosine of an angle in radians."""
    return _kept(_cosine(_turned(value)))


def tangent(value: Any) -> Decimal:
    """Return the tangent of an angle in radians."""
    angle = _turned(value)
    return _kept(_WORK.divide(_sine(angle), _cosine(angle)))


def arc_sine(value: Any) -> Decimal:
    """Return the angle from -pi/2 to pi/2 whose sine is the number, which lies from -1 to 1."""
    number = _ratio(value, "sine")
    return _kept(_angle(number, _other_leg(number)))


def arc_cosine(value: Any) -> Decimal:
    """Return the angle from 0 to pi whose cosine is the number, which lies from -1 to 1."""
    number = _ratio(value, "cosine")
    return _kept(_angle(_other_leg(number), number))


def arc_tangent(value: Any) -> Decimal:
    """Return the angle between -pi/2 and pi/2 whose tangent is the number."""
    return _kept(_angle(Decimal(exact.amount(value)), Decimal(1)))


def arc_tangent_of(height: Any, width: Any) -> Decimal:
    """Return the angle from -pi to pi at which a point lies; 0 for the origin."""
    return _kept(_angle(Decimal(exact.amount(height)), Decimal(exact.amount(width))))


def _turned(value: Any) -> Decimal:
    number = Decimal(exact.amount(value))
    if number.copy_abs() > MAX_ANGLE:
        raise EvaluationError("The angle is too large: up to 10^15 is possible.")
    full = _WORK.multiply(PI, Decimal(2))
    turns = _WORK.divide(number, full).to_integral_value(rounding=ROUND_HALF_EVEN)
    return _WORK.subtract(number, _WORK.multiply(turns, full))


def _ratio(value: Any, name: str) -> Decimal:
    number = Decimal(exact.amount(value))
    if number.copy_abs() > 1:
        raise EvaluationError(f"A {name} lies from -1 to 1.")
    return number


def _other_leg(number: Decimal) -> Decimal:
    return _WORK.sqrt(_WORK.subtract(Decimal(1), _WORK.multiply(number, number)))


def _series(first: Decimal, step: int, square: Decimal) -> Decimal:
    total, term, index = first, first, step
    # The sign of a decimal is turned by `copy_negate`: the minus sign would round it to 28 digits.
    turned = square.copy_negate()
    while term.copy_abs() > _SMALL:
        term = _WORK.divide(_WORK.multiply(term, turned), Decimal(index * (index + 1)))
        total, index = _WORK.add(total, term), index + 2
    return total


def _sine(angle: Decimal) -> Decimal:
    return _series(angle, 2, _WORK.multiply(angle, angle))


def _cosine(angle: Decimal) -> Decimal:
    return _series(Decimal(1), 1, _WORK.multiply(angle, angle))


def _angle(height: Decimal, width: Decimal) -> Decimal:
    if not width:
        quarter = _WORK.divide(PI, Decimal(2))
        return quarter.copy_sign(height) if height else Decimal(0)
    angle = _arc(_WORK.divide(height, width))
    if width > 0:
        return angle
    return _WORK.add(angle, PI) if height >= 0 else _WORK.subtract(angle, PI)


def _arc(slope: Decimal) -> Decimal:
    """Return the arc tangent: the slope is halved in angle until its series ends soon."""
    doublings = 0
    while slope.copy_abs() > Decimal("0.05"):
        root = _WORK.sqrt(_WORK.add(Decimal(1), _WORK.multiply(slope, slope)))
        slope, doublings = _WORK.divide(slope, _WORK.add(Decimal(1), root)), doublings + 1
    turned, total, power_of, index = _WORK.multiply(slope, slope).copy_negate(), slope, slope, 3
    while power_of.copy_abs() > _SMALL:
        power_of = _WORK.multiply(power_of, turned)
        total, index = _WORK.add(total, _WORK.divide(power_of, Decimal(index))), index + 2
    return _WORK.multiply(total, Decimal(2**doublings))
