"""The same engine as closures, for bulk work: the tree is walked once, then each record costs only calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kith_metadata.expressions import nodes, values
from kith_metadata.expressions.engine import apply, apply_lazily, is_lazy
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.lists import aggregate_value
from kith_metadata.expressions.nodes import Checked, Node

Run = Callable[[Mapping[str, Any], Environment], Any]


def compiled(checked: Checked) -> Run:
    """Return a function of record and environment that gives what `evaluate` gives, and raises what it raises."""
    return _closure(checked.root)


def _closure(node: Node) -> Run:
    make = _KINDS.get(type(node))
    if make is None:
        raise TypeError(f"There is no node of the kind {type(node).__name__}.")
    return make(node)


def _literal(node: nodes.Literal) -> Run:
    value = node.value
    return lambda record, environment: value


def _field(node: nodes.Field) -> Run:
    return lambda record, environment: values.field_value(node, record)


def _person(node: nodes.Person) -> Run:
    return lambda record, environment: values.person_value(node, environment.me)


def _items(node: nodes.Items) -> Run:
    items = tuple(item.value for item in node.items)
    return lambda record, environment: items


def _outer(node: nodes.Outer) -> Run:
    base = _closure(node.base)
    return lambda record, environment: base(*values.around(node, environment))


def _former(node: nodes.Former) -> Run:
    return lambda record, environment: values.former_value(node, environment)


def _around(node: nodes.Around) -> Run:
    return lambda record, environment: values.around_value(node, environment)


def _attribute(node: nodes.Attribute) -> Run:
    base, table = _closure(node.base), dict(node.values)
    return lambda record, environment: table.get(base(record, environment))


def _call(node: nodes.Call) -> Run:
    name, arguments = node.name, [_closure(argument) for argument in node.arguments]
    if is_lazy(name):
        return lambda record, environment: apply_lazily(
            name, [partial(argument, record, environment) for argument in arguments]
        )
    return lambda record, environment: apply(
        name, environment, [argument(record, environment) for argument in arguments]
    )


def _compare(node: nodes.Compare) -> Run:
    test, left, right = values.COMPARISONS[node.operator], _closure(node.left), _closure(node.right)
    return lambda record, environment: test(left(record, environment), right(record, environment))


def _contains(node: nodes.Contains) -> Run:
    item, container = _closure(node.item), _closure(node.container)
    return lambda record, environment: values.contains(item(record, environment), container(record, environment))


def _logic(node: nodes.Logic) -> Run:
    operands = [_closure(operand) for operand in node.operands]
    if node.operator == "not":
        operand = operands[0]
        return lambda record, environment: not operand(record, environment)
    if node.operator == "and":
        return lambda record, environment: all(operand(record, environment) for operand in operands)
    return lambda record, environment: any(operand(record, environment) for operand in operands)


def _aggregate(node: nodes.Aggregate) -> Run:
    condition = None if node.condition is None else _closure(node.condition)
    value = None if node.value is None else _closure(node.value)
    return lambda record, environment: aggregate_value(node, record, environment, (condition, value))


def _changed(node: nodes.Changed) -> Run:
    former, present = _closure(node.former), _closure(node.field)
    return lambda record, environment: values.changed(
        former(record, environment), present(record, environment), environment
    )


def _choose(node: nodes.Choose) -> Run:
    condition, chosen, otherwise = _closure(node.condition), _closure(node.chosen), _closure(node.otherwise)
    return lambda record, environment: (chosen if condition(record, environment) else otherwise)(record, environment)


_KINDS: dict[type[Node], Callable[[Any], Run]] = {
    nodes.Literal: _literal,
    nodes.Field: _field,
    nodes.Person: _person,
    nodes.Items: _items,
    nodes.Attribute: _attribute,
    nodes.Call: _call,
    nodes.Compare: _compare,
    nodes.Contains: _contains,
    nodes.Logic: _logic,
    nodes.Choose: _choose,
    nodes.Aggregate: _aggregate,
    nodes.Outer: _outer,
    nodes.Former: _former,
    nodes.Changed: _changed,
    nodes.Around: _around,
}
