"""Translating Salesforce formulas: a typed walk over the foreign tree that writes our text."""

from __future__ import annotations

from collections.abc import Mapping

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import (
    pieces,
    salesforce_dates,
    salesforce_logic,
    salesforce_numbers,
    salesforce_text,
)
from kith_metadata.expressions.translate.foreign_scope import ForeignScope, Missing
from kith_metadata.expressions.translate.foreign_tree import Call, Foreign, Name, Number, Operation, Text, Word
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.refusals import TranslationError
from kith_metadata.expressions.translate.salesforce_operators import arithmetic, compare, condition
from kith_metadata.expressions.translate.salesforce_parse import parse_salesforce
from kith_metadata.expressions.translate.salesforce_rules import Rule
from kith_metadata.expressions.translate.salesforce_values import as_date, as_moment, as_text
from kith_metadata.expressions.translate.translated import Translated, Writing
from kith_metadata.expressions.types import Type

RULES: Mapping[str, Rule] = {**salesforce_text.RULES, **salesforce_numbers.RULES, **salesforce_dates.RULES}
_HANDLERS = salesforce_logic.HANDLERS
# What has no counterpart for a reason that a person should read.
_WITHOUT = {
    "VLOOKUP": "VLOOKUP() searches other records; use a lookup field, or a condition on a related list.",
    "DISTANCE": "DISTANCE() measures between coordinates, and no field here holds any.",
    "GEOLOCATION": "GEOLOCATION() is a pair of coordinates, and no field here holds any.",
    "ISCLONE": "ISCLONE() asks how a record came about, which is not kept here.",
    "GETSESSIONID": "GETSESSIONID() gives away the session of a person, which no formula may do here.",
    "PARENTGROUPVAL": "PARENTGROUPVAL() compares groups of a report; a report column does that here.",
    "PREVGROUPVAL": "PREVGROUPVAL() compares groups of a report; a report column does that here.",
    "URLFOR": "URLFOR() names a page of Salesforce.",
    "REQUIRESCRIPT": "REQUIRESCRIPT() loads a script, which no formula may do here.",
}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_CLOCK = {
    "$flow.currentdate": call("today", t.DATE),
    "$flow.currentdatetime": call("now", t.DATETIME),
    "$system.origindatetime": call("moment", t.DATETIME, pieces.text_literal("1900-01-01T00:00:00Z")),
}


def translate_salesforce(
    text: str, scope: ForeignScope, blanks_as_zero: bool = True, returns: Type | None = None
) -> Translated:
    """Return a Salesforce formula in our language; raise `TranslationError` with everything that cannot be carried.

    `blanks_as_zero` is Salesforce's `formulaTreatBlanksAs`; `returns` is the type that the field of the formula has.
    """
    walk = _Walk(scope, blanks_as_zero)
    tree = parse_salesforce(text)
    found = walk.visit(tree)
    found = None if found is None else _returned(walk.writing, tree, found, returns)
    if found is None or walk.writing.refusals:
        raise TranslationError(tuple(walk.writing.refusals))
    return Translated(found.text, found.type)


def _returned(writing: Writing, tree: Foreign, piece: Piece, returns: Type | None) -> Piece | None:
    """Bring the result to the type of its field, as Salesforce does."""
    if returns is None or piece.is_blank or piece.type.kind == "markup":
        return piece
    match returns.kind:
        case "text" | "choice":
            return as_text(piece) if piece.type.kind in ("choice", "record") else piece
        case "date":
            return as_date(piece)
        case "datetime":
            return as_moment(piece)
        case "boolean":
            return condition(writing, tree, piece)
    return piece


class _Walk:
    """One walk over one tree."""

    def __init__(self, scope: ForeignScope, blanks_as_zero: bool) -> None:
        self.writing = Writing(scope, blanks_as_zero, self.visit, self._reference)

    def visit(self, node: Foreign) -> Piece | None:
        """Return the piece for a node, or None after refusing something in it."""
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
            case Operation():
                return self._operation(node)
            case Call():
                return self._call(node)
        raise TypeError(f"There is no foreign node of the kind {type(node).__name__}.")

    def _name(self, node: Name) -> Piece | None:
        found = self._reference(node)
        if found is not None and found.is_number and self.writing.blanks_as_zero:
            return call("blank_value", found.type, found, pieces.number_literal("0"))
        return found

    def _reference(self, node: Name) -> Piece | None:
        parts = node.parts
        clock = _CLOCK.get(".".join(parts).lower())
        if clock is not None:
            return clock
        former = parts[0].lower() == "$record__prior"
        if former or parts[0].lower() == "$record":
            parts = parts[1:] or ("Id",)
        found = self.writing.scope.find(parts)
        if isinstance(found, Missing):
            return self.writing.refuse(node.place, found.code, found.message)
        return Piece(f"old.{found.text}" if former else found.text, found.type, options=found.options)

    def _operation(self, node: Operation) -> Piece | None:
        if len(node.operands) == 1:
            operand = self.visit(node.operands[0])
            return None if operand is None else self._signed(node, operand)
        # A long chain is a deep tree to the left, so it is walked in a loop.
        chain = [node]
        while isinstance(inner := chain[-1].operands[0], Operation) and len(inner.operands) == 2:
            chain.append(inner)
        found = self.visit(chain[-1].operands[0])
        for step in reversed(chain):
            right = self.visit(step.operands[1])
            found = None if found is None or right is None else self._joined(step, found, right)
        return found

    def _joined(self, node: Operation, left: Piece, right: Piece) -> Piece | None:
        if node.sign in ("&&", "||"):
            tests = [condition(self.writing, *pair) for pair in zip(node.operands, (left, right), strict=True)]
            found = [test for test in tests if test is not None]
            return pieces.joined("and" if node.sign == "&&" else "or", found) if len(found) == 2 else None
        if node.sign in _COMPARISONS:
            return compare(self.writing, node, node.sign, (left, right))
        return arithmetic(self.writing, node, node.sign, (left, right))

    def _signed(self, node: Operation, operand: Piece) -> Piece | None:
        if node.sign == "!":
            test = condition(self.writing, node.operands[0], operand)
            return pieces.negated(test) if test else None
        if not operand.is_number and not operand.is_blank:
            return self.writing.refuse(node.place, "types", f"A sign needs a number, found {operand.type}.")
        return Piece(f"-{operand.at(pieces.SIGN)}", operand.type, pieces.SIGN) if node.sign == "-" else operand

    def _call(self, node: Call) -> Piece | None:
        if node.name in _WITHOUT:
            return self.writing.refuse(node.place, "function", _WITHOUT[node.name])
        if node.name not in RULES and node.name not in _HANDLERS:
            return self.writing.refuse(node.place, "function", f"{node.name}() has no counterpart.")
        found = [self.visit(argument) for argument in node.arguments]
        arguments = [piece for piece in found if piece is not None]
        if len(arguments) < len(found):
            return None
        if node.name in RULES:
            return RULES[node.name].apply(self.writing, node, arguments)
        return _HANDLERS[node.name](self.writing, node, arguments)
