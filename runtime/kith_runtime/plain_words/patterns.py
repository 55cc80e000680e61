"""The patterns of one language and locale, compiled once: where a day, a time or a length may stand in a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from kith_runtime.plain_words.language import LANGUAGES, Words

# A word does not begin or end in the middle of another, a number, an address or a path.
_BEGIN = r"(?<![\w/@.:#-])"
_END = r"(?![\w/@-]|[.:]\w)"


@dataclass(frozen=True, slots=True)
class Patterns:
    """Compiled patterns; ``weekdays`` and ``months`` give the number of a name in lower case, Monday being 0."""

    words: Words
    day: re.Pattern[str]
    time: re.Pattern[str]
    reminder: re.Pattern[str]
    lasting: re.Pattern[str]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]


@lru_cache(64)
def patterns_of(language: str, locale: str) -> Patterns:
    """Return the patterns for the words of a language, with the names of days and months of a locale and of English."""
    words = LANGUAGES[language]
    weekdays = {**_names(locale, "days"), **_names("en", "days")}
    months = {**_names(locale, "months"), **_names("en", "months")}
    number = rf"\d{{1,3}}|{_any(words.numbers)}"
    unit = "|".join(f"(?P<{{0}}_{name}>{text})" for name, text in words.units.items())
    day = _day(words, weekdays, months, number, unit.replace("{0}", "in"))
    time = _time(words)
    earlier = f"(?P<before>{number})? ?(?:{unit.replace('{0}', 'be')}) (?:{words.earlier})"
    reminder = (
        f"(?:{words.remind}):? ?(?:(?P<rel>{earlier})|(?P<abs>(?:{_bare(day)})(?:,? {_bare(time)})?|{_bare(time)}))"
    )
    lasting = f"(?:{words.lasting}) (?P<number>{number}|(?P<half>half an)) ?(?:{unit.replace('{0}', 'la')})"
    return Patterns(
        words=words,
        day=_compiled(day),
        time=_compiled(time),
        reminder=_compiled(reminder),
        lasting=_compiled(lasting),
        weekdays=weekdays,
        months=months,
    )


def _day(words: Words, weekdays: Mapping[str, int], months: Mapping[str, int], number: str, unit: str) -> str:
    full = [name for name in weekdays if len(name) > 3]
    ordinal = r"(?:st|nd|rd|th)?\.?"
    month = _any(months)
    written = (
        rf"(?P<dom1>\d{{1,2}}){ordinal} (?:of )?(?P<mon1>{month})\.?(?:,? (?P<year1>\d{{4}}))?"
        rf"|(?P<mon2>{month})\.? (?P<dom2>\d{{1,2}}){ordinal}(?:,? (?P<year2>\d{{4}}))?"
    )
    digits = r"(?P<digits>\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.)"
    return (
        f"(?:(?:{words.before_day}) )?(?:"
        f"(?P<after>{words.after_tomorrow})|(?P<today>{words.today})|(?P<tomorrow>{words.tomorrow})"
        f"|(?P<week>{words.next_week})|(?P<month>{words.next_month})"
        f"|(?P<eow>{words.end_of_week})|(?P<eom>{words.end_of_month})|{written}|{digits})"
        f"|(?:{words.ahead}) (?P<ahead>{number}) ?(?:{unit})"
        f"|(?P<next>{words.next}) (?P<named1>{_any(weekdays)})"
        f"|(?:{words.before_day}) (?P<named2>{_any(weekdays)})"
        f"|(?P<named3>{_any(full)})"
    )


def _time(words: Words) -> str:
    amount = "|".join(["%", r"\d", *words.units.values()])
    return (
        f"(?:(?:{words.at}) ?)?(?:"
        r"(?P<hour1>\d{1,2}):(?P<minute1>\d{2})(?: ?(?P<half1>am|pm|a\.m\.|p\.m\.))?"
        rf"(?: (?:{words.clock}))?"
        r"|(?P<hour2>\d{1,2}) ?(?P<half2>am|pm|a\.m\.|p\.m\.)"
        rf"|(?P<hour3>\d{{1,2}}) (?:{words.clock})"
        f"|(?P<noon>{words.noon}))"
        rf"|(?:{words.at}) ?(?P<hour4>\d{{1,2}})(?:[.h](?P<minute4>\d{{2}}))?(?! ?(?:{amount}))"
    )


def _names(locale: str, kind: str) -> dict[str, int]:
    known = Locale.parse(locale)
    found: dict[str, int] = {}
    for widths in (known.days if kind == "days" else known.months)["format"], _standing(known, kind):
        for width in ("wide", "abbreviated"):
            for number, name in widths.get(width, {}).items():
                word = name.lower().rstrip(".")
                if len(word) > 2:
                    found.setdefault(word, number)
    return found


def _standing(locale: Locale, kind: str) -> Mapping[str, Mapping[int, str]]:
    names = locale.days if kind == "days" else locale.months
    return names.get("stand-alone", {})  # type: ignore[no-any-return]


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _bare(pattern: str) -> str:
    """Return a pattern without names of groups, for use inside another."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_BEGIN + f"(?:{pattern})" + _END, re.IGNORECASE)
