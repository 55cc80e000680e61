"""The locale of one person: language area, time zone, currency and a way of writing numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from kith_platform.errors import Invalid
from kith_platform.locale import inputs
from kith_platform.locale.dates import DateFormats, duration
from kith_platform.locale.numbers import NUMBER_FORMATS, NumberFormats, currencies


@dataclass(frozen=True)
class PersonLocale:
    """How one person reads and writes; make it with ``person_locale``, which checks and keeps it.

    ``number_format`` is blank for the locale's own way, or one of ``NUMBER_FORMATS``. Example::

        person_locale("nl_NL", "Europe/Amsterdam", "EUR").money(Decimal("84000"), "EUR")
    """

    locale: str = "en_GB"
    time_zone: str = "UTC"
    currency: str = "EUR"
    number_format: str = ""

    @cached_property
    def numbers(self) -> NumberFormats:
        """The compiled formats of numbers."""
        return NumberFormats(Locale.parse(self.locale), self.number_format)

    @cached_property
    def dates(self) -> DateFormats:
        """The compiled formats of dates and times."""
        return DateFormats(Locale.parse(self.locale), ZoneInfo(self.time_zone))

    @property
    def is_right_to_left(self) -> bool:
        """Tell whether the language is written from right to left."""
        return self.numbers.locale.text_direction == "rtl"

    def number(self, value: Decimal | int) -> str:
        """Write a number with the digits that it needs."""
        return self.numbers.natural(value)

    def decimal(self, value: Decimal | int, scale: int) -> str:
        """Write a number with ``scale`` digits after the point."""
        return self.numbers.fixed(value, scale)

    def money(self, amount: Decimal, currency: str | None = None, *, code: bool = False) -> str:
        """Write an amount; ``code`` shows "EUR" instead of the sign, for lists of mixed currencies."""
        return self.numbers.money(amount, currency or self.currency, code=code)

    def whole_money(self, amount: Decimal, currency: str) -> str:
        """Write an amount in whole units, a half away from zero."""
        return self.numbers.money(amount, currency, whole=True)

    def percent(self, value: Decimal | int, scale: int | None = None) -> str:
        """Write percent points: 12.5 becomes ``"12.5%"``."""
        return self.numbers.percent(value, scale)

    def date(self, day: dt.date, today: dt.date) -> str:
        """Write a date, the year only when it is not this one."""
        return self.dates.date(day, today)

    def time(self, moment: dt.time) -> str:
        """Write a time of day."""
        return self.dates.time(moment)

    def datetime(self, moment: dt.datetime, now: dt.datetime) -> str:
        """Write an instant in the person's zone."""
        return self.dates.datetime(moment, now)

    def duration(self, amount: dt.timedelta) -> str:
        """Write a duration."""
        return duration(amount)

    def read_number(self, text: str) -> Decimal:
        """Read a typed number; raises Invalid."""
        return inputs.read_number(self.numbers, text)

    def read_percent(self, text: str) -> Decimal:
        """Read typed percent points; raises Invalid."""
        return inputs.read_percent(self.numbers, text)

    def read_money(self, text: str, currency: str | None = None) -> tuple[Decimal, str]:
        """Read a typed amount and its currency; raises Invalid."""
        return inputs.read_money(self.numbers, text, currency or self.currency)

    def read_date(self, text: str, today: dt.date) -> dt.date:
        """Read a typed day; raises Invalid."""
        return inputs.read_date(self.dates, text, today)

    def read_time(self, text: str) -> dt.time:
        """Read a typed time of day; raises Invalid."""
        return inputs.read_time(text)

    def read_datetime(self, text: str, today: dt.date) -> dt.datetime:
        """Read a typed day and time of the person's zone into an instant in UTC; raises Invalid."""
        return inputs.read_datetime(self.dates, text, today)

    def read_duration(self, text: str) -> dt.timedelta:
        """Read a typed duration; raises Invalid."""
        return inputs.read_duration(text)


@lru_cache(1024)
def person_locale(
    locale: str = "en_GB", time_zone: str = "UTC", currency: str = "EUR", number_format: str = ""
) -> PersonLocale:
    """Return the checked locale of a person; people with the same choices share one.

    Raises Invalid and names the choice that does not exist.
    """
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError, TypeError):
        raise Invalid("no_locale", f"There is no locale {locale!r}.", "Write one like en_GB.", "locale") from None
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            "no_time_zone", f"There is no time zone {time_zone!r}.", "Write one like Europe/Amsterdam.", "time_zone"
        ) from None
    if currency not in currencies():
        raise Invalid("no_currency", f"There is no currency {currency!r}.", "Write a code like EUR.", "currency")
    if number_format and number_format not in NUMBER_FORMATS:
        raise Invalid(
            "no_number_format",
            f"There is no number format {number_format!r}.",
            f"Choose one of {', '.join(NUMBER_FORMATS)}.",
            "number_format",
        )
    return PersonLocale(locale, time_zone, currency, number_format)
