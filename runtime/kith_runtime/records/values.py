"""From raw input to values: parse by field type, refuse what may not be written, collect every problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kith_metadata.registry import nearest
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.storage import SYSTEM_COLUMNS

Source = Literal["json", "form"]


@dataclass(slots=True)
class Parsed:
    """Values by field with the problems found on the way; a field with a problem has no value."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)


def parse_values(
    ctx: Context, writer: EntityWriter, raw: Mapping[str, Any], editable: frozenset[str], source: Source
) -> Parsed:
    """Return the parsed values of raw input.

    Only fields that the actor may edit are taken. A key that is no field, or not one that this actor may know of, is a
    problem and not dropped silently: a misspelt field must not look saved.
    """
    parsed = Parsed()
    scope = InputScope(ctx.locale, ctx.snapshot, source, ctx.now if source == "form" else None)
    for name, given in raw.items():
        slot = writer.slots.get(name)
        if slot is None or name not in editable:
            parsed.problems.append(_not_writable(writer, name, slot, editable))
            continue
        try:
            parsed.values[name] = None if slot.type.blank(given) else slot.type.parse(given, slot.field, scope)
        except InvalidValue as problem:
            parsed.problems.append(FieldProblem(name, problem.code, problem.message, problem.hint))
    return parsed


def _not_writable(writer: EntityWriter, name: str, slot: Slot | None, editable: frozenset[str]) -> FieldProblem:
    if name in SYSTEM_COLUMNS or (slot is not None and slot.field.read_only):
        return FieldProblem(name, "read_only", f"{name} is kept by the system and cannot be set.", "Leave it out.")
    suggestion = nearest(name, sorted(editable))
    hint = f"Did you mean '{suggestion}'?" if suggestion else "Look at the fields of the entity."
    return FieldProblem(
        name, "unknown_field", f"{writer.entity.label} has no field '{name}' that you can change.", hint
    )
