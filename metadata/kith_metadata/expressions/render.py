"""Writing a tree back as text, and renaming fields in it without touching anything else."""

from __future__ import annotations

import ast

from kith_metadata.expressions.check_names import dotted
from kith_metadata.expressions.parse import Tree, parse

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 6),
    ast.Sub: ("-", 6),
    ast.Mult: ("*", 7),
    ast.Div: ("/", 7),
    ast.Pow: ("**", 9),
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_WORDS = {True: "true", False: "false", None: "blank"}


def render(tree: Tree) -> str:
    """Write the expression in its standard form: single spaces, double quotes, only the brackets that it needs.

    >>> render(parse("( a==1 )and   not(b)"))
    'a == 1 and not b'
    """
    return _Writer(tree).write(tree.body, 0)


def rename(tree: Tree, old_path: tuple[str, ...], new_path: tuple[str, ...]) -> Tree:
    """Replace every use of a path, and of paths that go on from it, keeping the rest of the text as it is written.

    >>> rename(parse("sum > 1 and lower(sum.name)"), ("sum",), ("total",)).text
    'total > 1 and lower(total.name)'
    """
    spots = [
        node for node in ast.walk(tree.body) if isinstance(node, (ast.Name, ast.Attribute)) and dotted(node) == old_path
    ]
    called = {id(node.func) for node in ast.walk(tree.body) if isinstance(node, ast.Call)}
    lines = tree.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for node in sorted(spots, key=lambda spot: tree.place(spot), reverse=True):
        (line, start), (last, end) = tree.place(node), tree.end(node)
        if id(node) in called:
            continue
        rest = lines[last - 1][end - 1 :]
        lines[line - 1 : last] = [lines[line - 1][: start - 1] + ".".join(new_path) + rest]
    return parse("\n".join(lines))


class _Writer:
    """Writes nodes with a strength: a part that binds weaker than its place is put in brackets."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def write(self, node: ast.expr, strength: int) -> str:
        text, own = self._plain(node)
        return f"({text})" if own < strength else text

    def _plain(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.UnaryOp(op=ast.Not()):
                return f"not {self.write(node.operand, 4)}", 4
            case ast.UnaryOp():
                return ("-" if isinstance(node.op, ast.USub) else "+") + self.write(node.operand, 8), 8
            case ast.BinOp(op=ast.Pow()):
                return f"{self.write(node.left, 10)} ** {self.write(node.right, 8)}", 9
            case ast.BinOp():
                sign, own = _BINARY[type(node.op)]
                return f"{self.write(node.left, own)} {sign} {self.write(node.right, own + 1)}", own
            case ast.BoolOp():
                word, own = ("and", 3) if isinstance(node.op, ast.And) else ("or", 2)
                return f" {word} ".join(self.write(value, own + 1) for value in node.values), own
            case ast.Compare():
                pairs = zip(node.ops, node.comparators, strict=True)
                rest = "".join(f" {_COMPARE[type(sign)]} {self.write(part, 6)}" for sign, part in pairs)
                return self.write(node.left, 6) + rest, 5
            case ast.IfExp():
                chosen, test = self.write(node.body, 2), self.write(node.test, 2)
                return f"{chosen} if {test} else {self.write(node.orelse, 1)}", 1
        return self._whole(node), 10

    def _whole(self, node: ast.expr) -> str:
        """Write what never needs brackets."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return node.id
            case ast.Attribute():
                return f"{self.write(node.value, 10)}.{node.attr}"
            case ast.Call():
                return f"{self.write(node.func, 10)}({self._list(node.args)})"
            case ast.List() | ast.Tuple():
                return f"[{self._list(node.elts)}]"
        raise TypeError(f"A tree holds no {type(node).__name__}.")

    def _list(self, items: list[ast.expr]) -> str:
        return ", ".join(self.write(item, 1) for item in items)

    def _constant(self, node: ast.Constant) -> str:
        if isinstance(node.value, str):
            escaped = node.value.replace("\\", "\\\\").replace('"', '\\"')
            for character, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
                escaped = escaped.replace(character, written)
            return f'"{escaped}"'
        if node.value is None or isinstance(node.value, bool):
            return _WORDS[node.value]
        return self._tree.numbers[self._tree.place(node)]
