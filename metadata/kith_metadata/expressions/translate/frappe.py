"""Translating Frappe's conditions: `depends_on` and its kin, with JavaScript's idea of what is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.foreign_scope import ForeignScope, Missing
from kith_metadata.expressions.translate.foreign_tree import Call, Foreign, Items, Name, Number, Operation, Text, Word
from kith_metadata.expressions.translate.frappe_parse import parse_frappe
from kith_metadata.expressions.translate.frappe_values import compare, member, truth
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.refusals import TranslationError
from kith_metadata.expressions.translate.salesforce_operators import arithmetic
from kith_metadata.expressions.translate.salesforce_values import alike
from kith_metadata.expressions.translate.translated import Translated, Writing

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_DOCUMENTS = (("doc",), ("frm", "doc"), ("cur_frm", "doc"), ("frm", "docname"))
# A position below zero means "not in it".
_FOUND = {("!=", "-1"): True, (">", "-1"): True, (">=", "0"): True, ("==", "-1"): False, ("<", "0"): False}
_OF_THE_SCREEN = {
    "__unsaved": "`__unsaved` asks whether the form has unsaved changes, not about the record.",
    "__onload": "`__onload` holds what Frappe's own program sent along.",
    "__run_link_triggers": "`__run_link_triggers` belongs to Frappe's own form.",
}


def translate_frappe(text: str, scope: ForeignScope) -> Translated:
    """Return a condition of Frappe in our language; raise `TranslationError` with everything that cannot be carried.

    `text` is what stands in `depends_on`: a field name, or `eval:` with a condition.
    """
    written = text.strip()
    condition = written.removeprefix("eval:")
    walk = _Walk(scope)
    tree = parse_frappe(condition)
    if condition == written and isinstance(tree, Name):
        tree = Name(tree.place, ("doc", *(part for part in tree.parts if part != "doc")))
    found = walk.condition(tree)
    if found is None or walk.writing.refusals:
        raise TranslationError(tuple(walk.writing.refusals))
    return Translated(found.text, t.BOOLEAN)


class _Walk:
    """One walk over one tree. As a condition `a || b` is one, as a value it is b where a is nothing."""

    def __init__(self, scope: ForeignScope) -> None:
        self.writing = Writing(scope, True, self.value, self._name)

    def condition(self, node: Foreign) -> Piece | None:
        """Return a part of the tree as a condition."""
        match node:
            case Operation(sign="&&" | "||" as sign):
                parts = [self.condition(operand) for operand in node.operands]
                found = [part for part in parts if part is not None]
                return pieces.joined("and" if sign == "&&" else "or", found) if len(found) == len(parts) else None
            case Operation(sign="!"):
                inner = self.condition(node.operands[0])
                return None if inner is None else _opposite(inner)
            case Operation(sign="?"):
                test, chosen, otherwise = (self.condition(operand) for operand in node.operands)
                if test is None or chosen is None or otherwise is None:
                    return None
                return pieces.choose(test, chosen, otherwise, t.BOOLEAN)
        found_value = self.value(node)
        return None if found_value is None else truth(found_value)

    def value(self, node: Foreign) -> Piece | None:
        """Return a part of the tree as a value."""
        match node:
            case Number():
                return pieces.number_literal(node.digits)
            case Text():
                return pieces.text_literal(node.value)
            case Word(value=None):
                return pieces.BLANK
            case Word():
                return pieces.TRUE if node.value else pieces.FALSE
            case Name():
                return self._name(node)
            case Call():
                return self._call(node)
            case Operation():
                return self._operation(node)
        return self.writing.refuse(node.place, "list", "A list can only be asked whether it includes a value.")

    def _operation(self, node: Operation) -> Piece | None:
        if node.sign == "||" or node.sign == "??":
            return self._fallback(node)
        if node.sign in ("&&", "!", "?"):
            return self.condition(node)
        if node.sign in _COMPARISONS:
            position = self._position(node)
            if position is not None:
                return position
        found = [self.value(operand) for operand in node.operands]
        operands = [piece for piece in found if piece is not None]
        if len(operands) < len(found):
            return None
        if len(operands) == 1:
            return Piece(f"-{operands[0].at(pieces.SIGN)}", operands[0].type, pieces.SIGN, certain=operands[0].certain)
        if node.sign in _COMPARISONS:
            return compare(self.writing, node, node.sign, operands)
        if node.sign == "%":
            return call("mod", t.DECIMAL, *operands)
        return arithmetic(self.writing, node, node.sign, operands)

    def _fallback(self, node: Operation) -> Piece | None:
        """`a || b` as a value: b where a is nothing."""
        left, right = (self.value(operand) for operand in node.operands)
        if left is None or right is None:
            return None
        if right.is_blank or right.literal == "" or (right.text in ("0", "false") and not left.is_text):
            return left
        if left.type.kind == right.type.kind == "boolean":
            return pieces.joined("or", (left, right))
        both = alike(left, right)
        if both is None:
            return self.writing.refuse(node.place, "types", f"{left.type} || {right.type} has no single type.")
        return call("blank_value", both[2], *both[:2])

    def _position(self, node: Operation) -> Piece | None:
        """`list.indexOf(x) !== -1` asks whether the list includes x."""
        left, right = node.operands
        sign, number = node.sign, _integer(right)
        if not (isinstance(left, Call) and left.name == "indexOf" and (sign, number) in _FOUND):
            return None
        inside = self._includes(left)
        return inside if inside is None or _FOUND[sign, number] else _opposite(inside)

    def _name(self, node: Name) -> Piece | None:
        parts = node.parts
        for document in _DOCUMENTS:
            if parts[: len(document)] == document:
                parts = ("doc", *parts[len(document) :])
        if len(parts) > 2 and parts[-1] == "length":
            return self._length(Name(node.place, parts[:-1]))
        if parts in (("doc", "__islocal"), ("frm", "is_new")):
            return call("is_new", t.BOOLEAN)
        if parts[-1] in _OF_THE_SCREEN:
            return self.writing.refuse(node.place, "screen", _OF_THE_SCREEN[parts[-1]])
        found = self.writing.scope.find(parts[1:] if parts[0] == "doc" else parts)
        if isinstance(found, Missing):
            return self.writing.refuse(node.place, found.code, found.message)
        return Piece(found.text, found.type, options=found.options, title=found.title)

    def _length(self, node: Name) -> Piece | None:
        found = self._name(node)
        if found is None:
            return None
        name = {"records": "count", "choices": "option_count"}.get(found.type.kind, "len")
        return call(name, t.INTEGER, found).typed(t.INTEGER)

    def _call(self, node: Call) -> Piece | None:
        handler = _CALLS.get(node.name)
        if handler is None:
            written = f"{node.target.written}.{node.name}" if isinstance(node.target, Name) else node.name
            return self.writing.refuse(node.place, "function", f"{written}() has no counterpart.")
        return handler(self, node)

    def _includes(self, node: Call) -> Piece | None:
        """Ask a list, or a text, for a value: `list.includes(x)`, `in_list(list, x)`."""
        given = node.arguments if node.target is None else (node.target, *node.arguments)
        if len(given) != 2:
            return self.writing.refuse(node.place, "arguments", f"{node.name}() needs a list and one value.")
        container, asked = given
        if isinstance(container, Items):
            return self._member(node, container, asked)
        holder, part = self.value(container), self.value(asked)
        if holder is None or part is None:
            return None
        if holder.type.kind == "text" and part.is_text:
            return call("contains", t.BOOLEAN, holder, part)
        if holder.type.kind == "choices" and part.is_text:
            return pieces.infix(pieces.option(holder, part), "in", holder, pieces.COMPARE, t.BOOLEAN)
        return self.writing.refuse(node.place, "types", f"{holder.type} cannot be asked for {part.type}.")

    def _member(self, node: Call, container: Items, asked: Foreign) -> Piece | None:
        item = self.value(asked)
        found = [self.value(value) for value in container.members]
        members = [piece for piece in found if piece is not None]
        if item is None or len(members) < len(found):
            return None
        return member(self.writing, node, item, members)

    def _has_role(self, node: Call) -> Piece | None:
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], Text):
            return self.writing.refuse(node.place, "arguments", "has_role() needs the name of a role.")
        found = self.writing.scope.find(("frappe", "user", "has_role", node.arguments[0].value))
        if isinstance(found, Missing):
            return self.writing.refuse(node.place, found.code, found.message)
        return Piece(found.text, found.type)

    def _number(self, node: Call) -> Piece | None:
        """cint() and flt(): the number in a value; a check stays a check."""
        found = self.value(node.arguments[0]) if node.arguments else None
        if found is None or found.is_number or found.type.kind == "boolean":
            return found
        return call("number", t.DECIMAL, found)

    def _is_new(self, node: Call) -> Piece | None:
        return call("is_new", t.BOOLEAN)


_CALLS: Mapping[str, Callable[[_Walk, Call], Piece | None]] = {
    "includes": _Walk._includes,
    "in_list": _Walk._includes,
    "has_role": _Walk._has_role,
    "cint": _Walk._number,
    "flt": _Walk._number,
    "is_new": _Walk._is_new,
}


def _opposite(piece: Piece) -> Piece:
    """Return the opposite, without `not` where a comparison with blank has a shorter one."""
    if piece.level == pieces.COMPARE and piece.text.endswith(" != blank") and piece.text.count(" ") == 2:
        return Piece(piece.text.replace(" != blank", " == blank"), t.BOOLEAN, pieces.COMPARE)
    if piece.text in ("true", "false"):
        return pieces.FALSE if piece.text == "true" else pieces.TRUE
    return pieces.negated(piece)


def _integer(node: Foreign) -> str:
    """Return a written whole number with its sign, or nothing."""
    if isinstance(node, Number):
        return node.digits
    if isinstance(node, Operation) and node.sign == "-" and isinstance(node.operands[0], Number):
        return f"-{node.operands[0].digits}"
    return ""
