"""The values that a new record starts with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import Checked, Environment, EvaluationError, evaluate
from kith_metadata.values import Money
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.telling import no_value
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.scopes import checked_expression, environment_of


def apply_defaults(
    ctx: Context, writer: EntityWriter, values: dict[str, Any], given: Mapping[str, Any]
) -> list[FieldProblem]:
    """Fill in the defaults of the fields that were not given at all; a field given as blank stays blank.

    Formulas see the values given and the literal defaults. A default that gives an error is a problem of its field.
    """
    problems: list[FieldProblem] = []
    scope = InputScope(locale=ctx.locale, snapshot=ctx.snapshot, source="json")
    open_slots = [slot for slot in writer.slots.values() if slot.name not in given and slot.name not in values]
    for slot in open_slots:
        if slot.field.default is not None:
            values[slot.name] = slot.type.parse(slot.field.default, slot.field, scope)
        elif slot.name == "owner" and ctx.actor.id:
            values["owner"] = ctx.actor.id
    environment: Environment | None = None
    for slot in open_slots:
        if not slot.field.default_formula or slot.name in values:
            continue
        environment = environment or environment_of(ctx)
        try:
            values[slot.name] = fitted(slot, _formula(ctx, writer, slot, values, environment), scope)
        except (EvaluationError, InvalidValue) as error:
            checked = checked_expression(ctx.published, writer.name, slot.field.default_formula)
            why = no_value(ctx, writer.name, checked, error)
            message = f"The default of {slot.label} gives no value{why}"
            problems.append(FieldProblem(slot.name, "default_failed", message))
    return problems


def _formula(
    ctx: Context, writer: EntityWriter, slot: Slot, values: Mapping[str, Any], environment: Environment
) -> Any:
    checked: Checked = checked_expression(ctx.published, writer.name, slot.field.default_formula)
    given = dict.fromkeys(writer.slots) | dict(values)
    return evaluate(checked, RecordValues(ctx, writer.name, None, given), environment)


def fitted(slot: Slot, value: Any, scope: InputScope) -> Any:
    """Return a formula's value as the field holds it, by the rules for every other input; decimals are rounded."""
    if value is None or isinstance(value, Money):
        return value
    if isinstance(value, RecordValues):
        value = value.pointer
    column = slot.type.columns(slot.field)[:1]
    if isinstance(value, Decimal) and column and column[0].kind == "decimal":
        value = round(value, column[0].scale)
    return slot.type.parse(value, slot.field, scope)
