"""Turning pieces into the type that a place asks for, where Salesforce does it silently and our language does not."""

from __future__ import annotations

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.types import Type

MARKUP = Type("markup")


def as_text(piece: Piece) -> Piece:
    """Return a piece as text: an option its name, a record its id, a number its digits."""
    if piece.type.kind in ("text", "blank", "markup"):
        return piece
    if piece.type.kind == "boolean":
        return pieces.choose(piece, pieces.text_literal("true"), pieces.text_literal("false"), t.TEXT)
    return Piece(f"text({piece.text})", t.TEXT, source=piece if piece.type.kind == "choice" else None)


def as_date(piece: Piece) -> Piece:
    """Return a moment as its date, a text as the date it names."""
    if piece.type.kind == "datetime":
        return call("date_of", t.DATE, piece)
    if piece.is_text:
        return call("date", t.DATE, as_text(piece))
    return piece


def as_moment(piece: Piece) -> Piece:
    """Return a date as its midnight, a text as the moment it names."""
    if piece.type.kind == "date":
        return call("moment", t.DATETIME, piece)
    return call("moment", t.DATETIME, as_text(piece)) if piece.is_text else piece


def as_time(piece: Piece) -> Piece:
    """Return the time of day of a moment, a text as the time it names."""
    if piece.type.kind == "datetime":
        return call("time_of", t.TIME, piece)
    return call("time", t.TIME, as_text(piece)) if piece.is_text else piece


def alike(left: Piece, right: Piece) -> tuple[Piece, Piece, Type] | None:
    """Bring two results that stand for one another to one type; None when they have nothing in common."""
    kinds = {left.type.kind, right.type.kind}
    if "markup" in kinds and kinds <= {"markup", "text", "blank"}:
        return left, right, MARKUP
    if kinds == {"date", "datetime"}:
        return as_moment(left), as_moment(right), t.DATETIME
    if kinds & t.TEXT_KINDS and kinds <= t.TEXT_KINDS | {"record", "blank"}:
        left, right = (piece if piece.is_blank else as_text(piece) for piece in (left, right))
        return left, right, t.TEXT
    if "boolean" in kinds and "blank" in kinds:
        return left, right, t.BOOLEAN
    common = t.common(left.type, right.type)
    return None if common is None else (left, right, common)
