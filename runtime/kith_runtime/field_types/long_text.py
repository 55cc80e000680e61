"""Text of several lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._cleaning import TEXT_STEPS, TextStep, clean
from kith_runtime.field_types._text import check_length, clean_text
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope


@field_types.register("long_text")
class LongText(FieldType):
    """Paragraphs without formatting; line ends are kept."""

    name = "long_text"
    label = "Long text"
    help = "Several lines of text without formatting, such as a description."
    icon = "align-left"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How long the text may be."""

        max_length: int = prop("Longest", "In characters.", default=32_000, schema={"minimum": 1, "maximum": 1_000_000})
        clean: tuple[TextStep, ...] = prop("Clean", TEXT_STEPS, default=())

    examples = (
        Example("Wants a pilot in May.", "Wants a pilot in May."),
        Example("First line\n\tsecond <script>", "First line\n\tsecond <script>"),
    )
    json_identity = True
    sortable = False
    searchable = True
    control = "textarea"
    width = "xl"
    operators = ("contains", "contains_not", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean(clean_text(raw).rstrip(), field.options.clean)
        check_length(text, field.options.max_length)
        return text

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "maxLength": field.options.max_length}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<span class="k-trunc" dir="auto">{{ ' + value + "[:160] }}</span>"

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<span class="k-lines" dir="auto">{{ ' + value + " }}</span>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT
