"""What every change is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

Data = Mapping[str, Any]
"""Plain data of a document or of an item, as the snapshot holds it."""

_MOST_NAMED = 4


@dataclass(frozen=True)
class Change:
    """One difference between two snapshots. ``symbol`` is ``+`` new, ``-`` gone, ``~`` changed, ``!`` needs care."""

    symbol: ClassVar[str] = "~"

    def describe(self) -> str:
        """Return the change as people read it."""
        raise NotImplementedError

    def reverse(self) -> Change:
        """Return the change that takes this one back."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.symbol} {self.describe()}"


def listed(paths: tuple[str, ...]) -> str:
    """Return the paths as a list that stays readable."""
    more = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
