"""Amounts as short as their place asks: without cents where there are none, or rounded to whole units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from kith_metadata.values import Money
from kith_platform.locale import PersonLocale

_EXACT = Markup('<span title="{}">{}</span>')


def short_amount(f: PersonLocale, value: Money) -> str:
    """Return an amount as short as it is exact: “€84,000”, but “€84,000.50”."""
    return rounded_amount(f, value) if _is_whole(value) else f.money(value.amount, value.currency)


def rounded_amount(f: PersonLocale, value: Money) -> str:
    """Return an amount in whole units, a half away from zero."""
    return f.whole_money(value.amount, value.currency)


def whole_amount(f: PersonLocale, value: Money) -> Markup | str:
    """Return an amount in whole units for a page, with the exact one for whoever points at what was rounded."""
    amount, currency = value.amount, value.currency
    shown = f.whole_money(amount, currency)
    return shown if _is_whole(value) else _rounded(f.money(amount, currency), shown)


@lru_cache(8192)
def _rounded(exact: str, shown: str) -> Markup:
    return _EXACT.format(exact, shown)


def is_shown_whole(options: Any) -> bool:
    """Tell whether a field's amounts stand in lists without cents; a formula says it as the money that it returns."""
    return getattr(options, "shows", "") == "whole"


def totals(f: PersonLocale, parts: tuple[Money, ...], write: Callable[[PersonLocale, Money], str] | None = None) -> str:
    """Return sums in several currencies beside each other: they do not add up.

    >>> from decimal import Decimal
    >>> totals(PersonLocale(), (Money(Decimal("12.50"), "EUR"), Money(Decimal(3), "CHF")), rounded_amount)
    '€13 + CHF\\xa03'
    """
    shown = write or (lambda f, part: f.money(part.amount, part.currency))
    return " + ".join(shown(f, part) for part in parts)


CELL: Mapping[str, Any] = {"whole": whole_amount}
"""What the template source of :func:`whole_cell` names."""


def whole_cell(value: str, prefix: str) -> str:
    """Return the Jinja source of an amount in whole units."""
    return "{{ " + f"{prefix}whole(f, {value})" + " }}"


def _is_whole(value: Money) -> bool:
    return value.amount == value.amount.to_integral_value()
