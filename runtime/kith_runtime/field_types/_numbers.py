"""Shared by the types whose values are numbers: strict for programs, in the person's notation for people."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from kith_runtime.field_types._person import typed_number
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import InputScope, InvalidValue

DIGITS = 18
"""Digits of a decimal in all, before and after the point: what both databases keep exactly."""

LARGEST_INTEGER = 2**63 - 1

_PLAIN = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)


def not_a_number(raw: Any, hint: str = "Write digits, such as 24500 or 24500.50.") -> InvalidValue:
    """Return the error for input that is no number."""
    return InvalidValue("not_a_number", f"{shown(raw)} is not a number.", hint)


def read_decimal(raw: Any, scope: InputScope) -> Decimal:
    """Return raw input as an exact number of any scale.

    A program writes ``12.5`` or ``"12.50"``; a person writes as their locale does. NaN, infinity, exponents, other
    scripts' digits and underscores are refused in both.
    """
    if isinstance(raw, str):
        return _from_text(raw, scope)
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)):
        raise not_a_number(raw)
    if isinstance(raw, int):
        if abs(raw) > LARGEST_INTEGER:
            raise InvalidValue("too_large", "The number has too many digits.", f"Write at most {DIGITS} digits.")
        return Decimal(raw)
    if not math.isfinite(raw):
        raise not_a_number(raw)
    number = Decimal(repr(raw)) if isinstance(raw, float) else raw
    if abs(number.adjusted()) > 40:
        raise InvalidValue("too_large", "The number has too many digits.", f"Write at most {DIGITS} digits.")
    return number


def _from_text(raw: str, scope: InputScope) -> Decimal:
    text = raw.strip()
    if scope.source == "form":
        return typed_number(raw, scope)
    if not _PLAIN.fullmatch(text):
        raise not_a_number(raw)
    return Decimal(text)


def fit(number: Decimal, places: int, digits: int = DIGITS) -> Decimal:
    """Return the number with exactly so many decimal places; refuses more places and too many digits."""
    if not number:
        number = Decimal(0)
    if places_of(number) > places:
        said = f"{places} decimal place{'s' if places != 1 else ''}" if places else "no decimal places"
        raise InvalidValue(
            "too_precise",
            f"{plain(number)} has {places_of(number)} decimal places; this field has {said}.",
            f"Write {plain(round(number, places))}.",
        )
    if number.adjusted() >= digits - places:
        raise InvalidValue(
            "too_large",
            f"{plain(number)} is too large for this field.",
            f"Write at most {digits - places} digits before the point.",
        )
    return number.quantize(Decimal(1).scaleb(-places))


def places_of(number: Decimal) -> int:
    """Return how many decimal places a finite number needs."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(number: Decimal | int) -> str:
    """Return a number as digits and a point, without an exponent."""
    return format(number, "f")


def check_range(number: Decimal | int, least: Decimal | int | None, most: Decimal | int | None) -> None:
    """Refuse a number outside the limits."""
    if least is not None and number < least:
        raise InvalidValue("too_small", f"{plain(number)} is too small.", f"Write {plain(least)} or more.")
    if most is not None and number > most:
        raise InvalidValue("too_large", f"{plain(number)} is too large.", f"Write {plain(most)} or less.")


def limit(value: float | str | None) -> Decimal | None:
    """Return a limit of a field's options as an exact number."""
    return None if value is None else Decimal(str(value))
