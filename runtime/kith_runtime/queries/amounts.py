"""Amounts of money straight from their columns: lists show many, and each would else cost three decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kith_metadata.values import Money
from kith_runtime.field_types._currencies import places_of_currency


def amount_reader(dialect: str, scale: int) -> Callable[[Any, str | None], Money]:
    """Return what makes money of the two stored columns, as the field type's own ``load`` would."""
    text = _text_reader(dialect, scale)
    return lambda stored, currency: Money(Decimal(text(stored, currency)), currency or "")


def amount_json_reader(dialect: str, scale: int) -> Callable[[Any, str | None], dict[str, Any]]:
    """Return what makes the API's form of the two stored columns."""
    text = _text_reader(dialect, scale)
    return lambda stored, currency: {"amount": text(stored, currency), "currency": currency or ""}


def _text_reader(dialect: str, scale: int) -> Callable[[Any, str | None], str]:
    """The digits of an amount: as many places as its currency has, more only where they are not zero."""
    if dialect != "sqlite":
        return lambda stored, currency: _trimmed(*format(stored, "f").partition(".")[::2], currency)

    def scaled(stored: int, currency: str | None) -> str:
        digits = str(abs(stored)).zfill(scale + 1)
        whole = digits[:-scale] if scale else digits
        return _trimmed(whole if stored >= 0 else f"-{whole}", digits[len(whole) :], currency)

    return scaled


def _trimmed(whole: str, fraction: str, currency: str | None) -> str:
    places = places_of_currency(currency)
    if len(fraction) > places:
        fraction = fraction[:places] + fraction[places:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
