"""Times of day."""

from __future__ import annotations

from datetime import time
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._dates import TIME
from kith_runtime.field_types._person import time_text, typed_time
from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue


@field_types.register("time")
class Time(FieldType):
    """A time of day without a day and without a zone, to the second."""

    name = "time"
    label = "Time"
    help = "A time of day, such as when an office opens."
    icon = "clock"
    examples = (Example("09:30:00", "09:30"), Example("23:59:59", "23:59:59"))
    json_identity = True
    control = "time"
    width = "sm"
    operators = ("is", "is_not", "before", "after", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="time"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> time:
        if isinstance(raw, time) and raw.tzinfo is None and not raw.microsecond:
            return raw
        text = raw.strip() if isinstance(raw, str) else ""
        if TIME.fullmatch(text):
            try:
                return time.fromisoformat(text)
            except ValueError:
                raise InvalidValue("no_such_time", f"There is no time {text}.", "Write 00:00 to 23:59.") from None
        if text and scope.source == "form":
            return typed_time(text, scope)
        raise InvalidValue("not_a_time", f"{shown(raw)} is not a time of day.", "Write hours and minutes, as 09:30.")

    def to_json(self, value: Any, field: Field) -> Any:
        return value.isoformat()

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return time_text(value, scope)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value.isoformat())

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"}

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<span class="k-num">{{ f.time(' + value + ") }}</span>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TIME
