"""Values of a form that follow from other values, from child rows too, as trees over what stands in its inputs.

A browser knows the inputs and the values that come along; it knows no stored formula, no roll-up and no other record.
So each computed field is written out: formulas by their expressions, roll-ups over the rows of the form as figures over
these rows, with the rounding and the blanks that storing brings. What asks for more stays with the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kith_metadata.expressions import Checked, nodes
from kith_metadata.expressions.nodes import Node
from kith_metadata.expressions.types import BOOLEAN, INTEGER
from kith_metadata.kinds.entity import Field
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import declared_field, fields_of
from kith_runtime.queries.columns import type_of
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.queries.server_formulas import MONEY_PLACES
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.form_shape import FormShape, RowsPart

ROWS = "rows "
"""Begins the name under which the rows of a form stand in their record; no field has a space in its name."""

_DEEPEST = 12
_SHOWN = frozenset({"text", "integer", "decimal", "money", "boolean"})


class _Unknown(Exception):
    """Something that only the server can tell."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed field as a tree, the fields of the record that it reads, and by table those of rows."""

    checked: Checked
    scale: int
    money: bool
    rows: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class _Reads:
    own: set[str] = field(default_factory=set)
    rows: dict[str, set[str]] = field(default_factory=dict)


def figure_of(ctx: Context, shape: FormShape, name: str, part: RowsPart | None = None) -> Figure | None:
    """Return a computed field of a form, or of the rows of a table; None when the browser cannot work it out."""
    entity = shape.entity.name if part is None else part.entity
    declared = declared_field(ctx.snapshot, entity, name)
    if declared is None or declared.type not in ("formula", "rollup"):
        return None
    kind: Any = field_types[declared.type]
    result = kind.result(declared, ctx.snapshot)
    if result.type not in _SHOWN:
        return None
    writer = _Writer(ctx, shape)
    try:
        root = writer.computed(part, declared, 0)
    except _Unknown:
        return None
    reads = writer.reads
    checked = Checked(root, frozenset((name,) for name in reads.own), frozenset(), frozenset())
    scale = {"money": 2, "decimal": getattr(result.options, "scale", 0)}.get(result.type, 0)
    rows = {table: frozenset(names) for table, names in reads.rows.items()}
    return Figure(checked, scale, result.type == "money", rows)


def condition_over_rows(ctx: Context, shape: FormShape, checked: Checked) -> Figure | None:
    """Return a condition of a form that looks at rows or computed fields; None when the browser cannot judge it."""
    writer = _Writer(ctx, shape, judging=True)
    try:
        root = writer.written(checked.root)
    except _Unknown:
        return None
    own = frozenset((name,) for name in writer.reads.own)
    rows = {table: frozenset(names) for table, names in writer.reads.rows.items()}
    return Figure(Checked(root, own, frozenset(), frozenset()), 0, False, rows)


class _Writer:
    """Writes one computed field out. ``part`` is the table whose row is spoken of, None for the form's record.

    A condition is judged with full rights, and may ask for the person and for what the record was.
    """

    def __init__(self, ctx: Context, shape: FormShape, *, judging: bool = False) -> None:
        self._ctx, self._shape, self._judging = ctx, shape, judging
        self.reads = _Reads()

    def computed(self, part: RowsPart | None, declared: Field, depth: int) -> Node:
        """Return the tree of a formula or roll-up with the value that the server gives it."""
        if depth > _DEEPEST:
            raise _Unknown
        if declared.type == "rollup":
            return self._rollup(declared, depth)
        entity = self._entity(part)
        root = checked_expression(self._ctx.published, entity, declared.options.formula).root
        found = self._visit(root, part, depth, trusting=bool(declared.options.full_rights or declared.options.stored))
        return _stored(found, declared) if declared.options.stored else found

    def written(self, root: Node) -> Node:
        """Return the tree of a condition on the form's record."""
        return self._visit(root, None, 0, trusting=True)

    def _entity(self, part: RowsPart | None) -> str:
        return self._shape.entity.name if part is None else part.entity

    def _visit(self, node: Node, part: RowsPart | None, depth: int, *, trusting: bool) -> Node:
        def visit(inner: Node) -> Node:
            return self._visit(inner, part, depth, trusting=trusting)

        match node:
            case nodes.Field():
                return self._field(node, part, depth)
            case nodes.Aggregate():
                return self._aggregate(node, part, depth, trusting=trusting)
            case nodes.Outer():
                if part is None or node.up != 1:
                    raise _Unknown
                return replace(node, base=self._visit(node.base, None, depth, trusting=trusting))
            case nodes.Former(path=(_,)) | nodes.Person() if self._judging and part is None:
                return node
            case nodes.Around(name="is_new") if self._judging and part is None:
                return node
            case nodes.Person(path=(_, *_)) | nodes.Former() | nodes.Changed() | nodes.Around(name="is_new"):
                raise _Unknown
        return _mapped(node, visit)

    def _field(self, node: nodes.Field, part: RowsPart | None, depth: int) -> Node:
        entity, name = self._entity(part), node.path[0]
        if len(node.path) > 1:
            raise _Unknown
        declared = declared_field(self._ctx.snapshot, entity, name)
        if declared is not None and declared.type in ("formula", "rollup"):
            found = self.computed(part, declared, depth + 1)
            # A stored formula is blank where it failed; a roll-up over several currencies stays without a value.
            return _or_blank(found) if declared.type == "formula" and declared.options.stored else found
        if name not in rights_for(self._ctx, entity).readable or not self._is_known(name, part):
            raise _Unknown
        if part is None:
            self.reads.own.add(name)
        else:
            self.reads.rows.setdefault(part.name, set()).add(name)
        return node

    def _is_known(self, name: str, part: RowsPart | None) -> bool:
        kind = field_types[fields_of(self._ctx.snapshot, self._entity(part))[name].type]
        return not kind.computed and kind.stored

    def _table(self, entity: str, by: str, *, trusting: bool) -> RowsPart:
        found = next((part for part in self._shape.rows.values() if (part.entity, part.by) == (entity, by)), None)
        if found is None or (trusting and not rights_for(self._ctx, entity).read.everything):
            raise _Unknown
        self.reads.rows.setdefault(found.name, set())
        return found

    def _aggregate(self, node: nodes.Aggregate, part: RowsPart | None, depth: int, *, trusting: bool) -> Node:
        if part is not None or len(node.path) > 1 or node.ours:
            raise _Unknown
        table = self._table(node.entity, node.by, trusting=trusting)

        def inside(inner: Node | None) -> Node | None:
            return None if inner is None else self._visit(inner, table, depth, trusting=trusting)

        if node.name == "first" and node.value is None:
            raise _Unknown
        return replace(node, path=(ROWS + table.name,), value=inside(node.value), condition=inside(node.condition))

    def _rollup(self, declared: Field, depth: int) -> Node:
        own, published = declared.options, self._ctx.published
        table = self._table(own.over, own.by, trusting=bool(own.full_rights or own.stored))
        condition: Node | None = None
        if own.where:
            root = checked_expression(published, own.over, own.where, BOOLEAN).root
            condition = self._visit(root, table, depth, trusting=bool(own.full_rights or own.stored))
        result = type_of(published, declared)

        def over(name: str, kind: Any, value: Node | None, limit: Node | None) -> Node:
            return nodes.Aggregate(kind, (1, 1), name, (ROWS + table.name,), own.over, own.by, False, value, limit)

        if own.function == "count":
            return over("count", INTEGER, None, condition)
        source = fields_of(self._ctx.snapshot, own.over)[own.field]
        value = self._field(nodes.Field(type_of(published, source), (1, 1), (own.field,)), table, depth)
        figure = over(own.function, result, value, condition)
        if own.function == "avg":
            kind: Any = field_types["rollup"]
            places = getattr(kind.result(declared, self._ctx.snapshot).options, "scale", MONEY_PLACES)
            return _rounded(figure, places)
        if own.function != "sum":
            return figure
        there = nodes.Compare(BOOLEAN, (1, 1), "!=", value, nodes.Literal(value.type, (1, 1), None))
        held = there if condition is None else nodes.Logic(BOOLEAN, (1, 1), "and", (condition, there))
        none = nodes.Compare(
            BOOLEAN, (1, 1), "==", over("count", INTEGER, None, held), nodes.Literal(INTEGER, (1, 1), 0)
        )
        return nodes.Choose(result, (1, 1), none, nodes.Literal(result, (1, 1), None), figure)


def _mapped(node: Node, visit: Callable[[Node], Node]) -> Node:
    changes: dict[str, Any] = {}
    for member in fields(node):
        value = getattr(node, member.name)
        if isinstance(value, Node):
            changes[member.name] = visit(value)
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            changes[member.name] = tuple(visit(item) for item in value)
    return replace(node, **changes) if changes else node


def _rounded(node: Node, places: int) -> Node:
    return nodes.Call(node.type, node.place, "round", (node, nodes.Literal(INTEGER, node.place, places)))


def _or_blank(node: Node) -> Node:
    return nodes.Call(node.type, node.place, "if_error", (node, nodes.Literal(node.type, node.place, None)))


def _stored(node: Node, declared: Field) -> Node:
    """Return a value as the columns of its field hold it."""
    own = declared.options
    places = {"decimal": own.scale, "percent": own.scale + 2, "money": MONEY_PLACES}.get(own.returns)
    return node if places is None else _rounded(node, places)


@dataclass(frozen=True, slots=True)
class HeldRows:
    """The saved rows of a table in the order in which they were made, and whether there are more than it shows."""

    rows: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    more: bool = False


def held_rows(ctx: Context, part: RowsPart, names: tuple[str, ...], record: str) -> HeldRows:
    """Return some fields of the rows that a table shows of a saved record."""
    if not record:
        return HeldRows()
    query = Query(part.entity, names or ("id",), sort=("created_at",), limit=part.limit, related=(part.by, record))
    page = select(ctx, query)
    rows = ((key, dict(zip(names, row, strict=False))) for key, row in zip(page.ids, page.rows, strict=True))
    return HeldRows(tuple(rows), page.next is not None)
