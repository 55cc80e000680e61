"""The way from values to a person's notation and back: the one place that knows both sides' errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from kith_metadata.values import Money
from kith_platform.errors import Invalid
from kith_platform.locale import PersonLocale
from kith_runtime.field_types._text import clean_line
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.plain_words import Understood, understand

T = TypeVar("T")

_YEARLESS = date(1, 1, 1)
_SOME_DAYS = (date(2000, 1, 1), date(2003, 7, 9))
_USUAL_TIME = time(9)


def number_text(value: Decimal | int, places: int, scope: InputScope) -> str:
    """Return a number with so many decimal places as the person writes it."""
    return scope.locale.decimal(value, places)


def percent_text(value: Decimal, scope: InputScope) -> str:
    """Return percent points with their sign."""
    return scope.locale.percent(value)


def money_text(value: Money, scope: InputScope) -> str:
    """Return an amount with its currency's sign."""
    return scope.locale.money(value.amount, value.currency)


def date_text(value: date, scope: InputScope) -> str:
    """Return a day; the year is left out when it is this one."""
    return scope.locale.date(value, _today(scope) or _YEARLESS)


def moment_text(value: datetime, scope: InputScope) -> str:
    """Return a moment in the person's zone."""
    return scope.locale.datetime(value, scope.now or datetime(1, 1, 2, tzinfo=UTC))


def time_text(value: time, scope: InputScope) -> str:
    """Return a time of day, with seconds only when there are some."""
    return value.isoformat() if value.second else scope.locale.time(value)


def duration_text(value: timedelta, scope: InputScope) -> str:
    """Return a length of time in hours, minutes and seconds."""
    return scope.locale.duration(value)


def typed_number(raw: str, scope: InputScope) -> Decimal:
    """Return a typed number."""
    return _read(scope.locale.read_number, raw)


def typed_money(raw: str, currency: str, scope: InputScope) -> tuple[Decimal, str]:
    """Return a typed amount with its currency, which is ``currency`` when none was typed."""
    return _read(lambda text: scope.locale.read_money(text, currency), raw)


def typed_date(raw: str, scope: InputScope) -> date:
    """Return a typed day, also in plain words ("next friday"); without a present, only one that says its year."""
    return _on_a_day(scope, raw, lambda text, today: _day(scope.locale, text, today))


def typed_moment(raw: str, scope: InputScope) -> datetime:
    """Return a typed moment of the person's zone, in UTC; a day in plain words alone means its morning."""
    return _on_a_day(scope, raw, lambda text, today: _moment(scope.locale, text, today))


def typed_time(raw: str, scope: InputScope) -> time:
    """Return a typed time of day."""
    return _read(scope.locale.read_time, raw)


def typed_duration(raw: str, scope: InputScope) -> timedelta:
    """Return a typed length of time; a minus before it makes it negative."""
    text = clean_line(raw).replace("−", "-")
    if text.startswith("-"):
        return -_read(scope.locale.read_duration, text[1:])
    return _read(scope.locale.read_duration, text)


def local_moment(value: datetime, scope: InputScope) -> datetime:
    """Return a moment without a zone, as the person's clock shows it, in UTC."""
    return scope.locale.dates.to_utc(value)


def clock_moment(value: datetime, scope: InputScope) -> datetime:
    """Return a moment as the person's clock shows it; with its offset when that clock shows the time twice."""
    local = value.astimezone(scope.locale.dates.zone)
    plain = local.replace(tzinfo=None)
    return plain if scope.locale.dates.to_utc(plain) == value else local


def _today(scope: InputScope) -> date | None:
    return scope.locale.dates.today(scope.now) if scope.now else None


def _on_a_day(scope: InputScope, raw: str, read: Callable[[str, date], T]) -> T:
    today = _today(scope)
    if today is not None:
        return _read(lambda text: read(text, today), raw)
    first, second = (_read(lambda text, day=day: read(text, day), raw) for day in _SOME_DAYS)  # type: ignore[misc]
    if first != second:
        raise InvalidValue("not_a_date", f'"{raw.strip()[:40]}" says no year.', "Write it as 2026-11-24.")
    return first


def _day(locale: PersonLocale, text: str, today: date) -> date:
    try:
        return locale.read_date(text, today)
    except Invalid:
        said = _in_words(locale, text, today)
        if said.day is None or said.time is not None:
            raise
        return said.day


def _moment(locale: PersonLocale, text: str, today: date) -> datetime:
    try:
        return locale.read_datetime(text, today)
    except Invalid:
        said = _in_words(locale, text, today)
        try:
            day = said.day or locale.read_date(text, today)
        except Invalid:
            day = None
        if day is None:
            raise
        return locale.dates.to_utc(datetime.combine(day, said.time or _USUAL_TIME))


def _in_words(locale: PersonLocale, text: str, today: date) -> Understood:
    """Return what plain words say; nothing when a part of them is not understood."""
    said = understand(text, datetime.combine(today, time()), locale, ignore=frozenset({"reminder", "length"}))
    left = list(text)
    for item in said.found:
        left[item.start : item.end] = " " * (item.end - item.start)
    return said if not "".join(left).strip(" ,") else Understood()


def _read(read: Callable[[str], T], raw: str) -> T:
    try:
        return read(clean_line(raw))
    except Invalid as problem:
        raise InvalidValue(problem.code, problem.message, problem.hint) from None
    except OverflowError:
        raise InvalidValue("out_of_range", f'"{raw.strip()[:40]}" is out of range.', "Look at the year.") from None
