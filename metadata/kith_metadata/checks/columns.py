"""What fits into a table: types that can be unique, and how many columns an entity may have."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue

COLUMN_BUDGET = 1_500
"""PostgreSQL holds 1,600 columns, and dropped ones count; the rest is room for changed types."""


@checks.register("columns")
def check_columns(context: CheckContext) -> Iterator[Issue]:
    """Yield fields that cannot be unique or indexed, and entities that are too wide."""
    types = context.language.variants["field_types"]
    for layered, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            for option in ("unique", "index", "external_key"):
                if getattr(field, option) and not types[field.type].stored:
                    message = f"'{name}' cannot have {option}: a {field.type} field has no column of its own."
                    yield context.issue("KM056", layered, ("fields", name, option), message, f"Remove {option}.")
        width = sum(types[field.type].columns for field in entity.fields.values())
        if width > COLUMN_BUDGET:
            message = f"The fields need {width:,} columns; an entity has at most {COLUMN_BUDGET:,}."
            hint = "Move fields that belong together into an entity of their own, joined by a lookup."
            yield context.key_issue("KM065", layered, ("fields",), message, hint)
