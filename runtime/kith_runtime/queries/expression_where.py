"""Conditions and formulas of the metadata as SQL over one table or alias, for any statement, also an UPDATE.

A path through a lookup becomes a correlated subquery. Lists that people filter use ``source``, which joins instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, select

from kith_metadata.expressions import Checked, Environment, nodes
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.published import Published
from kith_runtime.queries.columns import (
    Surroundings,
    field_of,
    stored_column,
    stored_rollup,
    surroundings_of,
    target_entity,
)
from kith_runtime.queries.expression_sql import prepare, to_sql
from kith_runtime.queries.expression_sql_lists import Listing
from kith_runtime.queries.expression_sql_values import SqlColumn
from kith_runtime.queries.late_values import LateValues
from kith_runtime.queries.link_conditions import is_link, link_column
from kith_runtime.queries.listed import Allowed, rows_of
from kith_runtime.queries.rollups import rollup_column
from kith_runtime.scopes import checked_expression
from kith_runtime.tables import table_of

DEEPEST_FORMULA = 12
"""Formulas may use formulas, but not endlessly: a circle is a fault of the metadata that checks report."""


TRUSTED = ""
"""Stands in a path where a formula brought in the rest: that is the same for everybody who may read the formula."""


class RuleBinding:
    """What the expression engine asks while it writes a condition over ``table``, an alias of the entity's table.

    ``allowed`` limits what lookups lead to and what lists hold to the records that an actor may see. ``outer`` is the
    binding of the record around, while the condition on a list of its records is written.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        entity: str,
        table: FromClause,
        allowed: Allowed | None = None,
        outer: RuleBinding | None = None,
    ) -> None:
        self.surroundings = surroundings
        self.entity = entity
        self.table = table
        self.allowed = allowed
        self.outer = outer

    @property
    def dialect_name(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self.surroundings.dialect_name

    @property
    def environment(self) -> Environment:
        """Return what expressions know besides the record."""
        return self.surroundings.environment

    @property
    def late(self) -> LateValues | None:
        """Return what collects the values that each run of the statement gives anew."""
        return self.surroundings.late

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        """Return the element of a path; each step through a lookup is a correlated subquery."""
        if TRUSTED in path:
            return self._trusting(path)
        holder = self.holder(path)
        if is_link(self.surroundings.published, holder, path[-1]):
            key = self.table.c.id if len(path) == 1 else self.column(path[:-1]).element
            return link_column(self.surroundings.published, holder, path[-1], key, self.allowed)
        if len(path) == 1:
            return field_column(self.surroundings, (self.entity, self.table), path[0], self.allowed)
        published = self.surroundings.published
        target = target_entity(field_of(published, self.entity, path[0]))
        alias = table_of(published, target).alias()
        found = RuleBinding(self.surroundings, target, alias, self.allowed).column(path[1:])
        limit = None if self.allowed is None else self.allowed(target, alias)
        key = stored_column(published, self.entity, self.table, path[0]).element

        def behind(element: ColumnElement[Any]) -> ColumnElement[Any]:
            limits = [alias.c.id == key] if limit is None else [alias.c.id == key, limit]
            return select(element).where(*limits).correlate_except(alias).scalar_subquery()

        return found.behind(behind)

    def _trusting(self, path: tuple[str, ...]) -> SqlColumn:
        """Return the element of a path whose last part a formula brought in: that part is the same for everybody."""
        place = path.index(TRUSTED)
        before, behind = path[:place], path[place + 1 :]
        if self.allowed is None or not before:
            return RuleBinding(self.surroundings, self.entity, self.table).column((*before, *behind))
        target = target_entity(field_of(self.surroundings.published, self.holder(before), before[-1]))
        alias = table_of(self.surroundings.published, target).alias()
        found = RuleBinding(self.surroundings, target, alias).column(behind)
        key = self.column((*before, "id")).element

        def there(element: ColumnElement[Any]) -> ColumnElement[Any]:
            return select(element).where(alias.c.id == key).correlate_except(alias).scalar_subquery()

        return found.behind(there)

    def listing(self, node: nodes.Aggregate) -> Listing:
        """Return the list of an aggregate, with the fields of its records."""
        way = (*node.path[:-1], "id")
        holder = self.holder(tuple(step for step in way if step != TRUSTED))
        plain = way == ("id",) or way == (TRUSTED, "id")
        return self.listing_of(node, holder, self.table.c.id if plain else self.column(way).element)

    def listing_of(self, node: nodes.Aggregate, holder: str, key: ColumnElement[str]) -> Listing:
        """Return the list of an aggregate of the record of ``holder`` whose id is ``key``."""
        allowed = None if TRUSTED in node.path else self.allowed
        rows = rows_of(self.surroundings.published, holder, node, key, allowed)
        inner = RuleBinding(self.surroundings, node.entity, rows.children, allowed, self)
        return Listing(rows.source, rows.tables, rows.conditions, rows.order, rows.children.c.id, inner)

    def holder(self, path: tuple[str, ...]) -> str:
        """Return the entity whose field stands at the end of a path."""
        holder = self.entity
        for step in path[:-1]:
            holder = target_entity(field_of(self.surroundings.published, holder, step))
        return holder

    def me(self) -> Mapping[str, Any]:
        """Return the fields of the person who acts."""
        return self.surroundings.environment.me

    def now(self) -> datetime:
        """Return the moment of the request."""
        return self.surroundings.environment.now

    def today(self) -> date:
        """Return today in the person's time zone."""
        return self.surroundings.environment.today

    def time_zone(self) -> str:
        """Return the person's time zone."""
        return self.surroundings.environment.time_zone


def rule_condition(surroundings: Surroundings, entity: str, table: FromClause, checked: Checked) -> ColumnElement[bool]:
    """Return a checked condition as SQL over a table or alias of the entity."""
    whole = inlined(surroundings.published, entity, checked)
    return to_sql(whole, RuleBinding(surroundings, entity, table))


def where_checked(ctx: Context, entity: str, checked: Checked, table: FromClause | None = None) -> ColumnElement[bool]:
    """Return a checked condition as SQL over ``table`` (the entity's own when left out), binds included."""
    prepare(ctx.connection)
    found = table_of(ctx.published, entity) if table is None else table
    return rule_condition(surroundings_of(ctx), entity, found, checked)


def field_column(
    surroundings: Surroundings, rows: tuple[str, FromClause], name: str, allowed: Allowed | None = None
) -> SqlColumn:
    """Return a stored field or a roll-up of ``rows``, an entity with its table; formulas have been inlined before.

    ``allowed`` limits a roll-up that is not computed with full rights to the records that an actor may see.
    """
    entity, table = rows
    field = field_of(surroundings.published, entity, name)
    if field.type == "rollup":
        return rollup_element(surroundings, rows, field, allowed)
    found = stored_column(surroundings.published, entity, table, name)
    declared = stored_rollup(surroundings.published, entity, name) if found.currency is not None else None
    if declared is None:
        return found
    # A stored blank may stand for several currencies, which only the records that it takes tell.
    mixed = rollup_element(surroundings, rows, declared).error
    return found if mixed is None else replace(found, error=and_(found.element.is_(None), mixed))


def rollup_element(
    surroundings: Surroundings, rows: tuple[str, FromClause], field: Field, allowed: Allowed | None = None
) -> SqlColumn:
    """Return a roll-up of an entity, worked out from the records that point to the rows of its table."""
    over = field.options.over
    children = table_of(surroundings.published, over).alias()
    seen = None if field.options.full_rights else allowed
    limit = rollup_limit(surroundings.published, field)
    conditions = [] if seen is None or (visible := seen(over, children)) is None else [visible]
    if limit is not None:
        conditions.append(to_sql(limit, RuleBinding(surroundings, over, children, seen)))
    return rollup_column(surroundings, rows, children, field, and_(*conditions) if conditions else None)


def rollup_limit(published: Published, field: Field) -> Checked | None:
    """Return the condition on the records of a roll-up with its formulas written out; None when it takes all."""
    over, where = field.options.over, field.options.where
    return inlined(published, over, checked_expression(published, over, where, BOOLEAN)) if where else None


def formula_of(published: Published, entity: str, name: str) -> Checked:
    """Return the checked expression of a formula field, with the formulas that it uses written out."""
    field = published.snapshot.entity(entity).fields[name]
    return published.compiled(
        ("formula", entity, name),
        lambda: inlined(published, entity, checked_expression(published, entity, field.options.formula)),
    )


def inlined(published: Published, entity: str, checked: Checked) -> Checked:
    """Return the expression with each formula field replaced by its formula, so that all engines see stored fields."""
    inliner = _Inliner(published, entity)
    root = inliner.visit(checked.root, 0)
    if root is checked.root and not inliner.uses:
        return checked
    return replace(checked, root=root, uses=checked.uses | inliner.uses)


def _brought_in(path: tuple[str, ...], trusting: bool, prefix: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path of a formula as a path of the record that uses the formula."""
    if not trusting or TRUSTED in prefix:
        return (*prefix, *path)
    return (*prefix, TRUSTED, *path)


class _Inliner:
    def __init__(
        self, published: Published, entity: str, around: tuple[_Inliner, int, tuple[str, ...]] | None = None
    ) -> None:
        self._published = published
        self._entity = entity
        self._around = around
        self.trusting: bool = around is not None and around[0].trusting
        """Whether what is visited comes from a formula that is computed with full rights."""
        self.uses: frozenset[str] = frozenset()

    def visit(self, node: nodes.Node, depth: int, prefix: tuple[str, ...] = ()) -> nodes.Node:
        if isinstance(node, nodes.Field):
            return self._field(node, depth, prefix)
        if isinstance(node, nodes.Aggregate):
            return self._aggregate(node, depth, prefix)
        if isinstance(node, nodes.Outer):
            return self._outer(node)
        changes: dict[str, Any] = {}
        for member in fields(node):
            value = getattr(node, member.name)
            found: Any = value
            if isinstance(value, nodes.Node):
                found = self.visit(value, depth, prefix)
            elif isinstance(value, tuple) and any(isinstance(item, nodes.Node) for item in value):
                visited = tuple(self.visit(item, depth, prefix) for item in value)
                found = value if all(a is b for a, b in zip(visited, value, strict=True)) else visited
            if found is not value:
                changes[member.name] = found
        return replace(node, **changes) if changes else node

    def _field(self, node: nodes.Field, depth: int, prefix: tuple[str, ...]) -> nodes.Node:
        path = _brought_in(node.path, self.trusting, prefix) if len(node.path) > 1 else (*prefix, *node.path)
        holder = self._entity
        for step in path[:-1]:
            if step == TRUSTED:
                continue
            holder = target_entity(field_of(self._published, holder, step))
        field = field_of(self._published, holder, path[-1])
        if len(node.path) == 1 and field.type in ("rollup", "lookups"):
            path = _brought_in(node.path, self.trusting, prefix)
        if field.type == "rollup":
            limit = rollup_limit(self._published, field)
            self.uses |= frozenset() if limit is None else limit.uses
        if field.type != "formula":
            return node if path == node.path else replace(node, path=path)
        if depth >= DEEPEST_FORMULA:
            raise Invalid(
                "formula_circle",
                f"The formula of {holder}.{field.name} uses itself, or uses formulas more than {DEEPEST_FORMULA} deep.",
                "Write one of them without the other.",
            )
        checked = checked_expression(self._published, holder, field.options.formula)
        self.uses |= checked.uses
        before, self.trusting = self.trusting, self.trusting or field.options.full_rights
        found = self.visit(checked.root, depth + 1, path[:-1])
        self.trusting = before
        return found

    def _aggregate(self, node: nodes.Aggregate, depth: int, prefix: tuple[str, ...]) -> nodes.Aggregate:
        inner = _Inliner(self._published, node.entity, (self, depth, prefix))
        condition = None if node.condition is None else inner.visit(node.condition, depth)
        value = None if node.value is None else inner.visit(node.value, depth)
        self.uses |= inner.uses
        path = _brought_in(node.path, self.trusting, prefix)
        if path == node.path and condition is node.condition and value is node.value:
            return node
        return replace(node, path=path, condition=condition, value=value)

    def _outer(self, node: nodes.Outer) -> nodes.Outer:
        """What is said of the record around the list is written out as that record sees it."""
        around, depth, prefix = self._around or (self, 0, ())
        for _ in range(node.up - 1):
            around, depth, prefix = around._around or (around, 0, ())
        base = around.visit(node.base, depth, prefix)
        self.uses |= around.uses
        return node if base is node.base else replace(node, base=base)
