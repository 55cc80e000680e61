"""Pieces of our own expression text, with their types, put together with no more parentheses than needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type

CONDITIONAL, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(9)


@dataclass(frozen=True, slots=True)
class Piece:
    """Our text for a part of a foreign formula, its type, and how strongly it holds together (`ATOM`: most).

    `literal` is the value of a text that is written out; `options` maps picklist values to the names of our options;
    `source` is the choice behind text(choice); `certain` is what can never be blank; `title` is the text for the name
    of a record; `terms` are the parts of a text that is joined.
    """

    text: str
    type: Type
    level: int = ATOM
    literal: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    source: Piece | None = None
    certain: bool = False
    title: str = ""
    terms: tuple[str, ...] = ()

    def at(self, level: int) -> str:
        """Return the text, in parentheses where it would fall apart beside an operator of that level."""
        return self.text if self.level >= level else f"({self.text})"

    def typed(self, kind: Type) -> Piece:
        """Return the same text with another type."""
        return replace(self, type=kind)

    @property
    def is_number(self) -> bool:
        """Tell whether it is a number of any kind."""
        return t.is_number(self.type)

    @property
    def is_text(self) -> bool:
        """Tell whether it is a text or the option of a choice."""
        return self.type.kind in t.TEXT_KINDS

    @property
    def is_blank(self) -> bool:
        """Tell whether it is the blank that is written out."""
        return self.type.kind == "blank"


BLANK = Piece("blank", t.BLANK)
TRUE, FALSE = Piece("true", t.BOOLEAN, certain=True), Piece("false", t.BOOLEAN, certain=True)


def text_literal(value: str) -> Piece:
    """Return a text, quoted; an empty one is blank in our language and stays a text here."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    for character, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(character, written)
    return Piece(f'"{escaped}"', t.TEXT, literal=value, certain=bool(value))


def number_literal(digits: str) -> Piece:
    """Return a number as our language writes it."""
    whole, point, places = digits.partition(".")
    whole = whole.lstrip("0") or "0"
    if point and places:
        return Piece(f"{whole}.{places}", t.DECIMAL, certain=True)
    return Piece(whole, t.INTEGER, certain=True)


def call(name: str, kind: Type, *arguments: Piece) -> Piece:
    """Return a call of one of our functions; what asks for nothing, or has a value to fall back on, is never blank."""
    certain = not arguments or (name == "blank_value" and arguments[-1].certain)
    return Piece(f"{name}({', '.join(argument.text for argument in arguments)})", kind, certain=certain)


def infix(left: Piece, sign: str, right: Piece, level: int, kind: Type) -> Piece:
    """Return two pieces joined by an operator that groups from the left."""
    # A comparison beside a comparison would be read as a chain.
    left_level = level + 1 if level == COMPARE else level
    text = f"{left.at(left_level)} {sign} {right.at(level + 1)}"
    return Piece(text, kind, level, certain=left.certain and right.certain)


def joined(sign: str, pieces: Iterable[Piece]) -> Piece:
    """Return conditions joined by `and` or `or`."""
    found = list(pieces)
    if len(found) == 1:
        return found[0]
    level = AND if sign == "and" else OR
    return Piece(f" {sign} ".join(piece.at(level) for piece in found), t.BOOLEAN, level)


def negated(piece: Piece) -> Piece:
    """Return the opposite of a condition; the opposite of a blank that is written out is no, too."""
    if piece.is_blank:
        return FALSE
    return Piece(f"not {piece.at(NOT)}", t.BOOLEAN, NOT)


def choose(condition: Piece, chosen: Piece, otherwise: Piece, kind: Type) -> Piece:
    """Return one piece or the other."""
    text = f"{chosen.at(OR)} if {condition.at(OR)} else {otherwise.text}"
    return Piece(text, kind, CONDITIONAL)


def compared(left: Piece, sign: str, right: Piece) -> Piece:
    """Return a comparison."""
    return infix(left, sign, right, COMPARE, t.BOOLEAN)


def option(field_piece: Piece, value: Piece) -> Piece:
    """Return a text beside a choice as the name of our option; an empty text is blank."""
    if value.literal is None:
        return value
    if not value.literal:
        return BLANK
    return text_literal(field_piece.options.get(value.literal, value.literal))
