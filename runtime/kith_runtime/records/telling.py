"""What a refusal may say to the actor: nothing of fields that they may not read, neither names nor values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kith_metadata.expressions import Checked, EvaluationError
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import InvalidValue
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.writer import EntityWriter
from kith_runtime.unseen import said

_MISSING = frozenset({"required", "required_from"})
_ASK = "Ask somebody who may see it."


def told(ctx: Context, writer: EntityWriter, problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    """Return problems of a record as the actor may be told of them.

    One of a field that is closed to them becomes one of the record as a whole, and a rule keeps its own sentence. A
    field that they named themselves is answered by the name that they gave, as one that is not there.
    """
    found = list(problems)
    if not found:
        return found
    rights = rights_for(ctx, writer.name)
    closed = writer.slots.keys() - rights.readable - rights.editable
    return [_without_name(item) if item.field in closed and item.code != "unknown_field" else item for item in found]


def _without_name(problem: FieldProblem) -> FieldProblem:
    if problem.code == "rule":
        return replace(problem, field="")
    wrong = "is missing" if problem.code in _MISSING else "does not fit"
    return FieldProblem("", problem.code, f"Something that you may not see {wrong}.", _ASK)


def may_be_told(ctx: Context, entity: str, checked: Checked) -> bool:
    """Tell whether the actor may see all that an expression over a record of an entity reads, in every record."""
    return all(name == "id" or _is_open(ctx, entity, other, name) for other, name in checked.reads)


def _is_open(ctx: Context, entity: str, other: str, name: str) -> bool:
    rights = rights_for(ctx, other)
    return name in rights.readable and (other == entity or rights.read.everything)


def no_value(ctx: Context, entity: str, checked: Checked, error: EvaluationError | InvalidValue) -> str:
    """Return why an expression gave no value; its error may show a value, so it is told to who may see all of them."""
    if not may_be_told(ctx, entity, checked):
        return "."
    told = said(ctx.snapshot, checked.reads, error) if isinstance(error, EvaluationError) else str(error)
    return f": {told}"
