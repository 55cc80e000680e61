"""The type checker: from a parsed tree and a scope to typed nodes, with every problem of the expression at once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from decimal import Decimal

from kith_metadata.expressions import literals, operators
from kith_metadata.expressions import types as t
from kith_metadata.expressions.check_calls import as_markup, typed_call
from kith_metadata.expressions.check_hints import arithmetic_hint, conversion_hint
from kith_metadata.expressions.check_lists import is_aggregate, typed_aggregate
from kith_metadata.expressions.check_names import Names, Spot
from kith_metadata.expressions.check_questions import is_question, typed_question
from kith_metadata.expressions.nodes import (
    Call,
    Checked,
    Choose,
    Compare,
    Contains,
    Items,
    Literal,
    Logic,
    Node,
)
from kith_metadata.expressions.parse import Tree, parse
from kith_metadata.expressions.problems import ExpressionError, Problem
from kith_metadata.expressions.scope import Scope
from kith_metadata.expressions.types import Type

_VERBS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def compile_check(text: str, scope: Scope, expected: Type | None = None, around: Scope | None = None) -> Checked:
    """Parse and check in one step; raise `ExpressionError` with the problems of whichever step found some."""
    return check(parse(text), scope, expected, around)


def check(tree: Tree, scope: Scope, expected: Type | None = None, around: Scope | None = None) -> Checked:
    """Give every part of the expression its type; raise `ExpressionError` with all problems at once.

    `expected` is the type that the place of the expression asks for, such as yes/no for a condition. `around` has the
    fields of the record that `this` means, where the expression chooses among records for a lookup of that one.
    """
    found = analyse(tree, scope, expected, around)
    if found.checked is None:
        raise ExpressionError(found.problems, found.mended)
    return found.checked


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an expression with its type: where it stands, up to just behind its last character.

    `inside` tells that it speaks of the records of a list, so that it has no one value.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    node: Node
    inside: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the checker knows of an expression, also of one with problems: then `checked` is None.

    `parts` are those whose type is known, a part before those that it consists of; `spots` say where it names what.
    """

    checked: Checked | None
    problems: tuple[Problem, ...]
    mended: str
    parts: tuple[Part, ...]
    spots: tuple[Spot, ...] = ()


def analyse(tree: Tree, scope: Scope, expected: Type | None = None, around: Scope | None = None) -> Analysis:
    """Return everything that the checker finds out about an expression; raises nothing."""
    checker = _Checker(tree, scope, around)
    root = checker.visit(tree.body)
    if root is not None:
        root = checker.fitting(root, expected)
    parts = tuple(sorted(checker.parts, key=lambda part: (part.start, [-place for place in part.end])))
    if checker.problems or root is None:
        return Analysis(None, tuple(sorted(checker.problems)), _mended(tree, checker), parts)
    names = checker.names
    beyond = frozenset() if around is None else frozenset(names.whole.references)
    checked = Checked(root, frozenset(names.references), frozenset(names.reads), frozenset(names.uses), beyond)
    return Analysis(checked, (), "", parts, tuple(names.spots))


def _mended(tree: Tree, checker: _Checker) -> str:
    """Return the text with every renamed field by its present name; empty when there are other problems too."""
    if any(problem.code != "renamed" for problem in checker.problems):
        return ""
    lines = tree.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for (line, column), old, new in sorted(checker.names.renamed, reverse=True):
        text = lines[line - 1]
        if not text.startswith(old, column - 1):
            return ""
        lines[line - 1] = text[: column - 1] + new + text[column - 1 + len(old) :]
    return "\n".join(lines)


class _Checker:
    """One walk over one tree. A visit returns None when a problem below was recorded already."""

    def __init__(self, tree: Tree, scope: Scope, around: Scope | None = None) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        outside = None if around is None else Names(around, self.problem, tree.place)
        self.names = Names(scope, self.problem, tree.place) if outside is None else outside.inside(scope.entity)
        self.parts: list[Part] = []

    def problem(self, place: tuple[int, int], code: str, message: str, hint: str = "") -> None:
        """Record a problem."""
        self.problems.append(Problem(*place, code, message, hint))

    def visit(self, node: ast.expr) -> Node | None:
        """Return the typed node, or None."""
        found = self._visit(node)
        if found is not None:
            inside = self.names is not self.names.whole
            self.parts.append(Part(self.tree.place(node), self.tree.end(node), found, inside))
        return found

    def _visit(self, node: ast.expr) -> Node | None:
        place = self.tree.place(node)
        match node:
            case ast.Constant():
                return self._constant(node, place)
            case ast.Name() | ast.Attribute():
                return self.names.resolve(node, place)
            case ast.BoolOp():
                return self._logic("and" if isinstance(node.op, ast.And) else "or", node.values, place)
            case ast.UnaryOp(op=ast.Not()):
                return self._logic("not", [node.operand], place)
            case ast.UnaryOp():
                return self._sign(node, place)
            case ast.BinOp():
                return self._arithmetic(node, place)
            case ast.Compare():
                return self._comparison(node, place)
            case ast.IfExp():
                return self._choose(node, place)
            case ast.Call():
                return self._call(node, place)
        self.problem(
            place, "wrong_type", "A list can only stand behind `in`.", 'For example: stage in ["won", "lost"].'
        )
        return None

    def fitting(self, node: Node, expected: Type | None) -> Node | None:
        """Turn a text literal into what the place asks for, and refuse another type."""
        if expected is None:
            return node
        node = literals.adapt(node, expected, self.names.options, self.problem)
        node = as_markup(node) if expected.kind == "markup" else node
        if not t.accepts(expected, node.type):
            hint = conversion_hint({expected.kind}, node.type.kind)
            self.problem(node.place, "wrong_type", f"Expected {expected}, found {node.type}.", hint)
            return None
        return node

    def _constant(self, node: ast.Constant, place: tuple[int, int]) -> Node:
        value = node.value
        if value is None or value == "":
            return Literal(t.BLANK if value is None else t.TEXT, place, None)
        if isinstance(value, bool):
            return Literal(t.BOOLEAN, place, value)
        if isinstance(value, str):
            return Literal(t.TEXT, place, value)
        digits = self.tree.numbers[place]
        return Literal(t.DECIMAL, place, Decimal(digits)) if "." in digits else Literal(t.INTEGER, place, int(digits))

    def _condition(self, node: ast.expr) -> Node | None:
        found = self.visit(node)
        if found is not None and found.type.kind not in ("boolean", "blank"):
            hint = "Compare it, for example with: != blank." if found.type.kind != "json" else ""
            self.problem(found.place, "wrong_type", f"Expected a condition (yes/no), found {found.type}.", hint)
            return None
        return found

    def _logic(self, operator: str, parts: list[ast.expr], place: tuple[int, int]) -> Node | None:
        found = [self._condition(part) for part in parts]
        operands = tuple(node for node in found if node is not None)
        return Logic(t.BOOLEAN, place, operator, operands) if len(operands) == len(parts) else None

    def _sign(self, node: ast.UnaryOp, place: tuple[int, int]) -> Node | None:
        operand = self.visit(node.operand)
        if operand is None:
            return None
        if not t.is_number(operand.type) and operand.type.kind not in ("duration", "blank"):
            self.problem(place, "wrong_type", f"A sign needs a number, found {operand.type}.")
            return None
        if isinstance(node.op, ast.UAdd) or operand.type.kind == "blank":
            return operand
        if isinstance(operand, Literal):
            return Literal(operand.type, place, -operand.value)
        family = "duration" if operand.type.kind == "duration" else "number"
        return Call(operand.type, place, f"{family}.negate", (operand,))

    def _arithmetic(self, node: ast.BinOp, place: tuple[int, int]) -> Node | None:
        left, right = self.visit(node.left), self.visit(node.right)
        if left is None or right is None:
            return None
        verb = _VERBS[type(node.op)]
        if verb == "add" and "markup" in (left.type.kind, right.type.kind):
            left, right = as_markup(left), as_markup(right)
        found = operators.resolve(verb, left.type, right.type)
        if found is None:
            sign = operators.SIGNS[verb]
            message = f"{left.type} {sign} {right.type} is not possible."
            self.problem(place, "wrong_type", message, arithmetic_hint(left.type, right.type))
            return None
        name, result, swapped = found
        return Call(result, place, name, (right, left) if swapped else (left, right))

    def _comparison(self, node: ast.Compare, place: tuple[int, int]) -> Node | None:
        parts: list[Node | None] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                parts.append(self._membership(left, right, isinstance(operator, ast.NotIn), place))
            else:
                parts.append(self._compare(left, right, _SIGNS[type(operator)], place))
            left = right
        found = tuple(part for part in parts if part is not None)
        if len(found) < len(parts):
            return None
        return found[0] if len(found) == 1 else Logic(t.BOOLEAN, place, "and", found)

    def _compare(self, left_source: ast.expr, right_source: ast.expr, sign: str, place: tuple[int, int]) -> Node | None:
        left, right = self.visit(left_source), self.visit(right_source)
        if left is None or right is None:
            return None
        left = literals.adapt(left, right.type, self.names.options, self.problem)
        right = literals.adapt(right, left.type, self.names.options, self.problem)
        if not literals.comparable(left.type, right.type, sign):
            message = f"{left.type} {sign} {right.type} cannot be compared."
            self.problem(place, "wrong_type", message, literals.compare_hint(left.type, right.type, sign))
            return None
        return Compare(t.BOOLEAN, place, sign, left, right)

    def _membership(
        self, item_source: ast.expr, source: ast.expr, negated: bool, place: tuple[int, int]
    ) -> Node | None:
        item = self.visit(item_source)
        if isinstance(source, (ast.List, ast.Tuple)):
            container = self._items(source, item.type if item else None)
        else:
            container = self.visit(source)
        if item is None or container is None:
            return None
        item = literals.adapt_item(item, container.type, self.names.options, self.problem)
        if not literals.may_contain(container.type, item.type):
            self.problem(place, "wrong_type", f"{item.type} in {container.type} is not possible.",
                         "`in` needs a list, a field with several choices, or a text.")  # fmt: skip
            return None
        found = Contains(t.BOOLEAN, place, item, container)
        return Logic(t.BOOLEAN, place, "not", (found,)) if negated else found

    def _items(self, source: ast.List | ast.Tuple, wanted: Type | None) -> Node | None:
        place = self.tree.place(source)
        found: list[Literal] = []
        item_type: Type | None = wanted
        for element in source.elts:
            node = self.visit(element)
            if node is None:
                return None
            node = literals.adapt(node, wanted, self.names.options, self.problem) if wanted else node
            if not isinstance(node, Literal):
                self.problem(node.place, "not_allowed", "A list holds only plain values.",
                             "Compare with a field by ==, joined with `or`.")  # fmt: skip
                return None
            if item_type is not None and not literals.comparable(item_type, node.type, "=="):
                self.problem(node.place, "wrong_type", f"Expected {item_type} in this list, found {node.type}.")
                return None
            item_type = item_type or node.type
            found.append(node)
        return Items(t.list_of(item_type or t.BLANK), place, tuple(found))

    def _choose(self, node: ast.IfExp, place: tuple[int, int]) -> Node | None:
        condition = self._condition(node.test)
        chosen, otherwise = self.visit(node.body), self.visit(node.orelse)
        if condition is None or chosen is None or otherwise is None:
            return None
        if "markup" in (chosen.type.kind, otherwise.type.kind):
            chosen, otherwise = as_markup(chosen), as_markup(otherwise)
        result = t.common(chosen.type, otherwise.type)
        if result is None:
            message = f"Both results need one type; found {chosen.type} and {otherwise.type}."
            self.problem(place, "wrong_type", message)
            return None
        return Choose(result, place, condition, chosen, otherwise)

    def _call(self, node: ast.Call, place: tuple[int, int]) -> Node | None:
        if is_aggregate(node, self.names):
            return typed_aggregate(node, place, self.names, self._inside)
        if is_question(node):
            return typed_question(node, place, self.names)
        arguments = [self.visit(argument) for argument in node.args]
        return typed_call(node, place, arguments, self.names, self.problem)

    def _inside(self, names: Names, node: ast.expr, condition: bool) -> Node | None:
        """Check a part of the expression with other names, those of a record in a list."""
        own, self.names = self.names, names
        try:
            return self._condition(node) if condition else self.visit(node)
        finally:
            self.names = own
