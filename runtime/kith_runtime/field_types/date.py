"""Days of the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._dates import DATE
from kith_runtime.field_types._person import date_text, typed_date
from kith_runtime.field_types._speaking import (
    DayOptions,
    ago_day,
    ago_day_whole,
    due_day,
    due_day_whole,
    shown_as,
    speaks,
    spoken,
)
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_SPOKEN: Mapping[str, Any] = {
    "due": due_day,
    "due_whole": due_day_whole,
    "ago": ago_day,
    "ago_whole": ago_day_whole,
}


def _plain(value: str) -> str:
    return '<span class="k-num">{{ f.date(' + value + ", today) }}</span>"


@field_types.register("date")
class Date(FieldType):
    """A day without a time and without a zone: it is the same day for everybody."""

    name = "date"
    label = "Date"
    help = "A day, such as a birthday or a close date; it never shifts between time zones."
    icon = "calendar"
    Options = DayOptions
    examples = (Example("2026-11-24", "24 Nov 2026"), Example("2028-02-29", "29 Feb 2028"))
    json_identity = True
    control = "date"
    width = "md"
    operators = (
        "is", "is_not", "before", "until", "after", "since", "today", "past", "future", "blank", "not_blank",
    )  # fmt: skip

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="date"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> date:
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        text = raw.strip() if isinstance(raw, str) else ""
        if DATE.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise InvalidValue("no_such_day", f"There is no day {text}.", "Look at month and day.") from None
        if text and scope.source == "form":
            return typed_date(text, scope)
        raise InvalidValue("not_a_date", f"{shown(raw)} is not a date.", "Write year, month and day, as 2026-11-24.")

    def to_json(self, value: Any, field: Field) -> Any:
        return value.isoformat()

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return date_text(value, scope)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value.isoformat())

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shows = shown_as(field.options)
        return _plain(value) if shows == "date" else spoken(shows, value, prefix, "today")

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return _SPOKEN if speaks(field.options) else {}

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shows = shown_as(field.options)
        return _plain(value) if shows == "date" else spoken(shows, value, prefix, "today", whole=True)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.DATE
