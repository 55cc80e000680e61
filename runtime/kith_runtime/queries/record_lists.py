"""Figures over the lists of one record, for the server engine: one statement each, whatever the length of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, literal, select

from kith_metadata.expressions import Checked, Environment, EvaluationError, evaluate, nodes
from kith_metadata.expressions import types as t
from kith_metadata.values import Money
from kith_platform.database.types import IdText
from kith_runtime.access.filters import record_filter
from kith_runtime.context import Context
from kith_runtime.queries.columns import surroundings_of
from kith_runtime.queries.expression_sql import currency_sql, error_sql, prepare, to_sql
from kith_runtime.queries.expression_sql_lists import Listing
from kith_runtime.queries.expression_where import RuleBinding, inlined
from kith_runtime.queries.server_formulas import MIXED, NO_FIGURE
from kith_runtime.tables import table_of


@dataclass(frozen=True, slots=True)
class Asked:
    """The record whose list is asked for: its id (None: not saved yet), and the ids in its own field when in hand.

    ``limited`` leaves out what the actor may not see.
    """

    ctx: Context
    entity: str
    record: str | None
    given: tuple[str, ...] | None
    limited: bool


def figure_of(asked: Asked, node: nodes.Aggregate, environment: Environment) -> Any:
    """Return a figure over a list of a record; raises EvaluationError for an error value."""
    ctx = asked.ctx
    alone = with_constants(replace(node, path=node.path[-1:]), environment)
    root = inlined(ctx.published, asked.entity, _checked(alone)).root
    return answer(ctx, root, _OneList(asked))


def answer(ctx: Context, node: nodes.Node, binding: RuleBinding, where: ColumnElement[bool] | None = None) -> Any:
    """Return what a part of an expression gives in SQL, as the server engine would; raises EvaluationError."""
    prepare(ctx.connection)
    checked = _checked(node)
    error, currency = error_sql(checked, binding), currency_sql(checked, binding)
    extra = [element for element in (currency, error) if element is not None]
    query = select(to_sql(checked, binding, condition=False), *extra)
    row = ctx.connection.execute(query if where is None else query.where(where)).first()
    if row is None:
        return None
    if error is not None and row[-1]:
        raise EvaluationError(MIXED if isinstance(node, nodes.Field) else NO_FIGURE)
    return Money(row[0], row[1]) if currency is not None and row[1] and row[0] is not None else row[0]


def with_constants(node: nodes.Aggregate, environment: Environment) -> nodes.Aggregate:
    """Return the figure with what it says of the records around replaced by their present values."""
    found = _constant_part(node, environment, 0)
    return found if isinstance(found, nodes.Aggregate) else node


def settled(checked: Checked, around: Mapping[str, Any], environment: Environment) -> Checked:
    """Return a condition on records with what it says of the record around replaced by that record's values."""
    if not checked.around:
        return checked
    root = _constant_part(checked.root, replace(environment, outers=(around,)), 1)
    return Checked(root, checked.references, checked.reads, checked.uses)


def _constant_part(node: nodes.Node, environment: Environment, level: int) -> nodes.Node:
    if isinstance(node, nodes.Outer) and node.up >= level:
        return _constant(node, environment, node.up - level + 1)
    inside = level + 1 if isinstance(node, nodes.Aggregate) else level
    changes: dict[str, Any] = {}
    for member in fields(node):
        value = getattr(node, member.name)
        if isinstance(value, nodes.Node):
            changes[member.name] = _constant_part(value, environment, inside)
        elif isinstance(value, tuple) and any(isinstance(item, nodes.Node) for item in value):
            changes[member.name] = tuple(_constant_part(item, environment, inside) for item in value)
    return replace(node, **changes) if changes else node


def _constant(node: nodes.Outer, environment: Environment, up: int) -> nodes.Node:
    around = environment.outers[-up]
    beyond = replace(environment, outers=environment.outers[:-up])
    try:
        return nodes.Literal(node.type, node.place, evaluate(_checked(node.base), around, beyond))
    except EvaluationError:
        # An error value stays one: the condition then holds for no record.
        one, none = nodes.Literal(t.INTEGER, node.place, 1), nodes.Literal(t.INTEGER, node.place, 0)
        return nodes.Call(node.type, node.place, "number.divide", (one, none))


def _checked(node: nodes.Node) -> Checked:
    return Checked(node, frozenset(), frozenset(), frozenset())


class _OneList(RuleBinding):
    """The binding of a record in hand, of which only a list is asked."""

    def __init__(self, asked: Asked) -> None:
        ctx = asked.ctx

        def visible(entity: str, table: FromClause) -> ColumnElement[bool] | None:
            return record_filter(ctx, entity, "read", table)

        table = table_of(ctx.published, asked.entity)
        super().__init__(surroundings_of(ctx), asked.entity, table, visible if asked.limited else None)
        self._asked = asked

    def listing(self, node: nodes.Aggregate) -> Listing:
        """Return the list that the record has, or the records that its field in hand names."""
        if self._asked.given is None:
            return self.listing_of(node, self.entity, literal(self._asked.record, IdText()))
        children = table_of(self.surroundings.published, node.entity).alias()
        limit = None if self.allowed is None else self.allowed(node.entity, children)
        here = children.c.id.in_(self._asked.given or ("",))
        limits = [here, children.c.deleted_at.is_(None), *([] if limit is None else [limit])]
        order = case({record: place for place, record in enumerate(self._asked.given or ("",))}, value=children.c.id)
        inner = RuleBinding(self.surroundings, node.entity, children, self.allowed, self)
        return Listing(children, (children,), tuple(limits), (order,), children.c.id, inner)
