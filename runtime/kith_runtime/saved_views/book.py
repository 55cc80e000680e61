"""The views of one entity as one person sees them: the app's, the shared and their own, in the order they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kith_platform.errors import Forbidden, Invalid, NotFound
from kith_platform.ids import new_id
from kith_runtime.access.rights import roles_with_included
from kith_runtime.context import Context
from kith_runtime.saved_views import store
from kith_runtime.saved_views.kept import Kept, Looks, kept_from, looks_from
from kith_runtime.saved_views.store import Share

LONGEST_LABEL = 60
MOST_OWN = 200
DENSITIES = ("comfortable", "compact")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that somebody kept. ``mine`` tells whether the actor may change it."""

    id: str
    label: str
    owner: str
    mine: bool
    kept: Kept


@dataclass(frozen=True, slots=True)
class Place:
    """What the actor changed of one view for themselves."""

    position: int | None = None
    hidden: bool = False
    first: bool = False
    looks: Looks = field(default_factory=Looks)


@dataclass(frozen=True, slots=True)
class Book:
    """All saved views that the actor sees of an entity, what they arranged, and how close rows stand for them."""

    entity: str
    saved: Mapping[str, SavedView]
    places: Mapping[str, Place]
    density: str = ""

    def place(self, view: str) -> Place:
        """Return what the actor changed of a view, by name or id."""
        return self.places.get(view) or Place()

    @property
    def first(self) -> str:
        """The view that the actor wants to see first; empty when the app decides."""
        return next((name for name, place in self.places.items() if place.first), "")


def book_of(ctx: Context, entity: str, *, views: bool = True, places: bool = True) -> Book:
    """Return the actor's book of an entity's views.

    Who knows already that there are no saved ``views``, or that the actor arranged no ``places``, says so and spares
    the question.
    """
    roles = [role.name for role in roles_with_included(ctx.snapshot, ctx.actor.roles)] if views else []
    saved = {
        row.id: SavedView(row.id, row.label, row.owner_id, row.owner_id == ctx.actor.id, kept_from(row.kept))
        for row in (store.views_seen(ctx, entity, roles) if views else ())
    }
    arranged, density = {}, ""
    for row in store.places_of(ctx, entity) if places else ():
        if row.entity:
            arranged[row.view] = Place(row.position, row.hidden, row.first, looks_from(row.looks))
        elif isinstance(row.looks, Mapping) and row.looks.get("density") in DENSITIES:
            density = row.looks["density"]
    return Book(entity, saved, arranged, density)


def may_share(ctx: Context) -> bool:
    """Tell whether the actor may share views with others; roles say so by the permission ``views``."""
    return "views" in ctx.actor.permissions


def save(ctx: Context, entity: str, label: str, kept: Kept) -> str:
    """Keep a view for the actor and return its id; raises Invalid without a name, or with one too many."""
    book = book_of(ctx, entity)
    if sum(view.mine for view in book.saved.values()) >= MOST_OWN:
        raise Invalid("too_many_views", f"You have {MOST_OWN} views of this list.", "Delete one that you do not use.")
    made = new_id(ctx.clock)
    store.add_view(ctx, made, entity, _label(book, label), kept.to_json())
    return made


def rename(ctx: Context, entity: str, view: str, label: str) -> None:
    """Give an own view another name."""
    book = book_of(ctx, entity)
    own(book, view)
    store.change_view(ctx, view, {"label": _label(book, label, but=view)})


def replace_content(ctx: Context, entity: str, view: str, kept: Kept) -> None:
    """Let an own view show what is kept now; the owner's changes of columns and widths move into it."""
    own(book_of(ctx, entity), view)
    store.change_view(ctx, view, {"kept": kept.to_json()})
    store.put_place(ctx, entity, view, {"looks": Looks().to_json()})


def remove(ctx: Context, entity: str, view: str) -> str:
    """Delete an own view and return its name."""
    found = own(book_of(ctx, entity), view)
    store.remove_view(ctx, view)
    return found.label


def share(ctx: Context, entity: str, view: str, shares: Iterable[Share]) -> None:
    """Share an own view with exactly these; raises Forbidden without the permission.

    What readers see in it still follows from their own rights. Taking shares away needs no permission.
    """
    own(book_of(ctx, entity), view)
    wanted = tuple(dict.fromkeys(shares))
    if set(wanted) - set(store.shares_of(ctx, view)) and not may_share(ctx):
        raise Forbidden("may_not_share", "You may not share views.", "Ask an administrator for a role that may.")
    store.put_shares(ctx, view, wanted)


def own(book: Book, view: str) -> SavedView:
    """Return a view that is the actor's own; one of others, or none, sounds alike."""
    found = book.saved.get(view)
    if found is None or not found.mine:
        raise NotFound("no_such_view", "There is no view of yours by that address.", "Choose one from the tabs.")
    return found


def _label(book: Book, text: str, but: str = "") -> str:
    label = " ".join(text.split())
    if not label:
        raise Invalid("no_name", "The view has no name.", "Write one that you will know again.", "label")
    if len(label) > LONGEST_LABEL:
        hint = "Shorten it."
        raise Invalid("long_name", f"The name has {len(label)} letters; a tab shows {LONGEST_LABEL}.", hint, "label")
    taken = (view for view in book.saved.values() if view.mine and view.id != but)
    if any(view.label.casefold() == label.casefold() for view in taken):
        raise Invalid("name_taken", f"You have a view named “{label}” already.", "Choose another name.", "label")
    return label


def set_first(ctx: Context, entity: str, view: str) -> None:
    """Let a view open first for the actor; a blank name gives the choice back to the app."""
    store.clear_first(ctx, entity)
    if view:
        store.put_place(ctx, entity, view, {"first": True})


def arrange(ctx: Context, entity: str, names: Iterable[str], hidden: Iterable[str]) -> None:
    """Put the tabs into an order for the actor, and hide some of them."""
    away = set(hidden)
    for position, name in enumerate(names):
        store.put_place(ctx, entity, name, {"position": position, "hidden": name in away})


def put_looks(ctx: Context, entity: str, view: str, looks: Looks) -> None:
    """Keep columns and widths of a view for the actor alone."""
    store.put_place(ctx, entity, view, {"looks": looks.to_json()})


def put_density(ctx: Context, density: str) -> None:
    """Keep how close rows stand in all lists of the actor."""
    if density not in DENSITIES:
        raise Invalid("no_such_density", "Rows are comfortable or compact.", "Choose one of the two.")
    store.put_place(ctx, "", "", {"looks": {"density": density}})
