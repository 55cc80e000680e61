"""Which screen shows a view of which type, and the switch between them over every list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from kith_metadata.registry import Registry
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.screens.list_shape import Shape, views_for
from kith_runtime.screens.list_state import ALL, ListState
from kith_runtime.screens.parameters import Unfit, one_of, require_used
from kith_runtime.view_types import view_types

Screen = Callable[[Context, Shape, ListState], Response]

view_screens: Registry[Screen] = Registry("view screen")
"""The screens by view type; the list is the frame of all of them and not among them."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to show the records in the switch: its word, its icon, where it leads, and whether it is this one."""

    label: str
    icon: str
    url: str
    current: bool


def kind_of(ctx: Context, shape: Shape, state: ListState) -> str:
    """Return how the records are to be shown: as the address says, else as the view says."""
    for kind in (_asked_kind(ctx, shape, state), own_kind(ctx, shape)):
        if kind in view_types and options_of(ctx, shape, kind) is not None:
            return kind
    return "list"


def _asked_kind(ctx: Context, shape: Shape, state: ListState) -> str:
    """Return the way that the address names; one in which these records cannot be shown to the actor is refused."""
    known = [name for name, _ in view_types.items() if options_of(ctx, shape, name) is not None]
    return one_of("as", state.asked("as"), known, "way to show these records")


def own_kind(ctx: Context, shape: Shape) -> str:
    """Return the type of the view itself."""
    return "list" if shape.view == ALL else ctx.snapshot.view(shape.view).type


def options_of(ctx: Context, shape: Shape, kind: str) -> Any:
    """Return the options to show a list in another way; None when the entity has nothing to show so.

    They are the view's own, else those of the first view of that type, else what follows from the fields. Options that
    name a field which the actor may not read count as none.
    """
    key = ("view options", rights_key(ctx.actor), shape.entity.name, shape.view, kind)
    return ctx.published.compiled(key, lambda: (_options(ctx, shape, kind),))[0]


def _options(ctx: Context, shape: Shape, kind: str) -> Any:
    own = () if shape.view == ALL else (ctx.snapshot.view(shape.view),)
    for view in (*own, *views_for(ctx, shape.entity.name)):
        if view.type == kind and _readable(kind, view.options, shape.rights.readable):
            return view.options
    return view_types[kind].suggested(ctx.snapshot, shape.entity.name, shape.rights.readable)


def _readable(kind: str, options: Any, readable: frozenset[str]) -> bool:
    return all(getattr(options, name) in readable for name in view_types[kind].needs)


def screen_of(ctx: Context, shape: Shape, state: ListState) -> Screen | None:
    """Return the screen that shows the records as the address or the view asks; None for the list."""
    kind = kind_of(ctx, shape, state)
    return view_screens[kind] if kind != "list" else None


_USED = {"calendar": ("on", "scale"), "timeline": ("on", "scale"), "board": ("open",), "tree": ("open",)}
_OF_ITS_OWN_ORDER = ("calendar", "timeline")
_WITHOUT_PAGES = ("board", "tree")


def require_fitting(ctx: Context, shape: Shape, state: ListState) -> None:
    """Raise ``Unfit`` for what the address says and the way in which its records are shown would pass over."""
    kind = kind_of(ctx, shape, state)
    require_used(state, _USED.get(kind, ()))
    for name in ("after", "before"):
        if kind in _WITHOUT_PAGES and getattr(state, name):
            raise Unfit(name, "These records are shown without pages, so none of them can be opened.")
    for part in state.sort if kind in _OF_ITS_OWN_ORDER else ():
        # Days have their own order: the sort of a list that came along says nothing, but a wrong one is none of a list.
        one_of("sort", part.removeprefix("-"), shape.rights.readable, "field that you can sort by")


def ways_of(ctx: Context, shape: Shape, state: ListState) -> tuple[Way, ...]:
    """Return the switch of a list: every way in which these records can be shown; filters stay."""
    own, now = own_kind(ctx, shape), kind_of(ctx, shape, state)
    kinds = [name for name, _ in view_types.items() if name == "list" or name in view_screens]
    kinds = sorted(kinds, key=lambda name: view_types[name].position)
    return tuple(
        Way(view_types[kind].label, view_types[kind].icon, _address(state, "" if kind == own else kind), kind == now)
        for kind in kinds
        if options_of(ctx, shape, kind) is not None
    )


def _address(state: ListState, kind: str) -> str:
    return state.address(more=(("as", kind),) if kind else ())
