"""Records as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_runtime.api.shape import Shape
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.queries import get_json
from kith_runtime.records import FieldProblem, Record, ValidationFailed


def saved_json(ctx: Context, shape: Shape, record: Record) -> dict[str, Any]:
    """Return a saved record as a later read will show it: readable fields in the order of their declaration."""
    if shape.worked_out:
        found: dict[str, Any] = get_json(ctx, shape.name, record.id, shape.names)
        return found
    values = record.values
    shown: dict[str, Any] = {}
    for name, field in shape.fields.items():
        value = values.get(name)
        kind = field_types[field.type]
        shown[name] = value if value is None or kind.json_identity else kind.to_json(value, field)
    return shown


def refuse_blank_texts(shape: Shape, values: Mapping[str, Any]) -> None:
    """Refuse ``""`` for a field that is no text: a program that means "no value" writes null.

    Forms send blank texts for everything, so the door takes them; here they are nearly always a mistake.
    """
    problems = [
        FieldProblem(name, "blank_text", f"{name} takes no blank text.", "Write null for no value.")
        for name, value in values.items()
        if type(value) is str and not value.strip() and name in shape.editable and name not in shape.takes_blank_text
    ]
    if problems:
        raise ValidationFailed(problems)
