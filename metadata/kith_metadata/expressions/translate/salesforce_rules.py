"""How a Salesforce function becomes one of ours: what it wants of each argument, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.foreign_tree import Call
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.salesforce_values import as_date, as_moment, as_text, as_time
from kith_metadata.expressions.translate.translated import Writing
from kith_metadata.expressions.types import Type

Build = Callable[[Sequence[Piece]], Piece]

_CONVERSIONS: Mapping[str, Callable[[Piece], Piece]] = {
    "text": as_text,
    "date": as_date,
    "moment": as_moment,
    "time": as_time,
}
_FITTING: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "markup"}),
    "number": t.NUMBER_KINDS,
    "date": frozenset({"date"}),
    "moment": frozenset({"datetime"}),
    "time": frozenset({"time"}),
    "boolean": frozenset({"boolean"}),
    "calendar": frozenset({"date", "datetime"}),
    "clock": frozenset({"time", "datetime"}),
    "instant": frozenset({"date", "datetime", "time"}),
    "choices": frozenset({"choices"}),
}
_WORDS = {"calendar": "date", "clock": "time", "instant": "date or time", "moment": "date and time"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A function: what each argument must be (`any`: anything), how many are needed, and how it is written.

    The last wish counts for all further arguments where the rule is `repeated`.
    """

    wants: tuple[str, ...]
    build: Build
    least: int = -1
    repeated: bool = False

    def apply(self, writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
        """Return the piece for a call; None after refusing it."""
        least = len(self.wants) if self.least < 0 else self.least
        if len(arguments) < least or (len(arguments) > len(self.wants) and not self.repeated):
            writing.refuse(node.place, "arguments", f"{node.name}() does not take {len(arguments)} arguments.")
            return None
        fitting: list[Piece] = []
        for index, argument in enumerate(arguments):
            want = self.wants[min(index, len(self.wants) - 1)]
            found = fitted(argument, want)
            if found is None:
                message = f"{node.name}() needs a {_WORDS.get(want, want)}, found {argument.type}."
                writing.refuse(node.arguments[index].place, "types", message)
            else:
                fitting.append(found)
        return self.build(fitting) if len(fitting) == len(arguments) else None


def fitted(piece: Piece, want: str) -> Piece | None:
    """Return a piece as what is wanted, or None; a blank fits everywhere."""
    if want == "any" or piece.is_blank:
        return piece
    found = _CONVERSIONS[want](piece) if want in _CONVERSIONS and not _plainly_other(piece, want) else piece
    return found if found.type.kind in _FITTING[want] else None


def _plainly_other(piece: Piece, want: str) -> bool:
    return want == "text" and piece.type.kind in ("choices", "records", "json", "duration")


def plain(name: str, result: Type) -> Build:
    """Return the writing of a function that has a counterpart with the same arguments."""
    return lambda arguments: call(name, result, *arguments)


def same_type(name: str) -> Build:
    """Return the writing of a function whose result has the type of its first argument."""
    return lambda arguments: call(name, arguments[0].type, *arguments)
