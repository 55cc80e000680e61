"""What a maker could have meant: how a value of one type is turned into another."""

from __future__ import annotations

from collections.abc import Collection

from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type

# What is asked for, what was found, and what to write.
_CONVERSIONS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("text", frozenset(t.NUMBER_KINDS | {"date", "datetime", "time"}), "Turn it into a text with text(…)."),
    ("text", frozenset({"duration"}), "Write it with format_duration(…), or count it with in_days(…)."),
    ("text", frozenset({"boolean"}), 'Say what yes and no mean, for example: "yes" if … else "no".'),
    ("text", frozenset({"record"}), "Use a field of the record, such as account.name."),
    ("text", frozenset({"choices"}), 'Ask for one option, for example: "vip" in labels.'),
    ("decimal", t.TEXT_KINDS, "Read a number from the text with number(…)."),
    ("decimal", frozenset({"duration"}), "Count it with in_days(…), in_hours(…), in_minutes(…) or in_seconds(…)."),
    ("decimal", frozenset({"boolean"}), "Say what yes and no count for, for example: 1 if … else 0."),
    ("date", frozenset({"datetime"}), "Turn the moment into a date with date_of(…)."),
    ("date", t.TEXT_KINDS, "Read a date from the text with date(…)."),
    ("datetime", frozenset({"date"}), "Turn the date into a moment with moment(…)."),
    ("datetime", t.TEXT_KINDS, "Read a moment from the text with moment(…)."),
    ("time", frozenset({"datetime"}), "Take the time of the moment with time_of(…)."),
    ("time", t.TEXT_KINDS, "Read a time from the text with time(…)."),
    ("duration", t.NUMBER_KINDS, "Say of what: days(…), hours(…), minutes(…) or seconds(…)."),
    ("boolean", t.NUMBER_KINDS | t.TEXT_KINDS, "A condition compares, for example: amount > 1000."),
)
_ALIKE = {"integer": "decimal", "money": "decimal", "percent": "decimal", "choice": "text"}


def conversion_hint(wanted: Collection[str], found: str) -> str:
    """Return how a value of a kind becomes one of the wanted kinds; empty when there is no way."""
    asked = {_ALIKE.get(kind, kind) for kind in wanted}
    return next((hint for kind, sources, hint in _CONVERSIONS if kind in asked and found in sources), "")


def arithmetic_hint(left: Type, right: Type) -> str:
    """Return what could be meant by an operation that two types do not have."""
    kinds = {left.kind, right.kind}
    if kinds & {"date", "datetime"} and kinds & t.NUMBER_KINDS:
        return "Did you mean `days(…)`?"
    if "time" in kinds and kinds & t.NUMBER_KINDS:
        return "Did you mean `hours(…)` or `minutes(…)`?"
    if kinds & t.TEXT_KINDS and kinds & t.NUMBER_KINDS:
        return "A number and a text cannot be combined: write text(…) to join, or number(…) to calculate."
    if kinds & t.TEXT_KINDS and len(kinds) == 2:
        return conversion_hint({"text"}, next(iter(kinds - t.TEXT_KINDS), "")) if kinds - t.TEXT_KINDS else ""
    if kinds == {"date", "datetime"}:
        return "Turn the moment into a date with date_of(…)."
    return conversion_hint({right.kind}, left.kind)
