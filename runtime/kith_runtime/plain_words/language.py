"""The words that stand for days, times and lengths, by language. Names of days and months come from the locale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, in lower case. Alternatives are regular expressions without groups."""

    today: str
    tomorrow: str
    after_tomorrow: str
    next_week: str
    next_month: str
    end_of_week: str
    end_of_month: str
    ahead: str
    """What stands before "3 days": in, within."""
    before_day: str
    """What may stand before a day: on, by, this."""
    next: str
    at: str
    clock: str
    """What may stand after an hour: o'clock, Uhr."""
    noon: str
    remind: str
    earlier: str
    """What stands after "1 day": before, beforehand."""
    lasting: str
    units: Mapping[str, str]
    """Alternatives for minute, hour, day, week and month."""
    numbers: Mapping[str, int] = field(default_factory=dict)


ENGLISH = Words(
    today="today|tonight",
    tomorrow="tomorrow",
    after_tomorrow="(?:the )?day after tomorrow",
    next_week="next week",
    next_month="next month",
    end_of_week="(?:the )?end of (?:the |this )?week",
    end_of_month="(?:the )?end of (?:the |this )?month",
    ahead="in|within",
    before_day="on|by|until|till|before|this|coming|this coming",
    next="next",
    at="at|@",
    clock="o'clock|o’clock",
    noon="noon|midday",
    remind="remind(?: me)?|reminder|with (?:a )?reminder",
    earlier="before(?:hand)?|earlier|ahead|prior",
    lasting="for",
    units={
        "minute": "minutes?|mins?",
        "hour": "hours?|hrs?|h",
        "day": "days?",
        "week": "weeks?|wks?",
        "month": "months?",
    },
    numbers={
        "a": 1, "an": 1, "the": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
        "eight": 8, "nine": 9, "ten": 10,
    },
)  # fmt: skip

GERMAN = Words(
    today="heute",
    tomorrow="morgen",
    after_tomorrow="übermorgen",
    next_week="nächste woche",
    next_month="nächsten monat",
    end_of_week="ende (?:der|dieser) woche",
    end_of_month="ende (?:des|dieses) monats",
    ahead="in|innerhalb von",
    before_day="am|bis|bis zum|diesen|kommenden",
    next="nächsten|nächster",
    at="um|ab",
    clock="uhr",
    noon="mittags",
    remind="erinnere mich|erinnerung|mit erinnerung",
    earlier="vorher|davor|zuvor",
    lasting="für",
    units={
        "minute": "minuten?|min",
        "hour": "stunden?|std|h",
        "day": "tage?n?",
        "week": "wochen?",
        "month": "monate?n?",
    },
    numbers={
        "ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
        "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    },
)  # fmt: skip

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN}


def languages_for(language: str) -> tuple[str, ...]:
    """Return the languages whose words a person may use: their own first, where it is known, and English."""
    return (language, "en") if language in LANGUAGES and language != "en" else ("en",)
