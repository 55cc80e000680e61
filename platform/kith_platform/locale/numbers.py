"""Numbers and money as one person reads them, from patterns that are compiled once per locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies

# What a person may choose instead of the locale's own way: the way 1234.56 is written.
NUMBER_FORMATS = {
    "1,234.56": (",", "."),
    "1.234,56": (".", ","),
    "1 234,56": ("\N{NARROW NO-BREAK SPACE}", ","),
    "1 234.56": ("\N{NARROW NO-BREAK SPACE}", "."),
    "1'234.56": ("’", "."),
}
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)
_WHOLE = Context(prec=60, rounding=ROUND_HALF_UP)
_UNIT = Decimal(1)
_MINUS = "\N{MINUS SIGN}"
_CACHED = 4096


@dataclass(frozen=True)
class Symbols:
    """The signs of a locale's numbers; ``by_twos`` is the Indian grouping 12,34,567."""

    group: str
    decimal: str
    minus: str
    by_twos: bool


@dataclass(frozen=True)
class _MoneyShape:
    before: str
    after: str
    digits: int


class NumberFormats:
    """Formats numbers for one locale; keeps what it wrote last."""

    def __init__(self, locale: Locale, number_format: str = "") -> None:
        self.locale = locale
        self.symbols = _symbols(locale, number_format)
        self._table = str.maketrans({",": self.symbols.group, ".": self.symbols.decimal, "-": self.symbols.minus})
        self._money: dict[tuple[str, bool], _MoneyShape] = {}
        self._percent = _percent_shape(locale)
        self._kept: dict[tuple[Decimal, str, bool, bool], str] = {}

    def fixed(self, value: Decimal | int, scale: int) -> str:
        """Write a number with ``scale`` digits after the point, rounded half-even: ``"1.234,50"``."""
        if isinstance(value, Decimal):
            value = _ROUNDING.quantize(value, Decimal(1).scaleb(-scale))
        text = f"{value:,.{scale}f}" if isinstance(value, Decimal) else f"{Decimal(value):,.{scale}f}"
        if self.symbols.by_twos:
            text = _by_twos(text)
        return text.translate(self._table)

    def natural(self, value: Decimal | int) -> str:
        """Write a number with the digits that it needs: ``"1.234,5"``."""
        if isinstance(value, int):
            return self.fixed(value, 0)
        exponent = value.normalize(_ROUNDING).as_tuple().exponent
        return self.fixed(value, max(0, -exponent) if isinstance(exponent, int) else 0)

    def money(self, amount: Decimal, currency: str, *, code: bool = False, whole: bool = False) -> str:
        """Write an amount with its currency's sign (or code) and minor units: ``"€ 1.234,50"``.

        ``whole`` writes whole units, a half away from zero: ``"€ 1.235"``.
        """
        key = (amount, currency, code, whole)
        text = self._kept.get(key)
        if text is None:
            shape = self._money.get((currency, code)) or self._compile_money(currency, code)
            exact = _WHOLE.quantize(amount, _UNIT) if whole else amount
            number = self.fixed(abs(exact), 0 if whole else shape.digits)
            minus = self.symbols.minus if exact < 0 else ""
            text = f"{minus}{shape.before}{number}{shape.after}"
            if len(self._kept) >= _CACHED:
                self._kept.clear()
            self._kept[key] = text
        return text

    def percent(self, value: Decimal | int, scale: int | None = None) -> str:
        """Write percent points: 12.5 is ``"12,5 %"``; ``scale`` fixes the digits."""
        number = self.natural(value) if scale is None else self.fixed(value, scale)
        before, after = self._percent
        return f"{before}{number}{after}"

    def _compile_money(self, currency: str, code: bool) -> _MoneyShape:
        sign = currency if code else get_currency_symbol(currency, self.locale)
        before, after = _around(self.locale.currency_formats["standard"].pattern)
        if before and sign[-1:].isalpha():
            # CLDR sets a blank between letters and digits: "CHF 5", but "€5".
            before = before.rstrip() + "\N{NO-BREAK SPACE}"
        shape = _MoneyShape(before.replace("¤", sign), after.replace("¤", sign), minor_units(currency))
        self._money[currency, code] = shape
        return shape


@cache
def minor_units(currency: str) -> int:
    """Return how many digits a currency has after the point: EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


@cache
def currencies() -> frozenset[str]:
    """Return the codes of all currencies, also former ones."""
    return frozenset(list_currencies())


def _symbols(locale: Locale, number_format: str) -> Symbols:
    own = locale.number_symbols["latn"]
    pattern = locale.decimal_formats[None]
    if number_format:
        group, decimal = NUMBER_FORMATS[number_format]
        return Symbols(group, decimal, "-", by_twos=False)
    minus = own.get("minusSign", "-").strip("\u200e\u200f\u061c")
    return Symbols(
        own["group"],
        own["decimal"],
        minus or "-",
        by_twos=pattern.grouping[1] == 2,
    )


def _by_twos(text: str) -> str:
    """Regroup ``-1,234,567.89`` by twos after the first three: ``-12,34,567.89``."""
    sign = "-" if text.startswith("-") else ""
    whole, point, rest = text.lstrip("-").replace(",", "").partition(".")
    if len(whole) > 3:
        head = re.sub(r"(?<=\d)(?=(?:\d\d)+$)", ",", whole[:-3])
        whole = f"{head},{whole[-3:]}"
    return f"{sign}{whole}{point}{rest}"


def _around(pattern: str) -> tuple[str, str]:
    positive = pattern.split(";")[0].replace("'", "").strip("\u200e\u200f\u061c")
    match = re.search(r"[#0,.]+", positive)
    if match is None:
        return "¤", ""
    return positive[: match.start()], positive[match.end() :]


def _percent_shape(locale: Locale) -> tuple[str, str]:
    return _around(locale.percent_formats[None].pattern)
