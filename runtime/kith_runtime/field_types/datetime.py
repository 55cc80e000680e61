"""Moments in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._dates import MOMENT
from kith_runtime.field_types._person import clock_moment, local_moment, moment_text, typed_moment
from kith_runtime.field_types._speaking import (
    DayOptions,
    ago_moment,
    ago_moment_whole,
    due_moment,
    due_moment_whole,
    shown_as,
    speaks,
    spoken,
)
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_SPOKEN: Mapping[str, Any] = {
    "due": due_moment,
    "due_whole": due_moment_whole,
    "ago": ago_moment,
    "ago_whole": ago_moment_whole,
}


def _plain(value: str) -> str:
    return '<span class="k-num">{{ f.datetime(' + value + ", now) }}</span>"


@field_types.register("datetime")
class DateTime(FieldType):
    """A moment, kept in UTC and shown in each person's own time zone."""

    name = "datetime"
    label = "Date and time"
    help = "A moment, such as the start of a meeting; everybody sees it in their own time zone."
    icon = "calendar-time"
    Options = DayOptions
    examples = (
        Example("2026-11-24T09:00:00Z", "24 Nov 2026, 09:00"),
        Example("1999-12-31T23:59:59.123456Z", "31 Dec 1999, 23:59"),
    )
    json_identity = True
    control = "datetime"
    width = "md"
    operators = ("before", "until", "after", "since", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="datetime"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> datetime:
        text = raw.strip() if isinstance(raw, str) else ""
        try:
            if isinstance(raw, datetime) and raw.tzinfo is not None:
                return raw.astimezone(UTC)
            if MOMENT.fullmatch(text):
                return self._from_iso(text.upper(), scope)
        except (ValueError, OverflowError):
            raise InvalidValue(
                "no_such_moment", f"There is no moment {text or raw}.", "Look at the day, the hour and the zone."
            ) from None
        if text and scope.source == "form":
            return typed_moment(text, scope)
        raise _not_a_moment(raw)

    def _from_iso(self, text: str, scope: InputScope) -> datetime:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if scope.source == "form":
            return local_moment(moment, scope)
        raise InvalidValue("zone_missing", f'"{text}" says no time zone.', f"Write {text}Z for UTC, or add +01:00.")

    def to_json(self, value: Any, field: Field) -> Any:
        return value.isoformat().replace("+00:00", "Z")

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return moment_text(value, scope)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        local = clock_moment(value, scope)
        exact = local.microsecond or local.second
        return local.isoformat(" ") if exact else local.isoformat(" ", timespec="minutes")

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shows = shown_as(field.options)
        return _plain(value) if shows == "date" else spoken(shows, value, prefix, "now")

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return _SPOKEN if speaks(field.options) else {}

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shows = shown_as(field.options)
        return _plain(value) if shows == "date" else spoken(shows, value, prefix, "now", whole=True)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.DATETIME


def _not_a_moment(raw: Any) -> InvalidValue:
    return InvalidValue("not_a_moment", f"{shown(raw)} is not a date with a time.", "Write it as 2026-11-24T09:00:00Z.")
