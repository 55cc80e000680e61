"""How a list looks to one person: what its tools offer, and whether what is seen can be kept as a view."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kith_runtime.context import Context
from kith_runtime.screens.list_groups import choices_of
from kith_runtime.screens.list_seen import book_here, fitted, is_changed
from kith_runtime.screens.list_shape import Shape, view_of
from kith_runtime.screens.list_state import ALL, ListState


@dataclass(frozen=True, slots=True)
class Saving:
    """What can be done with what is seen: keep it, or put it into the person's own view named ``label``.

    ``notes`` tell what of a saved view was left out.
    """

    changed: bool = False
    own: str = ""
    label: str = ""
    action: str = ""
    manage: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """The looks of a list: how close rows stand, where its columns are chosen, and its ways out."""

    density: str
    view: str
    chooser: str
    export: str
    export_sheet: str
    actions: str
    groups: tuple[Way, ...] = ()
    grouped: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to group the list, where it leads, and whether it is this one."""

    label: str
    url: str
    current: bool


def saving_of(ctx: Context, shape: Shape, state: ListState) -> Saving:
    """Return what can be saved of a list as it is seen."""
    book = book_here(ctx, state.entity)
    saved = book.saved.get(state.saved)
    base = f"/e/{state.entity}/views"
    return Saving(
        changed=is_changed(ctx, book, shape, state),
        own=saved.id if saved is not None and saved.mine else "",
        label=saved.label if saved is not None else "",
        action=base,
        manage=f"{base}?{urlencode({'view': state.looked_at})}" if state.looked_at else base,
        notes=fitted(ctx, saved.kept, state.entity).notes if saved is not None else (),
    )


def look_of(ctx: Context, shape: Shape, state: ListState) -> Look:
    """Return the looks of a list."""
    book, choices = book_here(ctx, state.entity), choices_of(ctx, state.entity)
    return Look(
        density=book.density or density_of(ctx, shape),
        view=view_of(ctx, state),
        chooser=state.address("/columns"),
        export=state.address("/export.csv"),
        export_sheet=state.address("/export.xlsx"),
        actions=f"/e/{state.entity}",
        groups=tuple(Way(label, state.address(group=name), name == state.group) for name, label in choices.items()),
        grouped=choices.get(state.group, ""),
    )


def density_of(ctx: Context, shape: Shape) -> str:
    """Return how close rows stand when the person has not chosen."""
    options = None if shape.view == ALL else ctx.snapshot.view(shape.view).options
    return getattr(options, "density", "compact")
