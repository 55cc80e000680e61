"""What a person types into a form, read in the person's own way, with errors in plain words.

A number is read as the locale writes it; the other way of writing it is taken too where it can only mean one thing.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale

from kith_platform.errors import Invalid
from kith_platform.locale.dates import DateFormats
from kith_platform.locale.numbers import NumberFormats, currencies

_LONGEST = 60
_BLANKS = re.compile("[\\s\u00a0\u202f\u2009'’]")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_SCALED = re.compile(r"(.*?)\s*(k|m|bn)", re.IGNORECASE | re.DOTALL)
_MIXED = re.compile(r"(\d+)\s*k\s*(\d{1,2})", re.IGNORECASE | re.ASCII)
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "zł": "PLN", "Kč": "CZK"}
_MONEY = re.compile(r"([^\W\d_]{1,3}\$?|[^\w\s.,+\-−(']+)?\s*([+\-−]?[\d.,'’\s]*\d\s*(?:k|m|bn)?)\s*(.*)", re.I | re.S)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DIGITS_DAY = re.compile(r"(\d{1,4})[./\- ](\d{1,2})(?:[./\- ](\d{1,4}))?\.?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?(?::(\d{2}))?\s*(am|pm|a|p|h|uhr)?", re.IGNORECASE | re.ASCII)
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)
_SECONDS = {"": 60, "d": 86400, "h": 3600, "m": 60, "s": 1}
_UNIT_WORDS = {
    "day": "d", "days": "d", "hour": "h", "hours": "h", "hr": "h", "hrs": "h", "min": "m", "mins": "m",
    "minute": "m", "minutes": "m", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
}  # fmt: skip
_ENGLISH = Locale("en")
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_FROM_TODAY = re.compile(r"([+-]?)\s*(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)", re.ASCII)


def read_number(formats: NumberFormats, text: str) -> Decimal:
    """Read ``"24.500,00"``, ``"24 500"``, ``"24.5k"``; raises Invalid."""
    typed = text.strip()
    match = _SCALED.fullmatch(typed)
    digits, unit = (match[1], match[2].lower()) if match else (typed, "")
    number = _plain_number(formats, digits) if len(typed) <= _LONGEST else None
    if number is None:
        raise Invalid("not_a_number", f'"{_short(typed)}" is not a number.', _number_hint(formats, typed))
    return number * _FACTORS[unit]


def read_percent(formats: NumberFormats, text: str) -> Decimal:
    """Read percent points, with or without the sign."""
    return read_number(formats, text.strip().strip("%").strip())


def read_money(formats: NumberFormats, text: str, currency: str) -> tuple[Decimal, str]:
    """Read an amount and its currency, which is ``currency`` when none is typed: ``"€ 24.5k"``, ``"80 USD"``."""
    typed = text.strip()
    match = _MONEY.fullmatch(typed) if len(typed) <= _LONGEST else None
    if match is None:
        return read_number(formats, typed), currency
    before, number, after = (match[1] or "").strip(), match[2], match[3].strip()
    sign = before or after
    if before and after:
        raise _no_amount(typed)
    if not sign:
        return read_number(formats, number), currency
    code = _SIGNS.get(sign) or sign.upper()
    if sign == "$":
        code = currency if currency in {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"} else "USD"
    if code not in currencies():
        raise _no_amount(typed)
    return read_number(formats, number), code


def read_date(formats: DateFormats, text: str, today: date) -> date:
    """Read a day: ``"2026-11-27"``, the locale's order, ``"27 nov"``, ``"fri"``, ``"tomorrow"``, ``"+3d"``; or Invalid.

    Without a year the day nearest to today is meant; a weekday is the next one.
    """
    typed = " ".join(text.split()).casefold().replace(",", "").replace("−", "-")
    named = {"today": 0, "tomorrow": 1, "yesterday": -1}.get(typed)
    if named is not None:
        return today + timedelta(days=named)
    if len(typed) <= _LONGEST:
        day = _weekday(formats.locale, typed, today) or _numeric_day(formats.locale, typed, today)
        day = day or _written_day(formats.locale, typed, today) or _from_today(typed, today)
        if day is not None:
            return day
    example = f"{today.isoformat()}, {today.day} {today:%b}, fri or +3d"
    raise Invalid("not_a_date", f'"{_short(text)}" is not a date.', f"Write it like {example}.")


def read_time(text: str) -> time:
    """Read a time of day: ``"9"``, ``"9:30"``, ``"0930"``, ``"9.30 pm"``; raises Invalid."""
    match = _CLOCK.fullmatch(text.strip())
    if match:
        hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
        half = (match[4] or "").lower()[:1]
        if half in {"a", "p"}:
            hour = -1 if not 1 <= hour <= 12 else hour % 12 + (12 if half == "p" else 0)
        if 0 <= hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise Invalid("not_a_time", f'"{_short(text)}" is not a time.', "Write it like 9:30 or 14:00.")


def read_datetime(formats: DateFormats, text: str, today: date) -> datetime:
    """Read a day and a time in the person's zone and return the instant in UTC; raises Invalid."""
    typed = " ".join(text.replace("T", " ").split()) if "T" in text[10:11] else " ".join(text.split())
    words = typed.split(" ")
    for size in (2, 1):
        if (
            size == 1
            and _YEAR.fullmatch(words[-1])
            and _written_day(formats.locale, typed.casefold().replace(",", ""), today)
        ):
            break  # "27 Nov 2026" says no time
        clock = " ".join(words[-size:])
        if len(words) > size and _CLOCK.fullmatch(clock) and not (size == 2 and words[-2][-1:].isalpha()):
            try:
                day = read_date(formats, " ".join(words[:-size]), today)
                return formats.to_utc(datetime.combine(day, read_time(clock)))
            except Invalid:
                continue
    raise Invalid(
        "not_a_datetime", f'"{_short(text)}" is not a date with a time.', f"Write it like {today.isoformat()} 9:30."
    )


def read_duration(text: str) -> timedelta:
    """Read a duration: ``"1h 30m"``, ``"1:30"``, ``"1.5h"``, ``"90"`` (minutes); raises Invalid."""
    typed = text.strip().casefold()
    clock = re.fullmatch(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", typed, re.ASCII)
    if clock:
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3] or 0))
    position, seconds = 0, Decimal(0)
    while len(typed) <= _LONGEST and (part := _PART.match(typed, position)):
        unit = _UNIT_WORDS.get(part[2], part[2])
        if unit not in _SECONDS or (unit == "" and part[0] != typed):
            break
        seconds += Decimal(part[1].replace(",", ".")) * _SECONDS[unit]
        position = part.end()
    if not typed or position != len(typed) or seconds > 10**9:
        raise Invalid("not_a_duration", f'"{_short(text)}" is not a duration.', "Write it like 1h 30m, 1:30 or 90.")
    return timedelta(seconds=int(seconds.to_integral_value()))


def _plain_number(formats: NumberFormats, text: str) -> Decimal | None:
    symbols = formats.symbols
    typed = text.strip().replace("−", "-")
    own_group = "" if _BLANKS.fullmatch(symbols.group) else symbols.group
    for group, point in ((own_group, symbols.decimal), _other_way(symbols.decimal)):
        separators = "[\\s\u00a0\u202f\u2009'’" + re.escape(group) + "]"
        shape = rf"[+-]?(?:\d{{1,3}}(?:{separators}\d{{2,3}})*{separators}\d{{3}}|\d+)?(?:{re.escape(point)}\d+)?"
        if re.fullmatch(shape, typed, re.ASCII) and typed.strip("+-"):
            digits = _BLANKS.sub("", typed).replace(group, "") if group else _BLANKS.sub("", typed)
            return Decimal(digits.replace(point, "."))
    return None


def _other_way(point: str) -> tuple[str, str]:
    return (",", ".") if point == "," else (".", ",")


def _number_hint(formats: NumberFormats, typed: str) -> str:
    point = formats.symbols.decimal
    mixed = _MIXED.fullmatch(typed)
    if mixed:
        meant = Decimal(f"{mixed[1]}.{mixed[2]}") * 1000
        return f"Write {meant.normalize():f} or {mixed[1]}{point}{mixed[2]}k."
    return f"Write for example 24500 or 24{point}5k."


def _no_amount(typed: str) -> Invalid:
    return Invalid(
        "not_an_amount", f'"{_short(typed)}" is not an amount of money.', "Write for example 24500 or 80 USD."
    )


def _numeric_day(locale: Locale, typed: str, today: date) -> date | None:
    iso = _ISO_DAY.fullmatch(typed)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    match = _DIGITS_DAY.fullmatch(typed)
    if not match:
        return None
    order = [letter for letter in re.sub(r"(.)\1+", r"\1", locale.date_formats["short"].pattern) if letter in "dMy"]
    if match[3] is None:
        first, second = int(match[1]), int(match[2])
        month, number = (first, second) if order.index("M") < order.index("d") else (second, first)
        return _nearest(month, number, today)
    parts = {letter: int(part) for letter, part in zip(order, match.group(1, 2, 3), strict=True)}
    if len(match[1]) == 4:
        parts = dict(zip("yMd", map(int, match.group(1, 2, 3)), strict=True))
    return _day(_whole_year(parts["y"], today), parts["M"], parts["d"])


def _written_day(locale: Locale, typed: str, today: date) -> date | None:
    words = [word.strip(".") for word in typed.split()]
    if words and (words[0] in _weekday_names(locale) or words[0] in _weekday_names(_ENGLISH)) and len(words) > 1:
        words = words[1:]
    months = _month_names(_ENGLISH) | _month_names(locale)
    month = next((months[word] for word in words if word in months), None)
    numbers = [int(word) for word in words if re.fullmatch(r"\d{1,4}", word, re.ASCII)]
    if month is None or not 1 <= len(numbers) <= 2 or len(words) != len(numbers) + 1:
        return None
    if len(numbers) == 1:
        return _nearest(month, numbers[0], today)
    return _day(_whole_year(numbers[1], today), month, numbers[0])


def _weekday(locale: Locale, typed: str, today: date) -> date | None:
    names = _weekday_names(_ENGLISH) | _weekday_names(locale)
    wanted = names.get(typed.strip("."))
    return None if wanted is None else today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _from_today(typed: str, today: date) -> date | None:
    match = _FROM_TODAY.fullmatch(typed)
    if match is None:
        return None
    number, unit = int(f"{match[1]}{match[2]}"), match[3][0]
    if unit in "dw":
        return today + timedelta(days=number * (7 if unit == "w" else 1))
    year, month = divmod(today.year * 12 + today.month - 1 + number * (12 if unit == "y" else 1), 12)
    # A shorter month ends earlier: a month after 31 January is 28 February.
    days = (_day(year, month + 1, number) for number in range(today.day, today.day - 4, -1))
    return next(filter(None, days), None)


def _month_names(locale: Locale) -> dict[str, int]:
    return _names(locale.months["format"])


def _weekday_names(locale: Locale) -> dict[str, int]:
    return _names(locale.days["format"])


def _names(widths: Any) -> dict[str, int]:
    chosen = [widths["wide"], widths["abbreviated"]]
    return {name.casefold().strip("."): number for names in chosen for number, name in names.items()}


def _nearest(month: int, number: int, today: date) -> date | None:
    days = [day for year in (today.year - 1, today.year, today.year + 1) if (day := _day(year, month, number))]
    return min(days, key=lambda day: abs((day - today).days), default=None)


def _whole_year(year: int, today: date) -> int:
    if year >= 100:
        return year
    century = today.year // 100 * 100
    full = century + year
    return full - 100 if full > today.year + 50 else full


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
