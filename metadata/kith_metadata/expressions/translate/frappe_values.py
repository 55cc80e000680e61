"""What JavaScript takes for true, and how it compares: on typed pieces, where numbers and checks are never null."""

from __future__ import annotations

from collections.abc import Sequence

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.foreign_tree import Foreign
from kith_metadata.expressions.translate.pieces import BLANK, Piece, call, compared
from kith_metadata.expressions.translate.salesforce_values import as_text
from kith_metadata.expressions.translate.translated import Writing

_ZERO = pieces.number_literal("0")
_TRUTHS = {"1": True, "0": False, "true": True, "false": False}


def truth(piece: Piece) -> Piece:
    """Return a value as a condition: what is not blank, not zero and not no."""
    if piece.type.kind == "boolean":
        return piece
    if piece.is_blank:
        return pieces.FALSE
    if piece.literal is not None:
        return pieces.TRUE if piece.literal else pieces.FALSE
    if piece.is_number:
        if piece.certain and piece.level == pieces.ATOM:
            return pieces.TRUE if piece.text.strip("0.") else pieces.FALSE
        return compared(call("blank_value", piece.type, piece, _ZERO), "!=", _ZERO)
    return compared(piece, "!=", BLANK)


def compare(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Return a comparison, with JavaScript's conversions between texts, numbers and checks."""
    left, right = both
    if "boolean" in (left.type.kind, right.type.kind):
        return _with_check(writing, node, sign, both)
    if left.is_number or right.is_number:
        return _with_number(writing, node, sign, both)
    for first, second, swapped in ((left, right, False), (right, left, True)):
        if second.literal == "" or second.is_blank:
            return _with_blank(first, sign)
        if first.type.kind == "record" and second.is_text:
            named = _named(first)
            return compared(second, sign, named) if swapped else compared(named, sign, second)
        if first.type.kind == "choice" and second.literal is not None:
            value = pieces.option(first, second)
            return compared(value, sign, first) if swapped else compared(first, sign, value)
    if left.is_text and right.is_text and (left.type != right.type or sign not in ("==", "!=")):
        left, right = as_text(left), as_text(right)
    kinds = {left.type.kind, right.type.kind}
    if len(kinds) > 1 and not (kinds & {"date", "datetime", "time"} and (left.literal or right.literal)):
        return writing.refuse(node.place, "types", f"{left.type} {sign} {right.type} cannot be compared.")
    return compared(left, sign, right)


def member(writing: Writing, node: Foreign, item: Piece, members: Sequence[Piece]) -> Piece | None:
    """Return whether an item is one of some written values."""
    if not members:
        return pieces.FALSE
    if item.type.kind == "boolean" or any(found.literal is None and not found.is_number for found in members):
        found = [compare(writing, node, "==", (item, value)) for value in members]
        tests = [test for test in found if test is not None]
        return pieces.joined("or", tests) if len(tests) == len(found) else None
    values = [_as_member(item, value) for value in members]
    asked = _named(item) if item.type.kind == "record" else item
    texts = ", ".join(value.text for value in values)
    return Piece(f"{asked.at(pieces.SUM)} in [{texts}]", t.BOOLEAN, pieces.COMPARE)


def _as_member(item: Piece, value: Piece) -> Piece:
    if item.is_number and value.literal is not None and _is_number(value.literal):
        return pieces.number_literal(value.literal)
    if item.is_text and value.is_number:
        return pieces.text_literal(value.text)
    return pieces.option(item, value) if item.type.kind == "choice" else value


def _with_check(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Compare a yes/no value: checks hold 0 and 1 in Frappe."""
    check, other = both if both[0].type.kind == "boolean" and both[0].level == pieces.ATOM else (both[1], both[0])
    if check.type.kind != "boolean":
        check, other = other, check
    wanted = _as_truth(other)
    if sign in (">", ">=", "<", "<=") and other.text in ("0", "1") and both[0] is check:
        wanted = {">0": True, ">=1": True, "<1": False, "<=0": False}.get(sign + other.text)
        sign = "=="
    if sign in ("==", "!=") and wanted is not None:
        return check if wanted == (sign == "==") else pieces.negated(check)
    if sign in ("==", "!=") and other.type.kind == "boolean":
        left, right = (call("blank_value", t.BOOLEAN, piece, pieces.FALSE) for piece in both)
        return compared(left, sign, right)
    return writing.refuse(node.place, "types", f"{both[0].type} {sign} {both[1].type} cannot be compared.")


def _as_truth(piece: Piece) -> bool | None:
    if piece.is_blank or piece.literal == "":
        return False
    return _TRUTHS.get(piece.text if piece.literal is None else piece.literal.lower())


def _with_number(writing: Writing, node: Foreign, sign: str, both: Sequence[Piece]) -> Piece | None:
    """Compare numbers; a number that was never set is 0 in Frappe."""
    read: list[Piece] = []
    for piece, other in ((both[0], both[1]), (both[1], both[0])):
        if piece.literal is not None and _is_number(piece.literal):
            read.append(pieces.number_literal(piece.literal))
        elif piece.literal == "" or piece.is_blank:
            return _with_blank(other, sign)
        elif piece.is_number:
            read.append(piece if _blank_falls_out(piece, sign, other) else _never_blank(piece))
        elif piece.is_text and other.certain:
            # A Select of numbers compares as text.
            return compare(writing, node, sign, (piece, pieces.text_literal(other.text)))
        else:
            return writing.refuse(node.place, "types", f"{both[0].type} {sign} {both[1].type} cannot be compared.")
    return compared(read[0], sign, read[1])


def _blank_falls_out(piece: Piece, sign: str, other: Piece) -> bool:
    """Tell whether a blank on this side gives what 0 would give."""
    if piece.certain:
        return True
    positive = other.certain and other.level == pieces.ATOM and other.text not in ("0", "0.0")
    return (positive and sign in ("==", "!=", ">", ">=")) or (sign == ">" and other.text == "0")


def _never_blank(piece: Piece) -> Piece:
    return call("blank_value", piece.type, piece, _ZERO)


def _with_blank(piece: Piece, sign: str) -> Piece:
    if sign in ("==", "!="):
        return compared(piece, sign, BLANK)
    return pieces.FALSE


def _named(record: Piece) -> Piece:
    return Piece(record.title, t.TEXT) if record.title else as_text(record)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() and text[:1].isdigit()
