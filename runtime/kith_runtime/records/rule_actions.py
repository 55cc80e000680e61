"""What rules of the metadata do to a record before it is judged: they set fields, or fill those that are blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kith_metadata.expressions import Environment, EvaluationError, evaluate
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.records.defaults import apply_defaults, fitted
from kith_runtime.records.draft import Draft, record_of
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.read import NEW
from kith_runtime.records.rules import Action, rules_of
from kith_runtime.records.telling import no_value
from kith_runtime.records.writer import EntityWriter
from kith_runtime.scopes import environment_of, saving

BLANK = (None, (), "")


def apply_actions(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Let the rules that set something do so, in their order, each seeing what those before it have set.

    The maker's rule stands above the rights of the person who saves. A rule whose condition gives an error value does
    nothing; a value that cannot be worked out or that the field cannot take is a problem of that field. What depends on
    a field that could not be read is left alone.
    """
    actions = [item for item in rules_of(ctx.published, writer).actions if draft.operation in item.on]
    if not actions:
        return []
    former = record_of(ctx, writer, draft.current) if draft.current.id else None
    environment = saving(environment_of(ctx), former)
    problems: list[FieldProblem] = []
    for action in actions:
        found: dict[str, Any] = {}
        problems += _values(ctx, writer, draft, (action, environment), found)
        draft.values.update(found)
        draft.by_rules.update(found)
    return problems


def _values(
    ctx: Context, writer: EntityWriter, draft: Draft, doing: tuple[Action, Environment], found: dict[str, Any]
) -> Iterator[FieldProblem]:
    """Put what one rule sets into ``found`` and yield what cannot be set."""
    action, environment = doing
    record = record_of(ctx, writer, draft.current, draft.values)
    if action.when is not None and not (
        action.when.fields.isdisjoint(draft.unknown) and _holds(action, record, environment)
    ):
        return
    scope = InputScope(locale=ctx.locale, snapshot=ctx.snapshot, source="json")
    for name, assigned in action.values.items():
        known = name not in draft.unknown and assigned.fields.isdisjoint(draft.unknown)
        if not known or (action.only_blank and draft.values.get(name) not in BLANK):
            continue
        slot = writer.slots[name]
        try:
            value = fitted(slot, evaluate(assigned.checked, record, environment), scope)
        except (EvaluationError, InvalidValue) as error:
            why = no_value(ctx, writer.name, assigned.checked, error)
            message = f"The rule for {slot.label} gives no value{why}"
            yield FieldProblem(name, "set_failed", message)
            continue
        if value != draft.values.get(name):
            found[name] = value


def _holds(action: Action, record: Mapping[str, Any], environment: Environment) -> bool:
    if action.when is None:
        return True
    try:
        return bool(evaluate(action.when.checked, record, environment))
    except EvaluationError:
        return False


def initial_values(ctx: Context, writer: EntityWriter) -> dict[str, Any]:
    """Return the values that an empty create form shows; a default that gives no value is left blank."""
    values: dict[str, Any] = {}
    apply_defaults(ctx, writer, values, {})
    apply_actions(ctx, writer, Draft(NEW, values, frozenset(writer.slots)))
    return values
