"""One line of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._cleaning import TEXT_STEPS, TextStep, clean
from kith_runtime.field_types._text import check_length, clean_line, matches, pattern_problem
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

LONGEST = 4000


@field_types.register("text")
class Text(FieldType):
    """One line, such as a name; long text has a type of its own."""

    name = "text"
    label = "Text"
    help = "One line of text, such as a name or a number of an order."
    icon = "letter-case"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How long the text may be and what it must look like."""

        max_length: int = prop("Longest", "In characters.", default=255, schema={"minimum": 1, "maximum": LONGEST})
        min_length: int = prop("Shortest", "In characters.", default=0, schema={"minimum": 0, "maximum": LONGEST})
        pattern: str = prop("Pattern", "A regular expression (RE2) that the whole text must match.", default="")
        pattern_hint: str = prop("Pattern in words", "Shown when the pattern does not match.", default="")
        clean: tuple[TextStep, ...] = prop("Clean", TEXT_STEPS, default=())

    examples = (
        Example("Brightwater Logistics", "Brightwater Logistics"),
        Example('<b>"Zoë" & Søn</b> \u202e٣', '<b>"Zoë" & Søn</b> \u202e٣'),
        Example("DE-0042", "DE-0042", {"pattern": "[A-Z]{2}-[0-9]{4}", "pattern_hint": "Write it as DE-0042."}),
    )
    json_identity = True
    searchable = True
    operators = (
        "contains", "contains_not", "is", "is_not", "starts_with", "blank", "not_blank",
    )  # fmt: skip

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        options = field.options
        text = clean(clean_line(raw), options.clean)
        check_length(text, options.max_length, options.min_length)
        if options.pattern and not matches(options.pattern, text):
            hint = options.pattern_hint or f"Write it as the pattern {options.pattern} says."
            raise InvalidValue("pattern", f'"{text[:60]}" does not have the form that is asked for.', hint)
        return text

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        found = pattern_problem(field.options.pattern) if field.options.pattern else None
        return (("pattern", found),) if found else ()

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "maxLength": field.options.max_length}
        if field.options.min_length:
            schema["minLength"] = field.options.min_length
        return schema

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT
