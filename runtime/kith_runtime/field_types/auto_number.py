"""Numbers that the system gives in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import check_length, clean_line
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope

_MOST_DIGITS = 18
_PART = re.compile(r"\{(year|month|day|number)(?::([1-9]|1[0-8]))?\}")


@field_types.register("auto_number")
class AutoNumber(FieldType):
    """A text such as Q-2026-0412, given once when the record is made."""

    name = "auto_number"
    label = "Automatic number"
    help = "A number that the system gives, such as Q-2026-0412."
    icon = "hash"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How the number looks and where it begins."""

        format: str = prop(
            "Format",
            "Text with {number}, and {year}, {month} or {day}; {number:5} fills up with zeros. With a date "
            "the numbers begin anew in each year, month or day.",
            default="{number}",
            schema={"pattern": r"\{number(:([1-9]|1[0-8]))?\}", "maxLength": 60},
        )
        start: int = prop("Start", "The first number.", default=1, schema={"minimum": 0})

    examples = (
        Example("Q-2026-0412", "Q-2026-0412", {"format": "Q-{year}-{number:4}"}),
        Example("<7>", "<7>", {"format": "<{number}>"}),
    )
    json_identity = True
    searchable = True
    control = "none"
    width = "md"
    operators = ("is", "is_not", "contains", "starts_with", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean_line(raw)
        check_length(text, 120)
        return text

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "maxLength": 120, "readOnly": True}

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        rest = _PART.sub("", field.options.format)
        if "{" not in rest and "}" not in rest:
            return ()
        return (("format", "Only {number}, {number:5}, {year}, {month} and {day} can stand in braces."),)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT


def format_number(field: Field, number: int, local: datetime) -> str:
    """Return the text of a number that is given at a moment of the person's clock."""

    def written(found: re.Match[str]) -> str:
        if found[1] == "number":
            return str(number).zfill(int(found[2] or 0))
        return f"{getattr(local, found[1]):02d}"

    return _PART.sub(written, field.options.format)


def read_number(field: Field, text: str, local: datetime) -> tuple[str, int] | None:
    """Return the period and the number in a text of the field's format, or None when it is written otherwise.

    ``local`` tells the parts of the date that the format leaves out.
    """
    pattern, end, seen = "", 0, set()
    for part in _PART.finditer(field.options.format):
        group = "[0-9]+" if part[1] in seen else f"(?P<{part[1]}>[0-9]+)"
        pattern += re.escape(field.options.format[end : part.start()]) + group
        seen.add(part[1])
        end = part.end()
    found = re.fullmatch(pattern + re.escape(field.options.format[end:]), text, re.ASCII)
    if found is None or len(found["number"]) > _MOST_DIGITS:
        return None
    parts = {name: int(digits) for name, digits in found.groupdict().items()}
    try:
        when = local.replace(
            parts.get("year", local.year), parts.get("month", local.month), parts.get("day", local.day)
        )
    except ValueError:
        return None
    return period_of(field, when), parts["number"]


def period_of(field: Field, local: datetime) -> str:
    """Return the period in which numbers count on: ``2026``, ``2026-11``, ``2026-11-24``, or empty for ever."""
    parts = {found[1] for found in _PART.finditer(field.options.format)}
    if "day" in parts:
        return local.strftime("%Y-%m-%d")
    if "month" in parts:
        return local.strftime("%Y-%m")
    return local.strftime("%Y") if "year" in parts else ""
