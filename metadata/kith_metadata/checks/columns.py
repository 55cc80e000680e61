"""What columns can do: types that can be unique or have an index."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue


@checks.register("columns")
def check_columns(context: CheckContext) -> Iterator[Issue]:
    """Yield fields that cannot be unique or indexed."""
    types = context.language.variants["field_types"]
    for layered, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            for option in ("unique", "index", "external_key"):
                if getattr(field, option) and not types[field.type].stored:
                    message = f"'{name}' cannot have {option}: a {field.type} field has no column of its own."
                    yield context.issue("KM056", layered, ("fields", name, option), message, f"Remove {option}.")
