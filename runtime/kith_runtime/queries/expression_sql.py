"""The SQL engine of expressions: a checked tree becomes one SQLAlchemy expression that holds binds and no text.

It gives what the server engine gives, on SQLite and on PostgreSQL. An error value (a division by zero) is NULL in SQL
and false in a condition; `error_sql` says for which rows. Call `prepare` on the connection before the query.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import nodes, values
from kith_metadata.expressions import types as t
from kith_metadata.expressions.engine import apply, is_lazy, keeps_blank
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.nodes import Checked, Node
from kith_metadata.expressions.problems import EvaluationError, Problem
from kith_metadata.expressions.server_only import calls_on_server, runs_on_server, walk
from kith_metadata.expressions.types import Type
from kith_platform.database.types import IsoDate, JsonValue, UtcDateTime
from kith_runtime.queries import expression_sql_functions as _package
from kith_runtime.queries.expression_sql_compare import boolean, compare, in_choices, in_links, member_of, own_collation
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, Surroundings, Write, merged, same_shape
from kith_runtime.queries.expression_sql_functions.text import contains
from kith_runtime.queries.expression_sql_lists import InnerBinding, ListBinding, aggregate
from kith_runtime.queries.expression_sql_operators import OPERATORS
from kith_runtime.queries.expression_sql_size import SizingBinding
from kith_runtime.queries.expression_sql_sqlite import install, prepare
from kith_runtime.queries.expression_sql_values import (
    MISSING,
    DurationResult,
    Finder,
    KnowingBinding,
    NumberResult,
    Sql,
    SqlBinding,
    SqlColumn,
    TimeResult,
    any_error,
    certain,
    constant,
    null_of,
)
from kith_runtime.queries.late_values import LATE_KINDS, late_values_of
from kith_runtime.tables.folding import FOLDS

__all__ = ["SqlBinding", "SqlColumn", "currency_sql", "error_sql", "install", "prepare", "sql_support", "to_sql"]

SQL_FAMILIES.discover(_package)
_SHIELDED = t.TEXT_KINDS | {"markup", "record", "date", "datetime", "time"}
MAX_ELEMENTS = 20_000
# An expression of fewer parts is never too large: what stands twice in SQL does so at each level once more.
FEW_NODES = 30
WRITERS: dict[str, Write] = {
    **OPERATORS,
    **{name: write for _, family in SQL_FAMILIES.items() for name, write in family.functions.items()},
}


class TooLarge(EvaluationError):
    """The text of an expression in SQL would be huge."""


def to_sql(checked: Checked, binding: SqlBinding, condition: bool = True) -> ColumnElement[Any]:
    """Return the expression in SQL: a condition, or a column that gives Python values of the expression's type.

    A yes/no expression is written for WHERE, where NULL counts as false; with `condition=False` it is never NULL unless
    it is a blank value or an error value. Raises `EvaluationError` when the expression cannot run in SQL; ask
    `sql_support` beforehand.
    """
    writer = _Writer(binding)
    positive = condition and checked.type.kind in ("boolean", "blank")
    found = writer.condition(checked.root, True) if positive else writer.write(checked.root)
    if positive:
        return _sized(found.element if found.error is None else sa.and_(sa.not_(found.error), found.element))
    return _sized(_result(found, checked.type, binding.dialect_name))


def error_sql(checked: Checked, binding: SqlBinding) -> ColumnElement[bool] | None:
    """Return the condition that the expression has an error value for a row; None when it cannot have one."""
    return _Writer(binding).write(checked.root).error


def currency_sql(checked: Checked, binding: SqlBinding) -> ColumnElement[Any] | None:
    """Return the currency of an expression that gives money; None when it names none."""
    return _Writer(binding).write(checked.root).currency


def sql_support(checked: Checked) -> tuple[Problem, ...]:
    """Name every part that cannot run in SQL, or that the whole is too large for it; empty when the expression can."""
    problems = list(calls_on_server(checked.root))
    pending = [checked.root]
    while pending:
        node = pending.pop()
        if isinstance(node, nodes.Field) and node.type.kind == "records":
            message = f"'{'.'.join(node.path)}' is a list of records, which has no value of its own here."
            problems.append(Problem(*node.place, "no_sql", message, "Test it with `in`, == blank or != blank."))
        if isinstance(node, (nodes.Former, nodes.Changed)) or (
            isinstance(node, nodes.Around) and node.name == "is_new"
        ):
            message = "Former values are known only while a record is saved, not in a list or a filter."
            problems.append(Problem(*node.place, "no_sql", message, "Use it in a rule."))
        asked = _asked_list(node)
        pending.extend(part for part in nodes.children(node) if part is not asked or not isinstance(part, nodes.Field))
    return tuple(problems) or _too_large(checked)


def _too_large(checked: Checked) -> tuple[Problem, ...]:
    if len(list(walk(checked.root))) < FEW_NODES:
        return ()
    try:
        to_sql(checked, SizingBinding.of(checked.root))
    except TooLarge as error:
        return (Problem(*checked.root.place, "no_sql", str(error), "Move a part of it into a stored formula field."),)
    except EvaluationError:
        return ()
    return ()


def _sized(element: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the element, or raise when its text would be huge: parts that stand in it twice count twice."""
    known: dict[int, int] = {}

    def size(part: Any) -> int:
        if id(part) not in known:
            known[id(part)] = 1 + sum(size(below) for below in part.get_children())
        return known[id(part)]

    if size(element) > MAX_ELEMENTS:
        raise TooLarge("The expression is too large for the database.")
    return element


def _holds_numbers(node: Node) -> bool:
    pending = list(nodes.children(node))
    while pending:
        part = pending.pop()
        if part.type.kind in t.NUMBER_KINDS | {"duration"}:
            return True
        pending.extend(nodes.children(part))
    return False


def _asked_list(node: Node) -> Node | None:
    """Return the list of records that a node asks for a member, or for being blank."""
    match node:
        case nodes.Contains():
            return node.container
        case nodes.Compare(left=left, right=right):
            blank = [part for part in (left, right) if part.type.kind == "blank"]
            return (right if blank[0] is left else left) if blank else None
        case nodes.Call(name="is_blank"):
            return node.arguments[0]
    return None


def _result(found: Sql, kind: Type, dialect: str) -> ColumnElement[Any]:
    """Give the element the type that reads it back, and NULL where it is an error value."""
    element = found.element
    match kind.kind:
        case "integer" | "decimal" | "money" | "percent":
            reader: Any = NumberResult(found.scale, kind.kind == "integer")
        case "duration":
            reader = DurationResult(found.scale)
        case "time":
            reader = TimeResult()
        case "date":
            reader = IsoDate()
        case "datetime":
            reader = UtcDateTime()
        case "boolean":
            reader = sa.Boolean()
        case "choices" | "json" | "records":
            reader = JsonValue()
        case _:
            reader = sa.Text()
    if found.error is not None:
        element = sa.case((found.error, sa.null()), else_=element)
    return sa.type_coerce(element, reader)


class _Writer:
    """One walk that writes one expression for one binding."""

    def __init__(self, binding: SqlBinding) -> None:
        self._binding = binding
        self._dialect = binding.dialect_name
        self._around = Surroundings(self._dialect, binding.time_zone())

    def write(self, node: Node) -> Sql:
        """Return the value of a node."""
        match node:
            case nodes.Literal():
                return self._constant(node.value, node.type)
            case nodes.Field():
                return self._field(node)
            case nodes.Person():
                return self._constant(values.person_value(node, self._binding.me()), node.type)
            case nodes.Attribute():
                return self._attribute(node)
            case nodes.Call():
                return self._shielded(node, self._call(node))
            case nodes.Choose():
                return self._shielded(node, self._choose(node))
            case nodes.Outer():
                return self._outer(node)
            case nodes.Around():
                return self._around_value(node)
            case nodes.Aggregate() if node.name not in ("any", "all"):
                return self._aggregate(node)
        return self.condition(node, False)

    def _shielded(self, node: Node, found: Sql) -> Sql:
        """Keep the collation of numbers inside a text from deciding how the text compares."""
        if self._dialect != "sqlite" or node.type.kind not in _SHIELDED or found.constant or not _holds_numbers(node):
            return found
        return replace(found, element=own_collation(found.element, self._dialect))

    def condition(self, node: Node, positive: bool) -> Sql:
        """Return a condition; where it is `positive`, NULL may stand for false."""
        match node:
            case nodes.Compare():
                left, right = self.write(node.left), self.write(node.right)
                return compare(node.operator, left, right, positive, self._dialect)
            case nodes.Contains():
                return self._contains(node, positive)
            case nodes.Logic():
                return self._logic(node, positive)
            case nodes.Aggregate() if node.name in ("any", "all"):
                return self._aggregate(node)
        found = self.write(node)
        if found.is_null:
            return boolean(sa.false(), found)
        return found if positive or not found.nullable else replace(found, element=certain(found.element))

    def _constant(self, value: Any, kind: Type) -> Sql:
        return constant(value, kind, self._dialect)

    def _field(self, node: nodes.Field) -> Sql:
        column = self._binding.column(node.path)
        element, kind, sqlite = column.element, node.type, self._dialect == "sqlite"
        if kind.kind in t.NUMBER_KINDS:
            shift = 2 if kind.kind == "percent" else 0
            element = sa.type_coerce(element, sa.BigInteger() if sqlite or kind.kind == "integer" else sa.Numeric())
            scale = column.scale + shift if sqlite else shift
            return Sql(
                element,
                kind,
                scale=scale,
                places=column.scale + shift,
                nullable=column.nullable,
                currency=column.currency,
                error=column.error,
            )
        if kind.kind == "duration":
            return Sql(sa.type_coerce(element, sa.BigInteger()), kind, scale=-6, nullable=column.nullable)
        if kind.kind == "text":
            raw = sa.type_coerce(element, sa.Text())
            cleaned = sa.func.nullif(raw, sa.literal("", sa.Text()), type_=sa.Text())
            finder = Finder(FOLDS[column.fold](element), column.fold) if column.fold else None
            return Sql(cleaned, kind, nullable=True, raw=raw, finder=finder)
        return Sql(element, kind, nullable=column.nullable, links=column.links)

    def _attribute(self, node: nodes.Attribute) -> Sql:
        base = self.write(node.base)
        known = [(option, self._constant(value, node.type)) for option, value in node.values if value is not None]
        if not known:
            return self._constant(None, node.type)
        element = sa.case(*[(base.element == sa.literal(option, sa.Text()), found.element) for option, found in known])
        sample = known[0][1]
        return Sql(
            element,
            node.type,
            wide=sample.wide,
            places=max(found.places for _, found in known),
            digits=max(found.digits for _, found in known),
            error=base.error,
        )

    def _call(self, node: nodes.Call) -> Sql:
        if node.name in ("today", "now"):
            return self._from_clock(node, getattr(self._binding, node.name)())
        arguments = [self.write(argument) for argument in node.arguments]
        errors = any_error(*(argument.error for argument in arguments))
        if not keeps_blank(node.name) and any(argument.is_null for argument in arguments):
            return self._constant(None, node.type).failing(errors)
        if not is_lazy(node.name) and all(argument.known is not MISSING for argument in arguments) and errors is None:
            found = self._folded(node, [argument.known for argument in arguments])
            clocked = any(not argument.constant for argument in arguments) or node.name == "time_now"
            return self._from_clock(node, found.value, found) if clocked else found
        write = WRITERS.get(node.name)
        if write is None or runs_on_server(node):
            raise EvaluationError(f"{node.name}() runs on the server only, not in the database.")
        return write(self._around, arguments, node.type)

    def _from_clock(self, node: nodes.Call, value: Any, found: Sql | None = None) -> Sql:
        """Return what depends on the clock and on no row: a bind that each run fills, where the type allows it."""
        late = late_values_of(self._binding)
        if late is not None and node.type.kind in LATE_KINDS and value is not None:
            return Sql(late.bind(node, value), node.type, nullable=False, late=value)
        if late is not None:
            late.baked = True
        return self._constant(value, node.type) if found is None else found

    def _folded(self, node: nodes.Call, arguments: list[Any]) -> Sql:
        """Compute what depends on no row now, so that a column is compared with one bind."""
        binding = self._binding
        around = Environment(binding.now(), binding.today(), binding.me(), binding.time_zone())
        try:
            return self._constant(apply(node.name, around, arguments), node.type)
        except EvaluationError:
            return self._constant(None, node.type).failing(sa.true())

    def _outer(self, node: nodes.Outer) -> Sql:
        binding: SqlBinding = self._binding
        for _ in range(node.up):
            around = binding.outer if isinstance(binding, InnerBinding) else None
            if around is None:
                raise EvaluationError("The record around a list cannot be reached in SQL here.")
            binding = around
        return _Writer(binding).write(node.base)

    def _around_value(self, node: nodes.Around) -> Sql:
        if not isinstance(self._binding, KnowingBinding) or node.name == "is_new":
            raise EvaluationError(f"{node.name}() cannot be answered in SQL here.")
        return self._constant(values.around_value(node, self._binding.environment), node.type)

    def _aggregate(self, node: nodes.Aggregate) -> Sql:
        if not isinstance(self._binding, ListBinding):
            raise EvaluationError("A list of records cannot be asked in SQL here.")
        listing = self._binding.listing(node)
        inner = _Writer(listing.binding)
        condition = None if node.condition is None else inner.condition(node.condition, True)
        value = None if node.value is None else inner.write(node.value)
        return aggregate(node, listing, (condition, value), self._dialect)

    def _choose(self, node: nodes.Choose) -> Sql:
        test = self.condition(node.condition, True)
        left, right = same_shape(self.write(node.chosen), self.write(node.otherwise), self._dialect)
        if left.is_null and right.is_null and left.error is None and right.error is None:
            return self._constant(None, node.type).failing(test.error)
        elements = [null_of(node.type, self._dialect) if part.is_null else part.element for part in (left, right)]
        element = sa.case((test.element, elements[0]), else_=elements[1])
        found = merged(left, right, element, node.type)
        if left.currency is not None or right.currency is not None:
            currencies = [sa.null() if part.currency is None else part.currency for part in (left, right)]
            found = replace(found, currency=sa.case((test.element, currencies[0]), else_=currencies[1]))
        certainly = certain(test.element)
        return found.failing(
            test.error,
            None if left.error is None else sa.and_(certainly, left.error),
            None if right.error is None else sa.and_(sa.not_(certainly), right.error),
        )

    def _contains(self, node: nodes.Contains, positive: bool) -> Sql:
        item = self.write(node.item)
        if isinstance(node.container, nodes.Items):
            members = tuple(literal.value for literal in node.container.items)
            return member_of(item, members, positive, self._dialect)
        container = self.write(node.container)
        if node.container.type.kind == "text":
            return contains(self._around, [container, item], t.BOOLEAN)
        if container.constant:
            return member_of(item, container.value or (), positive, self._dialect)
        if node.container.type.kind == "choices":
            return in_choices(item, container, self._dialect)
        return in_links(item, container)

    def _logic(self, node: nodes.Logic, positive: bool) -> Sql:
        if node.operator == "not":
            operand = self.condition(node.operands[0], False)
            return boolean(sa.not_(operand.element), operand)
        parts = [self.condition(operand, positive) for operand in node.operands]
        join = sa.and_ if node.operator == "and" else sa.or_
        error: ColumnElement[bool] | None = None
        for part in reversed(parts):
            # A part is reached only if the ones before it did not decide; its own error comes first.
            if error is not None:
                reached = certain(part.element)
                error = sa.and_(reached if node.operator == "and" else sa.not_(reached), error)
            error = any_error(part.error, error)
        return Sql(join(*[part.element for part in parts]), t.BOOLEAN, nullable=positive, error=error)
