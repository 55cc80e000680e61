"""Days and moments that say what they mean for today: what is late, and how long ago something was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from kith_metadata.kinds.entity import FieldOptions
from kith_metadata.spec import prop
from kith_platform.locale import PersonLocale

_NUMBER = Markup('<span class="k-num">{}</span>')
_SPOKEN = Markup('<span class="k-num{}" title="{}">{}</span>')
_WHOLE = Markup('<span class="k-num">{} <small class="{}">{}</small></span>')
_IDLE = Markup('<span class="k-idle k-num" title="{}">{}<bdi>{} d ago</bdi></span>')


class Rest(NamedTuple):
    """How many days a record may rest where it stands, and what that place is called."""

    days: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOptions(FieldOptions):
    """What a day means to people who read it beside others."""

    shows: Literal["date", "due", "ago"] = prop(
        "Shows",
        "date; due: the day by which something is to be done, which lists mark when it is today or late, until the "
        "record is closed; ago: when something was last done, told as yesterday or 6 d ago.",
        default="date",
    )


def due_day(f: PersonLocale, day: date, today: date, over: bool) -> Markup:
    """Return a day by which something is to be done; one far ahead, or of a record that is done with, as its date."""
    written = f.date(day, today)
    if over or (day - today).days > 1:
        return _NUMBER.format(written)
    tone = " k-bad" if day < today else " k-warn" if day == today else ""
    return _SPOKEN.format(tone, written, f.dates.due(day, today))


def due_moment(f: PersonLocale, moment: datetime, now: datetime, over: bool) -> Markup:
    """Return a moment by which something is to be done, the time of day with what is not late by days."""
    written = f.datetime(moment, now)
    today, day = f.dates.today(now), f.dates.today(moment)
    if over or (day - today).days > 1:
        return _NUMBER.format(written)
    tone = " k-bad" if moment < now else " k-warn" if day == today else ""
    words = f.dates.due(day, today)
    clock = f", {f.time(moment.astimezone(f.dates.zone).time())}" if day >= today else ""
    return _SPOKEN.format(tone, written, words + clock)


def ago_day(f: PersonLocale, day: date, today: date, rest: Rest | None, icon: Callable[..., Markup]) -> Markup:
    """Return how long ago a day was; ``rest`` is how long is usual there, more is marked."""
    return _ago(f.dates.since(day, today), f.date(day, today), (today - day).days, rest, icon)


def ago_moment(
    f: PersonLocale, moment: datetime, now: datetime, rest: Rest | None, icon: Callable[..., Markup]
) -> Markup:
    """Return how long ago a moment was; ``rest`` is how long is usual there, more is marked."""
    days = (f.dates.today(now) - f.dates.today(moment)).days
    return _ago(f.dates.ago(moment, now), f.datetime(moment, now), days, rest, icon)


def _ago(words: str, written: str, days: int, rest: Rest | None, icon: Callable[..., Markup]) -> Markup:
    if rest is None or days <= rest.days:
        return _SPOKEN.format("", written, words)
    told = f"{written}: {days} days ago; the limit in {rest.place} is {rest.days}"
    return _IDLE.format(told, icon("hourglass", "k-i-14"), days)


def due_day_whole(f: PersonLocale, day: date, today: date, over: bool) -> Markup:
    """Return a day by which something is to be done, and what that means for today where it is near or late."""
    written = f.date(day, today)
    words = written if over else f.dates.due(day, today)
    if words == written:
        return _NUMBER.format(written)
    return _WHOLE.format(written, _tone(day < today, day == today), words)


def due_moment_whole(f: PersonLocale, moment: datetime, now: datetime, over: bool) -> Markup:
    """Return a moment by which something is to be done, and what that means for today where it is near or late."""
    written, (today, day) = f.datetime(moment, now), (f.dates.today(now), f.dates.today(moment))
    words = f.dates.due(day, today)
    if over or words == f.date(day, today):
        return _NUMBER.format(written)
    return _WHOLE.format(written, _tone(moment < now, day == today), words)


def _tone(late: bool, near: bool) -> str:
    return "k-bad" if late else "k-warn" if near else "k-3"


def ago_day_whole(f: PersonLocale, day: date, today: date, rest: Rest | None, icon: Callable[..., Markup]) -> Markup:
    """Return a day with how long ago it was where that is near, or more than is usual there."""
    return _ago_whole(f.date(day, today), f.dates.since(day, today), (today - day).days, rest, icon)


def ago_moment_whole(
    f: PersonLocale, moment: datetime, now: datetime, rest: Rest | None, icon: Callable[..., Markup]
) -> Markup:
    """Return a moment with how long ago it was where that is near, or more than is usual there."""
    days = (f.dates.today(now) - f.dates.today(moment)).days
    return _ago_whole(f.datetime(moment, now), f.dates.ago(moment, now), days, rest, icon)


def _ago_whole(written: str, words: str, days: int, rest: Rest | None, icon: Callable[..., Markup]) -> Markup:
    if rest is not None and days > rest.days:
        told = f"{days} days ago; the limit in {rest.place} is {rest.days}"
        return _NUMBER.format(Markup("{} ").format(written) + _IDLE.format(told, icon("hourglass", "k-i-14"), days))
    # A day long past is named by its date alone.
    return _NUMBER.format(written) if words in written else _WHOLE.format(written, "k-3", words)


def spoken(shows: str, value: str, prefix: str, at: str, *, whole: bool = False) -> str:
    """Return the Jinja source of a cell; ``at`` names the template's today or now, ``whole`` gives the date as well.

    The row says with ``over`` whether the record is done with, and with ``rest`` how long it may rest: where it
    does not know, nothing is called late.
    """
    name = f"{prefix}{shows}{'_whole' if whole else ''}"
    state = "over|default(true)" if shows == "due" else "rest|default(none), icon"
    return "{{ " + f"{name}(f, {value}, {at}, {state})" + " }}"


def shown_as(options: Any) -> str:
    """Return what a field of days or moments shows; one that the system keeps has no options of its own."""
    return str(getattr(options, "shows", "date"))


def speaks(options: Any) -> bool:
    """Tell whether a field's cells say what the day means for today."""
    return shown_as(options) != "date"
