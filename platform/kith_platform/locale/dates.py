"""Dates and times as one person reads them.

"Fri 27 Nov", with the year only when it is not this one; past events as "2 h ago"; due dates as "in 7 days".
Instants are kept in UTC and shown in the person's zone; dates have no zone and never shift.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import DateTimePattern, get_timezone_name, parse_pattern

_AGO_DAYS = 6
_DUE_DAYS = 7


class DateFormats:
    """Formats dates and times for one locale and zone."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        self.locale = locale
        self.zone = zone
        skeletons = locale.datetime_skeletons
        self._this_year = _tidy(skeletons["MMMEd"].pattern)
        self._other_year = _tidy(skeletons["yMMMEd"].pattern)
        self._full_date = _tidy(locale.date_formats["full"].pattern)
        self._clock = locale.time_formats["short"]
        self._clock_seconds = locale.time_formats["medium"]
        self._day = lru_cache(4096)(self._write_day)
        self._time = lru_cache(1440)(self._write_time)

    def date(self, day: dt.date, today: dt.date) -> str:
        """Write a date for a table: ``"Fri 27 Nov"``, ``"Sat 27 Nov 2027"``."""
        return self._day(day, day.year == today.year)

    def time(self, moment: dt.time) -> str:
        """Write a time of day: ``"09:00"`` or ``"9:00 AM"``."""
        return self._time(moment.replace(second=0, microsecond=0))

    def datetime(self, moment: dt.datetime, now: dt.datetime) -> str:
        """Write an instant in the person's zone: ``"Fri 27 Nov, 09:00"``."""
        local = moment.astimezone(self.zone)
        return f"{self.date(local.date(), self.today(now))}, {self.time(local.time())}"

    def full(self, moment: dt.datetime) -> str:
        """Write an instant completely, for a title: ``"Friday 27 November 2026, 09:00:00 CET"``."""
        local = moment.astimezone(self.zone)
        zone = get_timezone_name(local, width="short", locale=self.locale)
        clock = self._clock_seconds.apply(local.time(), self.locale)
        return f"{self._full_date.apply(local.date(), self.locale)}, {clock} {zone}"

    def ago(self, moment: dt.datetime, now: dt.datetime) -> str:
        """Say how long ago something happened; after six days, its date."""
        seconds = (now - moment).total_seconds()
        if seconds < 0:
            return self.datetime(moment, now)
        if seconds < 60:
            return "just now"
        if seconds < 3600:
            return f"{int(seconds // 60)} min ago"
        local, today = moment.astimezone(self.zone).date(), self.today(now)
        days = (today - local).days
        if days == 0:
            return f"{int(seconds // 3600)} h ago"
        if days == 1:
            return "yesterday"
        return f"{days} d ago" if days <= _AGO_DAYS else self.date(local, today)

    def since(self, day: dt.date, today: dt.date) -> str:
        """Say on which day something happened: ``"today"``, ``"3 d ago"``; after six days, its date."""
        days = (today - day).days
        if 0 <= days <= 1:
            return "yesterday" if days else "today"
        return f"{days} d ago" if 1 < days <= _AGO_DAYS else self.date(day, today)

    def due(self, day: dt.date, today: dt.date) -> str:
        """Say when something is due: ``"in 7 days"``, ``"2 d late"``; further ahead, its date."""
        days = (day - today).days
        if days < 0:
            return f"{-days} d late"
        if days <= 1:
            return "tomorrow" if days else "today"
        return f"in {days} days" if days <= _DUE_DAYS else self.date(day, today)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the day that it is for the person at an instant."""
        return now.astimezone(self.zone).date()

    def to_utc(self, local: dt.datetime) -> dt.datetime:
        """Return the instant of a naive time in the person's zone.

        A time that the clocks skip is moved forward by the gap (02:30 becomes 03:30); of two, the first is meant.
        """
        return local.replace(tzinfo=self.zone, fold=0).astimezone(dt.UTC)

    def is_skipped(self, local: dt.datetime) -> bool:
        """Tell whether the clocks of the person's zone skip this naive time."""
        return self.to_utc(local).astimezone(self.zone).replace(tzinfo=None) != local

    def _write_day(self, day: dt.date, this_year: bool) -> str:
        return (self._this_year if this_year else self._other_year).apply(day, self.locale)

    def _write_time(self, moment: dt.time) -> str:
        return str(self._clock.apply(moment, self.locale))


def duration(amount: dt.timedelta) -> str:
    """Write a duration: ``"1h 30m"``, ``"45m"``, ``"26h"``; seconds only when there are some."""
    seconds = int(amount.total_seconds())
    minus = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if number]
    return minus + " ".join(parts) if parts else "0m"


def _tidy(pattern: str) -> DateTimePattern:
    """Leave out the comma after the weekday: "Fri 27 Nov" is calmer in a column."""
    return parse_pattern(pattern.replace("E, ", "E "))
