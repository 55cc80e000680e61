"""Which fields of a record's page are not shown, because the conditions of their form do not hold for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kith_metadata.expressions import Checked, EvaluationError, evaluate
from kith_metadata.values import ErrorValue
from kith_runtime.context import Context
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.rules import Condition
from kith_runtime.scopes import environment_of, saving
from kith_runtime.screens.form_reactions import plain
from kith_runtime.screens.form_shape import FieldPart, form_shape


@dataclass(frozen=True, slots=True)
class Showing:
    """The conditions of a page by name, and those under which each field is shown: all of them must hold."""

    conditions: Mapping[str, Condition] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def reads(self) -> frozenset[str]:
        """The fields of the record that the conditions name."""
        return frozenset(path[0] for found in self.conditions.values() for path in found.checked.references)


def showing_of(ctx: Context, entity: str) -> Showing:
    """Return under which conditions an entity's form shows its fields, as far as the actor may read what they name."""
    shape = form_shape(ctx, entity, "edit")
    fields = {
        part.name: whens
        for tab in shape.tabs
        for section in tab.sections
        for part in section.parts
        if isinstance(part, FieldPart) and (whens := tuple(filter(None, (tab.when, section.when, part.when))))
    }
    used = {name for names in fields.values() for name in names}
    return Showing({name: found for name, found in shape.conditions.items() if name in used}, fields)


def hidden_fields(
    ctx: Context, entity: str, showing: Showing, record: str, values: Mapping[str, Any]
) -> frozenset[str]:
    """Return the fields that a record's page does not show; ``values`` are those that were read for the page."""
    if not showing.conditions:
        return frozenset()
    held = RecordValues(
        ctx, entity, record, {name: plain(value) for name, value in values.items() if not isinstance(value, ErrorValue)}
    )
    holds = {name: _holds(ctx, found.checked, held) for name, found in showing.conditions.items()}
    return frozenset(name for name, whens in showing.fields.items() if not all(holds[when] for when in whens))


def _holds(ctx: Context, checked: Checked, held: RecordValues) -> bool:
    try:
        # Nothing is being changed: what a field was before is what it is.
        return bool(evaluate(checked, held, saving(environment_of(ctx), held)))
    except EvaluationError:
        return False
