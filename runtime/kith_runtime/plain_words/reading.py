"""Read a line of plain words: "Follow up next Friday 9:00, remind me 1 day before".

Days are meant as most people mean them: "Friday" is the next one that comes, "next Friday" the one of next week. Weeks
begin on Monday. A time without a day is today, or tomorrow when it has passed. A reminder "1 day before" counts from
the time, and from 09:00 where none was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from kith_platform.errors import Invalid
from kith_platform.locale import PersonLocale
from kith_runtime.plain_words.language import languages_for
from kith_runtime.plain_words.patterns import Patterns, patterns_of

LONGEST = 2000
USUAL_TIME = time(9)
_HALF_DAY = 12
_LAST_HOUR = 23
_LAST_MINUTE = 59
_DAYS = {"day": 1, "week": 7}
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}


class ChoiceWord(NamedTuple):
    """A choice that a line may name: "high priority" or "!high" chooses ``value`` for ``field``."""

    field: str
    value: str
    label: str
    field_label: str


class Found(NamedTuple):
    """A stretch of the line that was understood: what as, and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class Understood:
    """What a line says. ``reminder`` and the other times are the person's own, without a zone."""

    title: str = ""
    day: date | None = None
    time: time | None = None
    reminder: datetime | None = None
    length: timedelta | None = None
    choices: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    @property
    def moment(self) -> datetime | None:
        """The day with its time, where both are known."""
        return datetime.combine(self.day, self.time) if self.day is not None and self.time is not None else None


def understand(
    text: str,
    now: datetime,
    locale: PersonLocale,
    *,
    choices: Sequence[ChoiceWord] = (),
    ignore: frozenset[str] = frozenset(),
) -> Understood:
    """Return what a line of plain words says at ``now``, the person's own time without a zone.

    ``ignore`` names kinds (``day``, ``time``, ``reminder``, ``length``, or a field of a choice) that are left as title.
    Nothing is ever an error: a 31st of February simply stays in the title.
    """
    return _Reading(text[:LONGEST], now, locale, ignore).read(choices)


class _Reading:
    def __init__(self, text: str, now: datetime, locale: PersonLocale, ignore: frozenset[str]) -> None:
        self._text = text
        self._left = text
        self._now = now
        self._locale = locale
        self._ignore = ignore
        self._said = Understood()
        language = locale.locale.partition("_")[0]
        self._patterns = [patterns_of(name, locale.locale) for name in languages_for(language)]

    def read(self, choices: Sequence[ChoiceWord]) -> Understood:
        said = self._said
        reminder = self._reminder()
        self._length()
        self._day()
        self._time()
        for choice in choices:
            self._choice(choice)
        if said.time is not None and said.day is None and "day" not in self._ignore:
            later = said.time > self._now.time()
            said.day = self._now.date() if later else self._now.date() + timedelta(1)
        if reminder is not None:
            self._remind(*reminder)
        said.title = _title(self._text, said.found) or " ".join(self._text.split())
        said.found.sort(key=lambda item: item.start)
        return said

    # ---- what stands where ------------------------------------------------------------------------------------------

    def _take(self, kind: str, match: re.Match[str]) -> None:
        self._said.found.append(Found(kind, match.start(), match.end()))
        self._left = self._left[: match.start()] + " " * len(match[0]) + self._left[match.end() :]

    def _matches(self, name: str) -> Iterator[tuple[Patterns, re.Match[str]]]:
        for patterns in self._patterns:
            pattern: re.Pattern[str] = getattr(patterns, name)
            for match in pattern.finditer(self._left):
                yield patterns, match

    def _reminder(self) -> tuple[Patterns, re.Match[str]] | None:
        """Take the reminder out first: the day and the time in it are its own."""
        if "reminder" in self._ignore:
            return None
        found = next(self._matches("reminder"), None)
        if found is not None:
            self._left = self._left[: found[1].start()] + " " * len(found[1][0]) + self._left[found[1].end() :]
        return found

    def _length(self) -> None:
        for patterns, match in self._matches("lasting"):
            unit = _unit(match, "la")
            if "length" not in self._ignore and unit in ("minute", "hour"):
                number = 0.5 if match["half"] else _number(patterns, match["number"])
                self._said.length = timedelta(minutes=number * _MINUTES[unit])
                self._take("length", match)
                return

    def _day(self) -> None:
        # "next Friday" is English also for those whose own language knows the "Friday" in it.
        found = sorted(self._matches("day"), key=lambda item: (item[1].start(), -item[1].end()))
        for patterns, match in found:
            if "day" in self._ignore:
                return
            unit = _unit(match, "in")
            if unit in ("minute", "hour"):
                moment = self._now + timedelta(minutes=_number(patterns, match["ahead"]) * _MINUTES[unit])
                self._said.day, self._said.time = moment.date(), moment.time().replace(second=0, microsecond=0)
                self._take("day", match)
                return
            day = self._day_of(patterns, match)
            if day is not None:
                self._said.day = day
                self._take("day", match)
                return

    def _time(self) -> None:
        for _, match in self._matches("time"):
            found = _time_of(match)
            if found is not None and self._said.time is None and "time" not in self._ignore:
                self._said.time = found
                self._take("time", match)
                return

    def _choice(self, choice: ChoiceWord) -> None:
        if choice.field in self._ignore or choice.field in self._said.choices:
            return
        label, name = re.escape(choice.label), re.escape(choice.field_label)
        match = re.search(rf"(?<!\w)(?:!{label}|{label} {name}|{name} {label})(?!\w)", self._left, re.IGNORECASE)
        if match is not None:
            self._said.choices[choice.field] = choice.value
            self._take(choice.field, match)

    def _remind(self, patterns: Patterns, match: re.Match[str]) -> None:
        said = self._said
        moment = self._reminder_of(patterns, match)
        if moment is not None:
            said.reminder = moment
            said.found.append(Found("reminder", match.start(), match.end()))

    # ---- what it means ----------------------------------------------------------------------------------------------

    def _reminder_of(self, patterns: Patterns, match: re.Match[str]) -> datetime | None:
        due, said = self._said.day, self._said
        if match["rel"]:
            unit = _unit(match, "be")
            if due is None:
                return None
            start = datetime.combine(due, said.time or USUAL_TIME)
            number = _number(patterns, match["before"] or "1")
            if unit == "month":
                return datetime.combine(_months_on(start.date(), -number), start.time())
            return start - timedelta(minutes=number * _MINUTES[unit])
        inner = _Reading(match["abs"], self._now, self._locale, frozenset({"reminder", "length"})).read(())
        clock = inner.time
        day = inner.day if any(item.kind == "day" for item in inner.found) else due or inner.day
        return datetime.combine(day, clock or said.time or USUAL_TIME) if day is not None else None

    def _day_of(self, patterns: Patterns, match: re.Match[str]) -> date | None:
        today = self._now.date()
        monday = today - timedelta(today.weekday())
        fixed: Mapping[str, date] = {
            "today": today,
            "tomorrow": today + timedelta(1),
            "after": today + timedelta(2),
            "week": monday + timedelta(7),
            "month": _months_on(today.replace(day=1), 1),
            "eow": monday + timedelta(4 if today.weekday() <= 4 else 11),
            "eom": _months_on(today.replace(day=1), 1) - timedelta(1),
        }
        for name, day in fixed.items():
            if match[name]:
                return day
        if match["ahead"]:
            number, unit = _number(patterns, match["ahead"]), _unit(match, "in")
            return _months_on(today, number) if unit == "month" else today + timedelta(number * _DAYS[unit])
        if match["next"]:
            return monday + timedelta(7 + patterns.weekdays[match["named1"].lower()])
        named = match["named2"] or match["named3"]
        if named:
            return today + timedelta((patterns.weekdays[named.lower()] - today.weekday() - 1) % 7 + 1)
        if match["digits"]:
            try:
                return self._locale.read_date(match["digits"], today)
            except Invalid:
                return None
        return _written(patterns, match, today)


def _written(patterns: Patterns, match: re.Match[str], today: date) -> date | None:
    """Return "12 December" or "Dec 12, 2027"; without a year the next one that comes."""
    name = (match["mon1"] or match["mon2"]).lower()
    number = int(match["dom1"] or match["dom2"])
    year = match["year1"] or match["year2"]
    try:
        day = date(int(year) if year else today.year, patterns.months[name], number)
        return day if year or day >= today else day.replace(year=today.year + 1)
    except ValueError:
        return None


def _time_of(match: re.Match[str]) -> time | None:
    if match["noon"]:
        return time(_HALF_DAY)
    hour = int(match["hour1"] or match["hour2"] or match["hour3"] or match["hour4"])
    minute = int(match["minute1"] or match["minute4"] or 0)
    half = (match["half1"] or match["half2"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    return time(hour, minute) if hour <= _LAST_HOUR and minute <= _LAST_MINUTE else None


def _unit(match: re.Match[str], prefix: str) -> str:
    return next((unit for unit in ("minute", "hour", "day", "week", "month") if match[f"{prefix}_{unit}"]), "")


def _number(patterns: Patterns, text: str) -> int:
    return int(text) if text.isdecimal() else patterns.words.numbers.get(text.lower(), 1)


def _months_on(day: date, months: int) -> date:
    """Return the same day some months on; the last one where a month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise ValueError(f"{day} has no day {months} months on.")


def _title(text: str, found: Sequence[Found]) -> str:
    """Return the words that are left, without the commas and blanks that held what was taken out."""
    parts, at = [], 0
    for item in sorted(found, key=lambda item: item.start):
        parts.append(text[at : item.start])
        at = item.end
    left = " ".join(" ".join([*parts, text[at:]]).split())
    left = re.sub(r"\s+([,;.!?])", r"\1", left)
    left = re.sub(r"([,;])(?:\s*[,;.])+", r"\1", left)
    return left.strip(" ,;:-–")
