"""Computed fields read with the reason why a record has no value.

Whether something failed is told by columns of the same statement. Those beside a stored value are worked out for blanks
alone, so a list in which nothing failed costs what it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, null

from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import declared_field
from kith_runtime.queries.columns import field_of, stored_columns, target_entity
from kith_runtime.queries.expression_sql import error_sql
from kith_runtime.queries.expression_where import RuleBinding, formula_of, rollup_element
from kith_runtime.queries.outputs import Output, computed_output, server_output
from kith_runtime.queries.server_formulas import formula_problems, server_formula
from kith_runtime.queries.source import Source

_FIGURES = {"sum": "sum", "avg": "average", "min": "smallest", "max": "largest"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A computed field as it is declared, and the table of its records in the question."""

    source: Source
    entity: str
    table: FromClause
    field: Field


def explained_output(source: Source, name: str) -> Output | None:
    """Return how a formula or roll-up is read as an ``ErrorValue`` where it failed; None for what cannot fail."""
    lookup, _, behind = name.rpartition(".")
    entity = source.entity
    table: FromClause = source.table
    if lookup:
        entity, table = target_entity(field_of(source.published, entity, lookup)), source.linked(lookup)
    declared = declared_field(source.published.snapshot, entity, behind)
    if declared is None or declared.type not in ("formula", "rollup"):
        return None
    explain = _formula if declared.type == "formula" else _rollup
    found = explain(_Place(source, entity, table, declared))
    return None if found is None else replace(found, name=name)


def _formula(place: _Place) -> Output | None:
    source, entity, table, declared = place.source, place.entity, place.table, place.field
    published = source.published
    checked = formula_of(published, entity, declared.name)
    # Asked without what collects late values: this is no part of the statement.
    plain = RuleBinding(replace(source.surroundings, late=None), entity, table)
    if not formula_problems(published, entity, declared.name) and error_sql(checked, plain) is None:
        return None
    if not declared.options.stored:
        return server_output(source, entity, table, declared, reasons=True)
    source.has_expression = True
    found = server_formula(RuleBinding(source.surroundings, entity, table), declared, checked, reasons=True)

    def reason(record: str | None, *parts: Any) -> ErrorValue | None:
        value = None if record is None else found.value(record, *parts)
        return value if isinstance(value, ErrorValue) else None

    return _beside_stored(place, (table.c.id, *found.elements), reason)


def _rollup(place: _Place) -> Output | None:
    source, entity, table, declared = place.source, place.entity, place.table, place.field
    element = rollup_element(source.surroundings, (entity, table), declared, None)
    if element.currency is None:
        return None
    figure = _FIGURES[declared.options.function]
    failed = ErrorValue(f"The amounts are in several currencies, so there is no {figure}.")
    # The currency is that of some amount, and blank only where there is none.
    if declared.options.stored:
        return _beside_stored(place, (element.currency,), lambda currency: failed if currency else None)
    plain = computed_output(source, entity, table, declared)
    load = plain.value

    def value(amount: Any, currency: str | None) -> Any:
        if amount is None:
            return failed if currency else None
        return amount if load is None else load(amount, currency)

    return Output(declared.name, plain.elements, value, plain.json)


def _beside_stored(
    place: _Place, parts: tuple[ColumnElement[Any], ...], reason: Callable[..., ErrorValue | None]
) -> Output:
    """Return how a stored value is read, and where it is blank what ``reason`` makes of some parts."""
    published, name = place.source.published, place.field.name
    field = field_of(published, place.entity, name)
    kind = field_types[field.type]
    columns = tuple(place.table.c[column] for column in stored_columns(published, place.entity, name))
    guarded = tuple(case((columns[0].is_(None), part), else_=null()) for part in parts)

    def value(*stored: Any) -> Any:
        if stored[0] is not None:
            return kind.load(stored[: len(columns)], field)
        return reason(*stored[len(columns) :])

    return Output(name, (*columns, *guarded), value)
