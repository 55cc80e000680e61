"""Locale: how each person reads and types numbers, money, dates, times and durations."""

from __future__ import annotations

from kith_platform.locale.numbers import NUMBER_FORMATS, currencies, minor_units
from kith_platform.locale.person import PersonLocale, person_locale

__all__ = ["NUMBER_FORMATS", "PersonLocale", "currencies", "minor_units", "person_locale"]
