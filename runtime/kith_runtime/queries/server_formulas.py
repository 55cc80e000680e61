"""Formulas that the database cannot work out: it reads what they name, and the server computes the rest for each row.

They are read like every other formula. Sorting and filtering by them needs the database, so both are refused in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement

from kith_metadata.expressions import Checked, EvaluationError, ExpressionError, compiled, nodes
from kith_metadata.expressions import types as t
from kith_metadata.expressions.exact import amount, round_half_up
from kith_metadata.expressions.nodes import Node
from kith_metadata.expressions.problems import Problem
from kith_metadata.expressions.server_only import fields_on_server
from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue, Money
from kith_platform.errors import Invalid, KithError
from kith_runtime.field_types import field_types
from kith_runtime.published import Published
from kith_runtime.queries.columns import field_of
from kith_runtime.queries.expression_sql import currency_sql, error_sql, sql_support, to_sql
from kith_runtime.queries.expression_where import RuleBinding, formula_of
from kith_runtime.queries.late_values import CLOCK
from kith_runtime.unseen import comes_from_more

MIXED = "The amounts of a roll-up are in several currencies, so it has no value."
NO_FIGURE = "The list gives no figure: its amounts are in several currencies, or a number is too large."

MONEY_PLACES = 4
"""Digits after the point of an amount, as money fields store it."""


def formula_problems(published: Published, entity: str, name: str) -> tuple[Problem, ...]:
    """Return why the database cannot work out the formula of a field, stored or not; empty when it can."""

    def found() -> tuple[Problem, ...]:
        try:
            return sql_support(formula_of(published, entity, name))
        except (ExpressionError, KithError, LookupError):
            # A formula that cannot be worked out at all is told where it is read.
            return ()

    return published.compiled(("server_formula", entity, name), found)


def server_problems(published: Published, entity: str, name: str) -> tuple[Problem, ...]:
    """Return why a field is a formula of the server alone; empty for stored formulas and for all other fields."""
    return formula_problems(published, entity, name) if field_of(published, entity, name).type == "formula" else ()


def filter_problems(published: Published, checked: Checked) -> tuple[Problem, ...]:
    """Return what hinders a condition from running in the database, also in the formulas that it names."""
    formulas = fields_on_server(
        checked, checked.root, lambda entity, name: bool(server_problems(published, entity, name))
    )
    return (*sql_support(checked), *formulas)


def is_sortable(published: Published, entity: str, name: str) -> bool:
    """Tell whether lists can be sorted by a field: its type can, and the database knows its value."""
    kind = field_types[field_of(published, entity, name).type]
    return kind.sortable and not server_problems(published, entity, name)


def not_sortable(field: Field, problem: Problem) -> Invalid:
    """Return the error for a list that should be sorted by a formula which the database cannot work out."""
    message = f"Lists cannot be sorted by {field.label or field.name}: {problem.message}"
    return Invalid("not_sortable", message, "Choose another field, or store this one (`stored: true`).", "sort")


@dataclass(frozen=True, slots=True)
class ServerFormula:
    """What the database reads for a formula, and what makes its value of the id of its record and of that."""

    elements: tuple[ColumnElement[Any], ...]
    value: Callable[..., Any]


def server_formula(binding: RuleBinding, field: Field, checked: Checked, *, reasons: bool = False) -> ServerFormula:
    """Return how a formula is worked out on the server over the rows of a binding; with ``reasons`` it says why not."""
    leaves = _Leaves(binding)
    run = compiled(replace(checked, root=leaves.without(checked.root)))
    environment, finish = binding.environment, _finisher(field)
    # Who may read a value that was worked out with more rights than their own may not read what led to it.
    own = field.options.full_rights or field.options.stored
    hides = own or comes_from_more(binding.surroundings.published.snapshot, checked.reads)

    def value(_: Any, *stored: Any) -> Any:
        try:
            found = run(leaves.record(stored), environment)
        except EvaluationError as error:
            return ErrorValue(error.general if hides else str(error)) if reasons else None
        return None if found is None else finish(found)

    return ServerFormula(tuple(leaves.elements), value)


def _finisher(field: Field) -> Callable[[Any], Any]:
    """Return what gives a value the form in which the field is read."""
    own = field.options
    match own.returns:
        case "decimal":
            return lambda found: round_half_up(Decimal(found), own.scale)
        case "percent":
            return lambda found: round_half_up(Decimal(found).scaleb(2), own.scale)
        case "money":
            return lambda found: Money(
                round_half_up(Decimal(amount(found)), MONEY_PLACES),
                (found.currency if isinstance(found, Money) else "") or own.currency,
            )
        case "integer":
            return int
    return lambda found: found


class _Row(dict[str, Any]):
    """The parts of one record, and those that are error values."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: dict[str, EvaluationError] = {}

    def __missing__(self, name: str) -> Any:
        raise self.failed[name]


class _Leaves:
    """The parts that the database reads: fields, and figures over lists with their error values."""

    def __init__(self, binding: RuleBinding) -> None:
        self._binding = binding
        self._places: dict[Node, str] = {}
        self._readers: list[Callable[[tuple[Any, ...]], Any]] = []
        self.elements: list[ColumnElement[Any]] = []

    def without(self, node: Node) -> Node:
        """Return the tree in which each such part is a field of the row that the database gives."""
        if isinstance(node, nodes.Call) and node.name == "time_now":
            # Only days and moments can be given to a statement that is kept.
            return replace(
                node, name="time_of", arguments=(self.without(nodes.Call(t.DATETIME, node.place, "now", ())),)
            )
        if isinstance(node, (nodes.Field, nodes.Aggregate)) or self._tells_the_time(node):
            return nodes.Field(t.JSON, node.place, (self._place(node),))
        changes: dict[str, Any] = {}
        for member in fields(node):
            value = getattr(node, member.name)
            if isinstance(value, Node):
                changes[member.name] = self.without(value)
            elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
                changes[member.name] = tuple(self.without(item) for item in value)
        return replace(node, **changes) if changes else node

    def _tells_the_time(self, node: Node) -> bool:
        """Tell whether a node must come with each run: what a kept statement takes from the clock."""
        return isinstance(node, nodes.Call) and node.name in CLOCK and self._binding.late is not None

    def record(self, stored: tuple[Any, ...]) -> Mapping[str, Any]:
        """Return the row as the tree asks for it; asking for a part that is an error value raises."""
        found = _Row()
        for name, read in zip(self._places.values(), self._readers, strict=True):
            try:
                found[name] = read(stored)
            except EvaluationError as error:
                found.failed[name] = error
        return found

    def _place(self, node: Node) -> str:
        if node not in self._places:
            self._places[node] = f"part {len(self._places) + 1}"
            self._readers.append(self._reader(Checked(node, frozenset(), frozenset(), frozenset())))
        return self._places[node]

    def _reader(self, part: Checked) -> Callable[[tuple[Any, ...]], Any]:
        first = len(self.elements)
        currency, failing = currency_sql(part, self._binding), error_sql(part, self._binding)
        self.elements.append(to_sql(part, self._binding, condition=False))
        self.elements += [element for element in (currency, failing) if element is not None]
        last = first + (currency is not None) + (failing is not None)

        def read(stored: tuple[Any, ...]) -> Any:
            if failing is not None and stored[last]:
                raise EvaluationError(MIXED if isinstance(part.root, nodes.Field) else NO_FIGURE)
            found = stored[first]
            if isinstance(found, list):
                return tuple(found)
            if part.type.kind == "money" and found is not None:
                return Money(found, (stored[first + 1] if currency is not None else None) or "")
            return found

        return read
