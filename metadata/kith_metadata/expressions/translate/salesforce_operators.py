"""Salesforce's operators on typed pieces: arithmetic, joining, comparison, conditions."""

from __future__ import annotations

from collections.abc import Sequence

from kith_metadata.expressions import operators
from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.foreign_scope import Missing
from kith_metadata.expressions.translate.foreign_tree import Foreign
from kith_metadata.expressions.translate.pieces import Piece, call, compared, infix
from kith_metadata.expressions.translate.salesforce_values import MARKUP, as_moment, as_text
from kith_metadata.expressions.translate.translated import Writing

_VERBS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_GROUP = 20
_MILLISECONDS = pieces.number_literal("1000")


def condition(writing: Writing, node: Foreign, piece: Piece) -> Piece | None:
    """Return a piece as a condition; blank counts as no."""
    if piece.type.kind == "boolean":
        return piece
    if piece.is_blank:
        return piece
    return writing.refuse(node.place, "types", f"Expected a condition (yes/no), found {piece.type}.")


def arithmetic(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Return left + right and the like, also for texts, dates and times."""
    left, right = both
    if sign == "^":
        return _power(writing, node, left, right)
    if sign == "&" or (sign == "+" and _joins(left, right)):
        return _text_join(left, right)
    if "time" in (left.type.kind, right.type.kind) and sign in "+-":
        return _with_time(writing, node, sign, both)
    if {left.type.kind, right.type.kind} & {"date", "datetime"}:
        return _with_date(writing, node, sign, both)
    found = operators.resolve(_VERBS[sign], left.type, right.type)
    if found is None:
        return writing.refuse(node.place, "types", f"{left.type} {sign} {right.type} is not possible.")
    return infix(left, sign, right, pieces.SUM if sign in "+-" else pieces.PRODUCT, found[1])


def compare(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Return a comparison, each side brought to what the other one is."""
    left, right = _options(*both)
    if "role" in (left.type.kind, right.type.kind):
        return _compare_role(writing, node, sign, (left, right))
    if "boolean" in (left.type.kind, right.type.kind) and sign in ("==", "!="):
        return _compare_booleans(writing, node, sign, (left, right))
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"date", "datetime"}:
        left, right = as_moment(left), as_moment(right)
    elif "record" in kinds and kinds <= {"record", "text", "choice"}:
        left, right = _compared_records(left, right)
    elif kinds <= t.TEXT_KINDS | {"blank"} and (sign not in ("==", "!=") or _two_choices(left, right)):
        left, right = as_text(left), as_text(right)
    if "choices" in kinds and kinds & t.TEXT_KINDS:
        return writing.refuse(node.place, "types", "A field with several choices is asked with INCLUDES().")
    if not _comparable(left, right):
        return writing.refuse(node.place, "types", f"{left.type} {sign} {right.type} cannot be compared.")
    if "blank" in (left.type.kind, right.type.kind) and sign not in ("==", "!="):
        return pieces.FALSE
    if sign in ("==", "!=") and not kinds & (t.TEXT_KINDS | {"record", "blank"}):
        return _both_known(left, sign, right)
    return compared(left, sign, right)


def _compare_role(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Ask for a role where a formula compares the name of the person's profile or role."""
    name = next((piece.literal for piece in both if piece.literal), None)
    if name is None or sign not in ("==", "!="):
        return writing.refuse(node.place, "role", "The name of a profile or role can only be compared with a text.")
    found = writing.scope.find(("$Role", name))
    if isinstance(found, Missing):
        return writing.refuse(node.place, found.code, found.message)
    asked = Piece(found.text, t.BOOLEAN)
    return asked if sign == "==" else pieces.negated(asked)


def _both_known(left: Piece, sign: str, right: Piece) -> Piece:
    """Return a comparison that fails where a side is blank: two blank numbers or dates are not equal in Salesforce."""
    unsure = [piece for piece in (left, right) if not piece.certain]
    if sign == "==":
        unsure = sorted(unsure, key=lambda piece: len(piece.text))[:1] if len(unsure) == 2 else []
    known = [compared(piece, "!=", pieces.BLANK) for piece in unsure]
    return pieces.joined("and", [*known, compared(left, sign, right)])


def _two_choices(left: Piece, right: Piece) -> bool:
    return left.type.kind == right.type.kind == "choice" and left.type != right.type


def _comparable(left: Piece, right: Piece) -> bool:
    if left.is_blank or right.is_blank or (left.is_number and right.is_number) or (left.is_text and right.is_text):
        return True
    return left.type.kind == right.type.kind or (left.type.kind == "record" and right.is_text)


def _options(left: Piece, right: Piece) -> tuple[Piece, Piece]:
    """Turn a written text beside a choice into an option, also where the choice stands in TEXT()."""
    for first, second, swapped in ((left, right, False), (right, left, True)):
        choice = first.source or (first if first.type.kind == "choice" else None)
        if choice is not None and second.literal is not None:
            value = pieces.option(choice, second)
            return (value, choice) if swapped else (choice, value)
    return left, right


def _compared_records(left: Piece, right: Piece) -> tuple[Piece, Piece]:
    if left.type == right.type and left.type.name:
        return left, right
    for record, other in ((left, right), (right, left)):
        if record.type.kind == "record" and record.type.name and other.literal is not None:
            return left, right
    return as_text(left), as_text(right)


def _compare_booleans(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    left, right = both
    if left.is_blank or right.is_blank:
        # A checkbox is never null.
        return pieces.FALSE if sign == "==" else pieces.TRUE
    if left.type != right.type:
        return writing.refuse(node.place, "types", f"{left.type} {sign} {right.type} cannot be compared.")
    for first, second in ((left, right), (right, left)):
        if second.text in ("true", "false"):
            return first if (second.text == "true") == (sign == "==") else pieces.negated(first)
    return compared(_certain(left), sign, _certain(right))


def _certain(piece: Piece) -> Piece:
    """Return a yes/no field that is never blank."""
    return call("blank_value", t.BOOLEAN, piece, pieces.FALSE) if piece.level == pieces.ATOM else piece


def _joins(left: Piece, right: Piece) -> bool:
    kinds = {left.type.kind, right.type.kind}
    return bool(kinds & (t.TEXT_KINDS | {"record", "markup"}))


def _text_join(left: Piece, right: Piece) -> Piece:
    kind = MARKUP if "markup" in (left.type.kind, right.type.kind) else t.TEXT
    left, right = (piece if piece.is_blank else as_text(piece) for piece in (left, right))
    if left.is_blank:
        left = pieces.text_literal("")
    if right.is_blank:
        right = pieces.text_literal("")
    # Whatever way texts are grouped, they join to the same; long chains are grouped, so that none nests deeply.
    terms = tuple(term for piece in (left, right) for term in piece.terms or (piece.at(pieces.PRODUCT),))
    certain = left.certain and right.certain
    return Piece(_grouped(terms), kind, pieces.SUM, certain=certain, terms=terms)


def _grouped(terms: Sequence[str]) -> str:
    if len(terms) <= _GROUP:
        return " + ".join(terms)
    groups = [" + ".join(terms[start : start + _GROUP]) for start in range(0, len(terms), _GROUP)]
    return _grouped([f"({group})" for group in groups])


def _power(writing: Writing, node: Foreign, left: Piece, right: Piece) -> Piece | None:
    if not all(piece.is_number or piece.is_blank for piece in (left, right)):
        return writing.refuse(node.place, "types", f"{left.type} ^ {right.type} is not possible.")
    return call("power", t.DECIMAL, left, right)


def _with_time(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Times move by milliseconds, and two times differ by milliseconds."""
    left, right = both
    if left.type.kind == right.type.kind == "time" and sign == "-":
        return infix(call("in_seconds", t.DECIMAL, infix(left, "-", right, pieces.SUM, t.DURATION)), "*", _MILLISECONDS,
                     pieces.PRODUCT, t.DECIMAL)  # fmt: skip
    if right.type.kind == "time" and sign == "+":
        left, right = right, left
    if left.type.kind != "time" or not (right.is_number or right.is_blank):
        return writing.refuse(node.place, "types", f"{left.type} {sign} {right.type} is not possible.")
    length = call("seconds", t.DURATION, infix(right, "/", _MILLISECONDS, pieces.PRODUCT, t.DECIMAL))
    return infix(left, sign, length, pieces.SUM, t.TIME)


def _with_date(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Dates move by days; two dates, or two moments, differ by days."""
    left, right = both
    kinds = (left.type.kind, right.type.kind)
    if sign == "-" and kinds == ("date", "date"):
        return infix(left, "-", right, pieces.SUM, t.INTEGER)
    if sign == "-" and set(kinds) <= {"date", "datetime"}:
        between = infix(as_moment(left), "-", as_moment(right), pieces.SUM, t.DURATION)
        return call("in_days", t.DECIMAL, between)
    if sign == "+" and right.type.kind in ("date", "datetime"):
        left, right = right, left
    if left.type.kind not in ("date", "datetime") or sign not in "+-" or not (right.is_number or right.is_blank):
        return writing.refuse(node.place, "types", f"{both[0].type} {sign} {both[1].type} is not possible.")
    return infix(left, sign, call("days", t.DURATION, right), pieces.SUM, left.type)
