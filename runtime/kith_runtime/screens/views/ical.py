"""Events as an iCalendar text (RFC 5545): UTC moments and plain dates, so that no zone has to be described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from unicodedata import category

LINE_OCTETS = 75
"""A line of the format is at most this long, in octets, without its end."""

_BREAKING = ("Cc", "Cs", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Moments know their zone; with dates, ``end`` is the last day, as people count."""

    uid: str
    summary: str
    start: date | datetime
    end: date | datetime
    url: str
    changed: datetime


def calendar_text(name: str, events: Iterable[Event]) -> str:
    """Return a calendar with its events.

    >>> day = date(2026, 11, 24)
    >>> text = calendar_text("Fairs", [Event("1", "Expo; day 1", day, day, "", datetime(2026, 1, 1, tzinfo=UTC))])
    >>> "DTEND;VALUE=DATE:20261125" in text, r"SUMMARY:Expo\\; day 1" in text
    (True, True)
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kith//Calendar//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(event: Event) -> list[str]:
    last = event.end if isinstance(event.end, datetime) else event.end + timedelta(days=1)
    lines = ["BEGIN:VEVENT", f"UID:{escaped(event.uid)}", f"DTSTAMP:{_stamp(event.changed)}"]
    lines += [f"LAST-MODIFIED:{_stamp(event.changed)}", f"DTSTART{_value(event.start)}", f"DTEND{_value(last)}"]
    lines.append(f"SUMMARY:{escaped(event.summary)}")
    if event.url:
        lines.append(f"URL:{event.url}")
    return [*lines, "END:VEVENT"]


def _value(value: date | datetime) -> str:
    return f":{_stamp(value)}" if isinstance(value, datetime) else f";VALUE=DATE:{value:%Y%m%d}"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Return a text as a value of the format, without signs that control devices or end lines.

    Those that join or part what stands beside them stay: names and whole writings need them.
    """
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        text = text.replace(sign, written)
    return "".join(sign for sign in text if category(sign) not in _BREAKING)


def folded(line: str) -> Iterator[str]:
    """Yield the lines that a long line is folded into; a character is never cut in two."""
    piece, size, limit = "", 0, LINE_OCTETS
    for sign in line:
        octets = len(sign.encode())
        if size + octets > limit:
            yield piece
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    yield piece
