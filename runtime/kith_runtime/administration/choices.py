"""What people choose from in their settings: languages and regions, time zones, currencies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, localedata

from kith_platform.locale import currencies
from kith_runtime import people

_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?_[A-Z]{2}")
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Choice = tuple[str, str]
"""A stored value and the words for it."""


@cache
def locale_choices() -> tuple[Choice, ...]:
    """Return languages with regions: ``("nl_NL", "Dutch (Netherlands)")``."""
    # Each in its own words would be kinder, but reads the data of five hundred languages: seconds, and much memory.
    english = Locale("en")
    found = []
    for name in filter(_LOCALE.fullmatch, localedata.locale_identifiers()):
        language, *parts = name.split("_")
        words = [english.scripts.get(part) or english.territories.get(part) or part for part in parts]
        found.append((name, f"{english.languages.get(language, language)} ({', '.join(words)})"))
    return tuple(sorted(found, key=lambda choice: (choice[1].casefold(), choice[0])))


@cache
def time_zone_choices() -> Mapping[str, tuple[Choice, ...]]:
    """Return the time zones by continent or ocean, each by its city."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for name in sorted(available_timezones()):
        area, _, city = name.partition("/")
        if area in _AREAS and city:
            found[area].append((name, city.replace("_", " ")))
    return {"Everywhere": (("UTC", "UTC"),), **{area: tuple(found[area]) for area in _AREAS if found[area]}}


@cache
def currency_choices(locale: str) -> tuple[Choice, ...]:
    """Return the currencies, named in a language: ``("EUR", "EUR, Euro")``."""
    names = Locale.parse(locale).currencies
    return tuple((code, f"{code}, {names[code]}" if code in names else code) for code in sorted(currencies()))


def number_format_choices() -> tuple[Choice, ...]:
    """Return the ways to write numbers by an example of each."""
    return (("locale", "As the language does"), *people.NUMBER_FORMAT_NAMES.items())
