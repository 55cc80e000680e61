"""A list as one person sees it: the saved view behind an address, the tabs in their order, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import g

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.queries.compile import checked_where
from kith_runtime.saved_views import Book, Kept, book_of
from kith_runtime.saved_views.kept import Looks
from kith_runtime.screens.desk import desk_here, forget_desk
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, Tab, shape_of, view_of, views_for
from kith_runtime.screens.list_state import ALL, Condition, ListState
from kith_runtime.view_types import view_types

_LOST_FIELD = "uses a field that is not here for you, so it was left out."


@dataclass(frozen=True, slots=True)
class TabLink:
    """A view as a tab; ``count`` comes after the page has been drawn. ``kind`` is app, shared or own."""

    label: str
    url: str
    current: bool
    count: str = ""
    icon: str = ""
    name: str = ""
    kind: str = "app"
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The question behind an address. ``notes`` say what was left out; ``lost`` names a view that is not there."""

    state: ListState
    notes: tuple[str, ...] = ()
    lost: str = ""


def book_here(ctx: Context, entity: str) -> Book:
    """Return the actor's book of views, read once in a request."""
    known: dict[str, Book] = g.setdefault("kith_views", {})
    if entity not in known:
        desk = desk_here(ctx, entity)
        known[entity] = book_of(ctx, entity, views=desk.views, places=desk.places)
    return known[entity]


def forget_book() -> None:
    """Read the book again when it is next asked for, because something in it was changed."""
    g.pop("kith_views", None)
    forget_desk()


def opened(ctx: Context, book: Book, asked: ListState) -> Opened:
    """Return what an address asks for: a saved view is replaced by what it keeps, no view by the person's first one."""
    if asked.saved:
        return Opened(asked, lost="" if asked.saved in book.saved else asked.saved)
    name = asked.view or ("" if asked.filtered else book.first)
    if name in book.saved:
        return _unfolded(ctx, name, book.saved[name].kept, asked)
    if not asked.view and any(view.name == name for view in views_for(ctx, asked.entity)):
        return Opened(replace(asked, view=name))
    return Opened(asked)


def state_of(kept: Kept, entity: str, saved: str = "") -> ListState:
    """Return the question that a saved view keeps, as it is kept."""
    conditions = tuple(Condition(*item) for item in kept.conditions)
    return ListState(
        entity,
        view=kept.base,
        sort=kept.sort,
        where=kept.where,
        text=kept.text,
        conditions=conditions,
        saved=saved,
        group=kept.group,
    )


def fitted(ctx: Context, kept: Kept, entity: str, saved: str = "") -> Opened:
    """Return the question of a saved view as far as it fits the snapshot and the actor's rights."""
    held = state_of(kept, entity, saved)
    notes: list[str] = []
    if held.view and held.view != ALL and shape_of(ctx, entity, held.view) is None:
        notes.append("The view that this one was made from is not here for you; all records are its ground.")
        held = replace(held, view=ALL)
    held = replace(held, conditions=tuple(_fitting(ctx, held, notes)))
    readable = rights_for(ctx, entity).readable
    sort = tuple(part for part in held.sort if part.removeprefix("-") in readable)
    if sort != held.sort:
        notes.append(f"The order {_LOST_FIELD}")
    if held.group and held.group.partition(":")[0] not in readable:
        notes.append(f"The grouping {_LOST_FIELD}")
        held = replace(held, group="")
    if set(kept.looks.columns) - readable:
        notes.append(f"A column {_LOST_FIELD}")
    if held.where and not _is_usable(ctx, entity, held.where):
        notes.append("A condition of this view cannot be used by you, or no longer fits, so it was left out.")
        held = replace(held, where="")
    return Opened(replace(held, sort=sort), tuple(dict.fromkeys(notes)))


def _is_usable(ctx: Context, entity: str, where: str) -> bool:
    try:
        checked_where(ctx.published, rights_key(ctx.actor), entity, where)
    except (Invalid, ExpressionError):
        return False
    return True


def _fitting(ctx: Context, held: ListState, notes: list[str]) -> Iterator[Condition]:
    found = read_filter(ctx, held)
    for condition, line, chip in zip(held.conditions, found.lines, found.chips, strict=True):
        if not chip.problem:
            yield condition
        elif line.field is None:
            notes.append(f"A filter {_LOST_FIELD}")
        else:
            notes.append(f"The filter on {line.field.label} no longer fits and was left out: {chip.problem}")


def _unfolded(ctx: Context, name: str, kept: Kept, asked: ListState) -> Opened:
    """Return a saved view's question; what the address says beside the view's name comes first."""
    found = fitted(ctx, kept, asked.entity, name)
    state = replace(
        found.state,
        sort=asked.sort or found.state.sort,
        text=asked.text or found.state.text,
        conditions=(*found.state.conditions, *asked.conditions),
        where=asked.where or found.state.where,
        group=asked.group or found.state.group,
        after=asked.after,
        before=asked.before,
        start=asked.start,
        exact=asked.exact,
        more=asked.more,
    )
    return Opened(state, found.notes)


def looks_of(ctx: Context, book: Book, state: ListState) -> Looks:
    """Return the columns and widths that the actor sees in a view: their own, else those that were saved with it."""
    saved = book.saved.get(state.saved)
    base = saved.kept.looks if saved is not None else Looks()
    mine = book.place(view_of(ctx, state)).looks
    return Looks(mine.columns or base.columns, {**base.widths, **mine.widths})


def kept_of(state: ListState, looks: Looks) -> Kept:
    """Return what is seen now as what a saved view keeps."""
    conditions = tuple((item.field, item.operator, item.value) for item in state.conditions)
    return Kept(
        base=state.view,
        sort=state.sort,
        where=state.where,
        text=state.text,
        conditions=conditions,
        group=state.group,
        looks=looks,
    )


def is_changed(ctx: Context, book: Book, shape: Shape, state: ListState) -> bool:
    """Tell whether what is seen differs from the view that a person is in."""
    mine = book.place(state.looked_at or shape.view).looks
    if mine.columns or mine.widths:
        return True
    saved = book.saved.get(state.saved)
    if saved is None:
        return state.filtered or bool(state.group) or (bool(state.sort) and state.sort != shape.sort)
    begun = fitted(ctx, saved.kept, state.entity, state.saved).state
    return kept_of(state, saved.kept.looks) != kept_of(begun, saved.kept.looks)


def tab_links(
    ctx: Context, shape: Shape, state: ListState, counts: Mapping[str, str] | None = None, *, hidden: bool = False
) -> tuple[TabLink, ...]:
    """Return the views as tabs in the person's order; another view begins without the filters of this one.

    Somebody who looks at records as a board goes on doing so in the next list; other kinds of view show as they are.
    """
    book, known = book_here(ctx, state.entity), counts or {}
    chosen = state.asked("as") if state.asked("as") != "list" else ""
    current = state.saved or shape.view

    def link(tab: Tab, kind: str) -> TabLink:
        more = (("as", chosen),) if chosen and tab.type == "list" else ()
        icon = "" if tab.type == "list" else view_types[tab.type].icon
        away = book.place(tab.name).hidden
        url = ListState(state.entity, tab.name, more=more).here()
        return TabLink(
            tab.label, url, tab.name == current, known.get(tab.name, ""), icon, name=tab.name, kind=kind, hidden=away
        )

    saved = sorted(book.saved.values(), key=lambda view: view.mine)
    links = [link(tab, "app") for tab in shape.tabs]
    links += [link(Tab(view.id, view.label), "own" if view.mine else "shared") for view in saved]
    return _ordered(book, [item for item in links if hidden or item.current or not item.hidden])


def _ordered(book: Book, links: Sequence[TabLink]) -> tuple[TabLink, ...]:
    """Return tabs in the person's order; those that came later stand at the end."""
    last = len(links)

    def position(item: TabLink) -> int:
        found = book.place(item.name).position
        return last if found is None else found

    return tuple(sorted(links, key=position))
