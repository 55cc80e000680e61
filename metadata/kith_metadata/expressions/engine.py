"""The server engine: simpleeval's evaluator over the checked tree, with our own tables and nothing else.

simpleeval's own node handlers, operators, functions and attribute access are all replaced, so nothing of Python can be
reached: a node either is one of the kinds of `nodes` or is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from simpleeval import EvalWithCompoundTypes, InvalidExpression

from kith_metadata.expressions import nodes, values
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.lists import Evaluate, aggregate_value
from kith_metadata.expressions.nodes import Checked
from kith_metadata.expressions.operators import OPERATORS
from kith_metadata.expressions.problems import EvaluationError

MAX_RESULT_TEXT = 1_000_000
_TABLE: dict[str, Callable[..., Any]] = {
    **{name: operator.python for name, operator in OPERATORS.items()},
    **{name: function.python for name, function in FUNCTIONS.items()},
}
_KEEPS_BLANK = frozenset(
    [name for name, operator in OPERATORS.items() if operator.keeps_blank]
    + [name for name, function in FUNCTIONS.items() if function.keeps_blank]
)
_LAZY = frozenset(name for name, found in FUNCTIONS.items() if found.lazy)
_USES = frozenset(name for name, found in FUNCTIONS.items() if found.uses)


def evaluate(checked: Checked, record: Mapping[str, Any], environment: Environment) -> Any:
    """Return the value of an expression for a record: a Python value, or None for blank.

    Raises `EvaluationError` for an error value such as a division by zero. A condition is always True or False.
    """
    try:
        return _Evaluator(record, environment).run(checked.root)
    except InvalidExpression as error:
        raise EvaluationError(f"The expression cannot be evaluated: {error}.") from error


def keeps_blank(name: str) -> bool:
    """Tell whether an operator or function handles blank arguments itself, instead of giving blank."""
    return name in _KEEPS_BLANK


def is_lazy(name: str) -> bool:
    """Tell whether a function gets its arguments as functions and calls those that it needs."""
    return name in _LAZY


def apply_lazily(name: str, arguments: list[Callable[[], Any]]) -> Any:
    """Run a function that decides itself which of its arguments are evaluated."""
    return _TABLE[name](*arguments)


def apply(name: str, environment: Environment, arguments: list[Any]) -> Any:
    """Run an operator or function on values: blank in, blank out, unless it handles blanks itself."""
    if name not in _KEEPS_BLANK and any(argument is None for argument in arguments):
        return None
    result = _TABLE[name](environment, *arguments) if name in _USES else _TABLE[name](*arguments)
    if isinstance(result, str) and len(result) > MAX_RESULT_TEXT:
        raise EvaluationError(f"The text is too long: at most {MAX_RESULT_TEXT} characters are possible.")
    return result


class _Evaluator(EvalWithCompoundTypes):  # type: ignore[misc]
    """simpleeval's dispatch and its check of every intermediate result, on typed nodes."""

    def __init__(self, record: Mapping[str, Any], environment: Environment) -> None:
        super().__init__(operators=values.COMPARISONS, functions={}, names={})
        self._record, self._environment = record, environment
        self.nodes = {
            nodes.Literal: lambda node: node.value,
            nodes.Field: lambda node: values.field_value(node, self._record),
            nodes.Attribute: lambda node: values.attribute_value(node, self._eval(node.base)),
            nodes.Person: lambda node: values.person_value(node, self._environment.me),
            nodes.Items: lambda node: tuple(item.value for item in node.items),
            nodes.Call: self._call,
            nodes.Compare: self._compare_values,
            nodes.Contains: lambda node: values.contains(self._eval(node.item), self._eval(node.container)),
            nodes.Logic: self._logic,
            nodes.Choose: self._choose,
            nodes.Aggregate: self._aggregate,
            nodes.Outer: lambda node: _Evaluator(*values.around(node, self._environment)).run(node.base),
            nodes.Former: lambda node: values.former_value(node, self._environment),
            nodes.Changed: self._changed,
            nodes.Around: lambda node: values.around_value(node, self._environment),
        }

    def run(self, root: nodes.Node) -> Any:
        """Evaluate from the root."""
        return self._eval(root)

    def _call(self, node: nodes.Call) -> Any:
        if is_lazy(node.name):
            return apply_lazily(node.name, [partial(self._eval, argument) for argument in node.arguments])
        return apply(node.name, self._environment, [self._eval(argument) for argument in node.arguments])

    def _compare_values(self, node: nodes.Compare) -> bool:
        return bool(self.operators[node.operator](self._eval(node.left), self._eval(node.right)))

    def _logic(self, node: nodes.Logic) -> bool:
        if node.operator == "not":
            return not self._eval(node.operands[0])
        if node.operator == "and":
            return all(self._eval(operand) for operand in node.operands)
        return any(self._eval(operand) for operand in node.operands)

    def _aggregate(self, node: nodes.Aggregate) -> Any:
        condition, value = _part(node.condition), _part(node.value)
        return aggregate_value(node, self._record, self._environment, (condition, value))

    def _changed(self, node: nodes.Changed) -> bool:
        return values.changed(self._eval(node.former), self._eval(node.field), self._environment)

    def _choose(self, node: nodes.Choose) -> Any:
        return self._eval(node.chosen if self._eval(node.condition) else node.otherwise)


def _part(node: nodes.Node | None) -> Evaluate | None:
    """Return what evaluates a part of an aggregate for a record of the list."""
    if node is None:
        return None
    return lambda record, environment: _Evaluator(record, environment).run(node)
