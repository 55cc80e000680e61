"""What stands in the place of records when there are none: why, and what to do next.

A list that is empty because of what was asked names each thing that was asked. Which of them hides most is counted when
the page stands already, so that finding nothing costs no more than finding something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kith_metadata.expressions import ExpressionError
from kith_metadata.kinds.entity import Entity
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries import select, titles
from kith_runtime.queries.query import Page as Rows
from kith_runtime.queries.query import Query
from kith_runtime.screens.addresses import list_address, record_address
from kith_runtime.screens.list_expression import in_words, text_of, tree_of
from kith_runtime.screens.list_filters import Chip, read_filter
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import ALL, ListState
from kith_runtime.screens.list_tree import Group

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a list was asked for, in words, and the question without it."""

    words: str
    without: ListState


@dataclass(frozen=True, slots=True)
class Beginning:
    """Records from which the first one of an empty list may come: of a view, some by address and title, or more."""

    label: str
    url: str
    records: tuple[tuple[str, str], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why there is nothing: ``filter``, ``page``, ``view``, or ``none`` when there are no records at all."""

    kind: str
    asked: tuple[str, ...] = ()
    clear: str = ""
    hiding: str = ""
    whole: str = ""
    beginning: Beginning | None = None


def emptiness(ctx: Context, shape: Shape, state: ListState, rows: Rows | None) -> Emptiness | None:
    """Return why a page has no records; None when it has some, or when nothing was asked."""
    if rows is None or rows.rows:
        return None
    return emptiness_of(ctx, shape, state)


def emptiness_of(ctx: Context, shape: Shape, state: ListState) -> Emptiness:
    """Return why nothing was found for a question."""
    if state.filtered:
        asked = tuple(item.words for item in things_asked(ctx, state))
        clear = replace(ListState(state.entity, state.looked_at), more=state.more).here()
        return Emptiness("filter", asked, clear, state.address("/hiding") if len(asked) > 1 else "")
    if state.paged:
        return Emptiness("page")
    if shape.where is not None and select(ctx, Query(state.entity, ("id",), limit=1)).ids:
        return Emptiness("view", whole=ListState(state.entity, ALL, more=state.more).here())
    return Emptiness("none", beginning=_beginning(ctx, shape.entity))


def _beginning(ctx: Context, entity: Entity) -> Beginning | None:
    """Return records of the view that the entity starts from; None where the actor sees none of them."""
    if not entity.start_from or not rights_for(ctx, entity.name).create:
        return None
    view = ctx.snapshot.view(entity.start_from)
    shape = shape_of(ctx, view.entity, view.name) if rights_for(ctx, view.entity).visible else None
    if shape is None or not shape.titled:
        return None
    where = (shape.where,) if shape.where is not None else ()
    query = Query(view.entity, ("id",), filters=where, sort=shape.sort, limit=_MOST_NAMED + 1)
    ids = list(select(ctx, query).ids)
    named = titles(ctx, view.entity, ids[:_MOST_NAMED])
    records = tuple((record_address(view.entity, record), title) for record, title in named.items() if title)
    return (
        Beginning(view.label, list_address(view.entity, view.name), records, len(ids) > _MOST_NAMED)
        if records
        else None
    )


def things_asked(ctx: Context, state: ListState) -> Iterator[Asked]:
    """Yield what a person asked for beyond the view: each condition, each part of an expression, the text."""
    for index, chip in enumerate(read_filter(ctx, state).chips):
        kept = state.conditions[:index] + state.conditions[index + 1 :]
        yield Asked(_chip_words(chip), _first(state, conditions=kept))
    if state.where:
        yield from _parts(ctx, state)
    if state.text:
        yield Asked(f"Holds {state.text}", _first(state, text=""))


def _first(state: ListState, **changes: object) -> ListState:
    return replace(state, after="", before="", start=1, **changes)  # type: ignore[arg-type]


def _chip_words(chip: Chip) -> str:
    return " ".join(part for part in (chip.label, chip.operator, chip.value) if part)


def _parts(ctx: Context, state: ListState) -> Iterator[Asked]:
    """Yield the parts of an expression that must all hold; the whole of it when it cannot be taken apart."""
    try:
        tree = tree_of(ctx, state.entity, state.where)
    except ExpressionError:
        tree = Group()
    if tree.join != "and" or len(tree.items) < 2:
        words = in_words(ctx, state.entity, tree) if tree.items else state.where
        yield Asked(words, _first(state, where=""))
        return
    for index, item in enumerate(tree.items):
        kept = Group("and", (*tree.items[:index], *tree.items[index + 1 :]))
        text, problem = text_of(ctx, state.entity, kept)
        if text and not problem:
            yield Asked(in_words(ctx, state.entity, item), _first(state, where=text))
