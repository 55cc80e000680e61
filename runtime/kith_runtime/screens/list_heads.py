"""The heads of a list's columns: order by one column or two, and the widths that a person gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_runtime.screens.list_shape import Column, Shape
from kith_runtime.screens.list_state import ListState

MOST_SORTS = 2
_WORDS = {False: "ascending", True: "descending"}


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: where a click leads, and how the list is sorted by it now (an ``aria-sort`` word).

    ``given`` is the width that it has without the person's own. ``also`` is where a click with Shift leads: sorted by
    this column beside the first one. ``rank`` is 1 or 2 when the list is sorted by two columns and this is one of them.
    """

    name: str
    label: str
    width: str
    given: str
    end: bool
    url: str
    also: str
    sorted: str
    rank: int
    broken: str


def heads_of(shape: Shape, state: ListState, widths: Mapping[str, int]) -> tuple[Head, ...]:
    """Return the heads of a list's columns."""
    now = (state.sort or shape.sort)[:MOST_SORTS]
    return tuple(_head(column, state, now, widths.get(column.name, 0)) for column in shape.columns)


def _head(column: Column, state: ListState, now: tuple[str, ...], width: int) -> Head:
    names = [part.removeprefix("-") for part in now]
    at = names.index(column.sort) if column.sort in names else -1
    descending = at >= 0 and now[at].startswith("-")
    sorts = bool(column.sort) and not column.broken
    turned = f"-{column.sort}" if at >= 0 and not descending else column.sort
    both = [*now[:at], turned, *now[at + 1 :]] if at >= 0 else [*now[:1], turned]
    return Head(
        column.name,
        column.label,
        f"k-wp-{width}" if width else column.width,
        column.width,
        column.end,
        _sorted(state, turned) if sorts else "",
        _sorted(state, *both) if sorts else "",
        _WORDS[descending] if at >= 0 else "",
        at + 1 if len(now) > 1 and at >= 0 else 0,
        column.broken,
    )


def _sorted(state: ListState, *sort: str) -> str:
    return state.address(sort=tuple(sort))
