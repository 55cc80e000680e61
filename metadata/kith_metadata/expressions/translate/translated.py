"""The outcome of a translation and the writer that collects refusals on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kith_metadata.expressions.translate.foreign_scope import ForeignScope
from kith_metadata.expressions.translate.foreign_tree import Foreign, Name
from kith_metadata.expressions.translate.pieces import Piece
from kith_metadata.expressions.translate.refusals import Refusal
from kith_metadata.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Translated:
    """A formula in our language: its text and the type that it should have."""

    text: str
    type: Type


@dataclass(slots=True)
class Writing:
    """One translation under way: the names it may use, how it treats blanks, and what it had to refuse so far.

    `visit` translates a part of the tree, `named` a name as it is; both return None where something was refused.
    """

    scope: ForeignScope
    blanks_as_zero: bool
    visit: Callable[[Foreign], Piece | None]
    named: Callable[[Name], Piece | None]
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, place: tuple[int, int], code: str, message: str) -> Piece | None:
        """Record that a part cannot be carried; the result is None, for the caller to hand on."""
        self.refusals.append(Refusal(*place, code, message))
        return None
