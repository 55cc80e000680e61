"""What must hold for a record as a whole before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_runtime.context import Context
from kith_runtime.field_types.base import InvalidValue, RecordScope
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.files import take_files
from kith_runtime.records.limits import check_limits
from kith_runtime.records.lists_ahead import problems_at_once
from kith_runtime.records.read import Current
from kith_runtime.records.references import check_references
from kith_runtime.records.stages import stage_needs
from kith_runtime.records.unique import check_unique
from kith_runtime.records.writer import EntityWriter, Slot


def check_record(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return every problem of the values as they would be saved: required, stages, rules, limits, references, unique.

    Only what changed is checked against other records; ``required`` looks at all fields of a new record and at the
    changed ones of an old record, so that a field made required later does not stop unrelated edits. Files given by key
    are replaced in the draft's values by what is stored.
    """
    current, values, changed = draft.current, draft.values, draft.changed
    problems = check_alone(ctx, writer, draft)
    problems += check_limits(ctx, writer, draft)
    problems += take_files(ctx, writer, values, current.id, changed)
    problems += check_references(ctx, writer, draft)
    problems += check_unique(ctx, writer, values, current.id, changed)
    return problems


def check_alone(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return the problems that the record has by itself, first those of single fields, then what rules refuse."""
    current, values, changed = draft.current, draft.values, draft.changed
    problems = _required(writer, values, changed)
    problems += _required_from(ctx, writer, values, changed)
    problems += _in_record(ctx, writer, current, values, changed)
    problems += problems_at_once(ctx, writer, draft)
    return problems


def _required(writer: EntityWriter, values: Mapping[str, Any], changed: frozenset[str]) -> list[FieldProblem]:
    return [
        FieldProblem(slot.name, "required", f"{slot.label} is missing.", "Fill it in.")
        for slot in writer.slots.values()
        if _must_have(slot) and slot.name in changed and _is_blank(values.get(slot.name))
    ]


def _required_from(
    ctx: Context, writer: EntityWriter, values: Mapping[str, Any], changed: frozenset[str]
) -> list[FieldProblem]:
    """Return the fields that the stage asks for; a record that stands there already is left in peace until it moves."""
    return [
        FieldProblem(
            need.field, "required_from", f"{need.label} is missing.", f"{need.options[values[need.by]]} needs it."
        )
        for need in stage_needs(ctx.published, writer.name)
        if (need.by in changed or need.field in changed) and need.lacks(values)
    ]


def _must_have(slot: Slot) -> bool:
    return (slot.field.required or getattr(slot.field.options, "parent", False)) and slot.field.type != "auto_number"


def _is_blank(value: Any) -> bool:
    return value is None or value == () or value == ""


def _in_record(
    ctx: Context, writer: EntityWriter, current: Current, values: Mapping[str, Any], changed: frozenset[str]
) -> list[FieldProblem]:
    problems = []
    record = RecordScope(values, current.values, ctx.snapshot)
    for slot in writer.slots.values():
        value = values.get(slot.name)
        if value is None or not (slot.name in changed or not changed.isdisjoint(slot.type.depends_on(slot.field))):
            continue
        try:
            slot.type.check_in_record(value, slot.field, record)
        except InvalidValue as problem:
            problems.append(FieldProblem(slot.name, problem.code, problem.message, problem.hint))
    return problems
