"""Lengths of time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._person import duration_text, typed_duration
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_ISO = re.compile(
    r"(-)?P(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,12})S)?)?", re.ASCII
)
_SECOND = timedelta(seconds=1)
LONGEST = timedelta(seconds=10**9)


@field_types.register("duration")
class Duration(FieldType):
    """A length of time in whole seconds, up to 31 years."""

    name = "duration"
    label = "Duration"
    help = "A length of time, such as how long a call took."
    icon = "hourglass"
    examples = (Example("PT1H30M", "1h 30m"), Example("-P2DT5S", "-48h 5s"))
    simple = False
    align = "end"
    width = "sm"
    operators = ("is", "is_not", "less", "at_most", "more", "at_least", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return (None,) if value is None else (value // _SECOND,)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        return None if stored[0] is None else timedelta(seconds=stored[0])

    def read(self, raw: Any, field: Field, scope: InputScope) -> timedelta:
        if isinstance(raw, timedelta):
            return _fitting(raw)
        text = raw.strip().upper() if isinstance(raw, str) else ""
        found = _ISO.fullmatch(text)
        if found and any(found.groups()[1:]):
            sign, days, hours, minutes, seconds = found.groups()
            length = timedelta(
                seconds=int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
            )
            return _fitting(-length if sign else length)
        if text and scope.source == "form":
            return _fitting(typed_duration(raw, scope))
        hint = "Write it as PT1H30M." if scope.source == "json" else "Write 1 h 30 min, 1:30 or 90 min."
        raise InvalidValue("not_a_duration", f"{shown(raw)} is not a duration.", hint)

    def to_json(self, value: Any, field: Field) -> Any:
        return iso_duration(value)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return duration_text(value, scope)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": "^-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$",
            "maxLength": 40,
        }

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ f.duration(" + value + ") }}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.DURATION


def iso_duration(value: timedelta) -> str:
    """Return a duration in the notation of ISO 8601.

    >>> iso_duration(timedelta(minutes=90))
    'PT1H30M'
    """
    total = value // _SECOND
    sign, total = ("-", -total) if total < 0 else ("", total)
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def _fitting(value: timedelta) -> timedelta:
    if abs(value) > LONGEST:
        raise InvalidValue("too_long", "The duration is longer than 31 years.", "Write a shorter one.")
    return value // _SECOND * _SECOND
