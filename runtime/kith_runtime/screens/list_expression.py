"""From the tree of a filter to an expression and back; what has no line in the builder stays as text, unchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal

from kith_metadata.expressions import ExpressionError, Tree, parse
from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import FieldType, InputScope, InvalidValue
from kith_runtime.field_types.system import fields_of
from kith_runtime.screens.list_filters import FilterField, condition_read, condition_words, filter_fields, shown_field
from kith_runtime.screens.list_relative import takes_of
from kith_runtime.screens.list_state import Condition
from kith_runtime.screens.list_tree import DEEPEST, Group, Node, Phrase

_WRONG_VALUES = (InvalidValue, Invalid, ValueError, ArithmeticError, TypeError)


def text_of(ctx: Context, entity: str, node: Node) -> tuple[str, str]:
    """Return a node as an expression, and what is wrong with it; a wrong one has no expression."""
    if isinstance(node, Phrase):
        return node.text, _phrase_problem(node.text)
    if isinstance(node, Condition):
        known = {item.name: item for item in filter_fields(ctx, entity)}
        text, _, problem = condition_read(ctx, entity, known.get(node.field), node)
        return text, problem
    parts, problems = [], []
    for item in node.items:
        text, problem = text_of(ctx, entity, item)
        parts.append(f"({text})" if _binds_weaker(text, len(node.items)) else text)
        problems += [problem] if problem else []
    return ("" if problems else f" {node.join} ".join(parts)), " ".join(problems)


def _phrase_problem(text: str) -> str:
    try:
        parse(text)
    except ExpressionError as fault:
        return " ".join(f"{problem.message} {problem.hint}".strip() for problem in fault.problems)
    return ""


def _binds_weaker(text: str, beside: int) -> bool:
    """Tell whether a part needs brackets beside others."""
    if not text or beside < 2 or _phrase_problem(text):
        return False
    plain = parse(text).body
    closed = text.startswith("(") and text.endswith(")") and plain.col_offset > 0 and _wraps(text)
    return isinstance(plain, (ast.BoolOp, ast.IfExp)) and not closed


def _wraps(text: str) -> bool:
    """Tell whether the first bracket of a text is closed by its last one."""
    try:
        parse(text[1:-1])
    except ExpressionError:
        return False
    return True


def tree_of(ctx: Context, entity: str, text: str) -> Group:
    """Return an expression as a tree; raises ExpressionError for one that cannot be read."""
    if not text.strip():
        return Group()
    node = _Reader(ctx, entity, parse(text)).node()
    return node if isinstance(node, Group) else Group("and", (node,))


class _Reader:
    """Finds the lines of an expression.

    A part is tried as each of the conditions that the builder could write for its field; the one whose expression is
    the same is its line. So nothing is shown as a line that would be written back as something else.
    """

    def __init__(self, ctx: Context, entity: str, tree: Tree) -> None:
        self._ctx = ctx
        self._entity = entity
        self._tree = tree
        self._known = {item.name: item for item in filter_fields(ctx, entity)}

    def node(self) -> Node:
        return self._node(self._tree.body, 1)

    def _node(self, part: ast.expr, depth: int) -> Node:
        line = self._line(part)
        if line is not None:
            return line
        if isinstance(part, ast.BoolOp) and depth <= DEEPEST:
            join = "and" if isinstance(part.op, ast.And) else "or"
            return Group(join, tuple(self._node(value, depth + 1) for value in part.values))
        return Phrase(self._source(part))

    def _line(self, part: ast.expr) -> Condition | None:
        names = [node.id for node in ast.walk(part) if isinstance(node, ast.Name) and node.id in self._known]
        for name in dict.fromkeys(names):
            declared = fields_of(self._ctx.snapshot, self._entity)[name]
            for condition in self._candidates(self._known[name], declared, part):
                text, _, problem = condition_read(self._ctx, self._entity, self._known[name], condition)
                if not problem and _same(parse(text).body, part):
                    return condition
        return None

    def _candidates(self, found: FilterField, declared: Field, part: ast.expr) -> Iterator[Condition]:
        held = [node for node in ast.walk(part) if isinstance(node, ast.Constant)]
        for word, _, takes in found.operators:
            if not takes:
                yield Condition(found.name, word, "")
                continue
            operands = [self._operand(declared, node, takes_of(word)) for node in held]
            if operands and all(operand is not None for operand in operands):
                texts = [operand for operand in operands if operand is not None]
                yield Condition(found.name, word, ",".join(texts) if takes == "values" else texts[0])

    def _operand(self, declared: Field, node: ast.Constant, takes: str) -> str | None:
        """Return a literal as a person would have typed it; None when it is no value of the field."""
        value: object = node.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = Decimal(self._tree.numbers[self._tree.place(node)])
        if takes == "days":
            return str(value)
        declared = shown_field(declared, self._ctx.snapshot)
        kind = field_types[declared.type]
        if declared.type == "percent" and isinstance(value, Decimal):
            value *= 100
        scope = InputScope(self._ctx.locale, self._ctx.snapshot, "form", self._ctx.now)
        try:
            plain = str(value) if isinstance(value, Decimal) else value
            read = kind.parse(plain, declared, InputScope(self._ctx.locale, self._ctx.snapshot))
            return None if read is None else _written(kind, read, declared, scope)
        except _WRONG_VALUES:
            return value if isinstance(value, str) else None

    def _source(self, part: ast.expr) -> str:
        """Return a part as it stands in the text."""
        lines = self._tree.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        (line, start), (last, end) = self._tree.place(part), self._tree.end(part)
        # A list without brackets of its own takes those that the parser put around the text.
        if line < 1 or last > len(lines):
            return self._tree.text
        if line == last:
            return lines[line - 1][start - 1 : end - 1]
        return " ".join([lines[line - 1][start - 1 :], *lines[line : last - 1], lines[last - 1][: end - 1]])


def _written(kind: FieldType, value: object, declared: Field, scope: InputScope) -> str:
    if isinstance(value, (tuple, list)):
        return ",".join(str(item) for item in value)
    return kind.input_text(value, declared, scope)


def _same(one: ast.expr, other: ast.expr) -> bool:
    """Tell whether two parts mean the same: numbers count by value, brackets do not."""
    first, second = list(ast.walk(one)), list(ast.walk(other))
    return len(first) == len(second) and all(_alike(a, b) for a, b in zip(first, second, strict=True))


def _alike(one: ast.AST, other: ast.AST) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        return isinstance(one.value, bool) == isinstance(other.value, bool) and one.value == other.value
    if isinstance(one, ast.Name) and isinstance(other, ast.Name):
        return one.id == other.id
    return not isinstance(one, ast.Attribute) or one.attr == getattr(other, "attr", None)


def in_words(ctx: Context, entity: str, node: Node) -> str:
    """Return a part of a filter as people read it, for its chip."""
    if isinstance(node, Phrase):
        return node.text
    if isinstance(node, Group):
        parts = [in_words(ctx, entity, item) for item in node.items]
        inner = (f"({part})" if isinstance(item, Group) else part for item, part in zip(node.items, parts, strict=True))
        return f" {node.join} ".join(inner)
    known = {item.name: item for item in filter_fields(ctx, entity)}
    label, operator, value = condition_words(ctx, entity, known.get(node.field), node)
    return " ".join(part for part in (label, operator, value) if part)
