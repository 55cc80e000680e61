"""What people keep of a list: views under a name, shared or not, tabs in their order, columns, widths and density."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.audit import Entry
from kith_platform.errors import Invalid, NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries import Query, select
from kith_runtime.saved_views import Book, book
from kith_runtime.saved_views.kept import MOST_COLUMNS, Looks, fitting_width
from kith_runtime.saved_views.store import Share, shares_of
from kith_runtime.screens.addresses import list_address, safe_next
from kith_runtime.screens.list_seen import TabLink, book_here, forget_book, kept_of, looks_of, opened, tab_links
from kith_runtime.screens.list_shape import Shape, column_choices, plural_of, shape_of, view_of
from kith_runtime.screens.list_state import ALL, ListState, read_state
from kith_runtime.screens.listing import require_entity
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.web.state import context, reopen, server, write

blueprint = Blueprint("list_views", __name__, url_prefix="/e/<entity>")

TEAM = "base.team"
MOST_TEAMS = 200


@dataclass(frozen=True, slots=True)
class ViewsPage(Page):
    """The tabs of a list to be arranged: their order, which are shown, which opens first."""

    heading: str = ""
    tabs: Sequence[TabLink] = ()
    first: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """With whom a view can be shared: the value of its box, its words, and whether it is ticked."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ViewPage(Page):
    """One own view: its name, with whom it is shared, and its end."""

    heading: str = ""
    label: str = ""
    view: str = ""
    shares: bool = False
    everybody: Choice | None = None
    roles: Sequence[Choice] = ()
    teams: Sequence[Choice] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ChosenColumn:
    """A line of the chooser. The title of the records is always there and always first."""

    name: str
    label: str
    chosen: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ColumnsPage(Page):
    """The columns of a list, those that are shown first."""

    heading: str = ""
    lines: Sequence[ChosenColumn] = ()
    state: ListState | None = None
    place: str = ""
    back: str = ""
    searches: bool = False


@blueprint.post("/views")
def save_view(entity: str) -> BaseResponse:
    """Keep what is seen as a new view of the person, or put it into the own view that they are in."""
    ctx = context()
    require_entity(ctx, entity)
    state = read_state(entity, request.form)

    def work(ctx: Context) -> str:
        seen = book.book_of(ctx, entity)
        kept = kept_of(state, looks_of(ctx, seen, state))
        if request.form.get("action") == "update":
            book.replace_content(ctx, entity, state.saved, kept)
            return state.saved
        made = book.save(ctx, entity, request.form.get("label", ""), kept)
        book.put_looks(ctx, entity, view_of(ctx, state), Looks())
        return made

    try:
        saved = write(work)
    except Invalid as fault:
        toast(str(fault), icon="alert-circle")
        return redirect(state.here(), 303)
    toast("The view was saved.")
    return redirect(list_address(entity, saved), 303)


@blueprint.get("/views")
def show_views(entity: str) -> Response:
    """Show all views of a list to be arranged, the hidden ones too."""
    ctx = context()
    found = require_entity(ctx, entity)
    shape = _shape(ctx, entity, "")
    seen = book_here(ctx, entity)
    tabs = tab_links(ctx, shape, ListState(entity), hidden=True)
    back = list_address(entity, request.args.get("view", "")[:200])
    return render("list_views.html", ViewsPage("Views", entity, plural_of(found), tabs, seen.first, back))


@blueprint.post("/views/arrange")
def arrange_views(entity: str) -> BaseResponse:
    """Keep the person's order of the tabs, which of them are shown, and which opens first."""
    ctx = context()
    require_entity(ctx, entity)
    names = _names(ctx, entity, request.form.getlist("order"))
    names = _moved(names, request.form.get("_move", ""))
    shown = set(request.form.getlist("shown"))
    first = request.form.get("first", "")

    def work(ctx: Context) -> None:
        book.arrange(ctx, entity, names, [name for name in names if name not in shown])
        book.set_first(ctx, entity, first if first in names else "")

    write(work)
    if "_move" not in request.form:
        toast("Your tabs were saved.")
    return redirect(f"/e/{entity}/views", 303)


def _names(ctx: Context, entity: str, asked: Sequence[str]) -> list[str]:
    """Return those of the named views that the person sees, each once."""
    known = {tab.name for tab in tab_links(ctx, _shape(ctx, entity, ""), ListState(entity), hidden=True)}
    return [name for name in dict.fromkeys(asked) if name in known]


def _moved(names: list[str], move: str) -> list[str]:
    """Return names with one of them moved by one place, as ``name:up`` or ``name:down`` says."""
    name, _, way = move.rpartition(":")
    if name in names:
        at = names.index(name)
        other = at - 1 if way == "up" else at + 1
        if 0 <= other < len(names):
            names[at], names[other] = names[other], names[at]
    return names


@blueprint.get("/views/<view>")
def show_view(entity: str, view: str) -> Response:
    """Show one own view with what can be changed of it."""
    return _view_page(context(), entity, view)


def _view_page(ctx: Context, entity: str, view: str, problem: str = "") -> Response:
    found = require_entity(ctx, entity)
    mine = book.own(book_here(ctx, entity), view)
    shared = set(shares_of(ctx, view))
    page = ViewPage(
        mine.label,
        entity,
        heading=plural_of(found),
        label=mine.label,
        view=view,
        shares=book.may_share(ctx),
        everybody=Choice("everybody:", "Everybody who may see this list", ("everybody", "") in shared),
        roles=_roles(ctx, shared),
        teams=_teams(ctx, shared),
        problem=problem,
    )
    return render("list_view.html", page, status=422 if problem else 200)


def _roles(ctx: Context, shared: set[Share]) -> list[Choice]:
    roles = [ctx.snapshot.role(name) for name in ctx.snapshot.names("role")]
    return [
        Choice(f"role:{role.name}", role.label, ("role", role.name) in shared)
        for role in sorted(roles, key=lambda role: role.label)
    ]


def _teams(ctx: Context, shared: set[Share]) -> list[Choice]:
    """Return the teams that the person may see; without the right to, there are none."""
    if not ctx.snapshot.has("entity", TEAM) or not rights_for(ctx, TEAM).visible:
        return []
    title = ctx.snapshot.entity(TEAM).title
    if title not in rights_for(ctx, TEAM).readable:
        return []
    rows = select(ctx, Query(TEAM, ("id", title), sort=(title,), limit=MOST_TEAMS)).rows
    return [Choice(f"team:{row[0]}", str(row[1] or "Untitled team"), ("team", row[0]) in shared) for row in rows]


@blueprint.post("/views/<view>")
def change_view(entity: str, view: str) -> BaseResponse:
    """Rename, share or delete an own view, as the pressed button says."""
    ctx = context()
    require_entity(ctx, entity)
    actions: dict[str, Callable[[Context, str, str], str]] = {"rename": _rename, "share": _share, "delete": _delete}
    action = actions.get(request.form.get("action", ""))
    if action is None:
        raise Invalid("unknown_action", "A view has no such action.", "Go back and choose one.", status=400)
    try:
        said = write(lambda ctx: action(ctx, entity, view))
    except Invalid as fault:
        forget_book()
        return _view_page(reopen(), entity, view, str(fault))
    toast(said)
    return redirect(f"/e/{entity}/views", 303)


def _rename(ctx: Context, entity: str, view: str) -> str:
    book.rename(ctx, entity, view, request.form.get("label", ""))
    return "The view was renamed."


def _share(ctx: Context, entity: str, view: str) -> str:
    """Share a view with what is ticked and known; who sees it now stands in the audit trail."""
    known = {choice.value for choice in (*_roles(ctx, set()), *_teams(ctx, set()))} | {"everybody:"}
    ticked = [value for value in request.form.getlist("share") if value in known]
    # Teams that this person may not see stay as they are: they are not on the form to be taken away.
    kept = [share for share in shares_of(ctx, view) if f"{share[0]}:{share[1]}" not in known]
    shares = [(kind, target) for kind, _, target in (value.partition(":") for value in ticked)]
    book.share(ctx, entity, view, [*kept, *shares])
    detail = {"entity": entity, "with": ticked}
    server().services.audit.append(ctx.connection, Entry(ctx.actor.id, "view.share", view, detail))
    return "The view is shared as you chose." if shares else "The view is yours alone."


def _delete(ctx: Context, entity: str, view: str) -> str:
    return f"The view “{book.remove(ctx, entity, view)}” was deleted."


@blueprint.get("/columns")
def show_columns(entity: str) -> Response:
    """Show the fields that can be columns, as a part of the list or as a page of its own."""
    ctx = context()
    found = require_entity(ctx, entity)
    state = opened(ctx, book_here(ctx, entity), read_state(entity, request.args)).state
    shape = _shape(ctx, entity, state.view, looks_of(ctx, book_here(ctx, entity), state).columns)
    lines = _lines(ctx, shape)
    page = ColumnsPage(
        "Columns",
        entity,
        heading=plural_of(found),
        lines=lines,
        state=state,
        place=view_of(ctx, state),
        back=state.here(),
        searches=len(lines) > 12,
    )
    return render("list_columns_part.html" if wants_part() else "list_columns.html", page)


def _lines(ctx: Context, shape: Shape) -> list[ChosenColumn]:
    labels = column_choices(ctx, shape.entity.name)
    shown = {column.name: column.label for column in shape.columns}
    lines = [ChosenColumn(name, label, True, shape.titled and not at) for at, (name, label) in enumerate(shown.items())]
    return lines + [ChosenColumn(name, label, False) for name, label in labels.items() if name not in shown]


@blueprint.post("/columns")
def choose_columns(entity: str) -> BaseResponse:
    """Keep the person's columns of a view, in the order of the form; a pressed arrow moves one of them."""
    ctx = context()
    require_entity(ctx, entity)
    place = _place(ctx, entity, request.form.get("place", ""))
    labels = column_choices(ctx, entity)
    chosen = [name for name in dict.fromkeys(request.form.getlist("column")) if name in labels][:MOST_COLUMNS]
    chosen = _moved(chosen, request.form.get("_move", ""))
    state = read_state(entity, request.form)

    def work(ctx: Context) -> None:
        mine = book.book_of(ctx, entity).place(place).looks
        looks = Looks() if "_reset" in request.form else replace(mine, columns=tuple(chosen))
        book.put_looks(ctx, entity, place, looks)

    write(work)
    return redirect(state.here("/columns") if "_move" in request.form else state.here(), 303)


@blueprint.post("/widths")
def keep_width(entity: str) -> BaseResponse:
    """Keep the width of one column for the person; a blank width gives the column back to the view."""
    ctx = context()
    require_entity(ctx, entity)
    place, name = _place(ctx, entity, request.form.get("place", "")), request.form.get("name", "")
    width = request.form.get("width", "")
    if name not in column_choices(ctx, entity) or not (width.isascii() and (width.isdigit() or not width)):
        raise Invalid("no_such_width", "A column has a width in whole pixels.", "Drag its edge again.", status=400)

    def work(ctx: Context) -> None:
        mine = book.book_of(ctx, entity).place(place).looks
        widths = {column: kept for column, kept in mine.widths.items() if column != name}
        if width:
            widths[name] = fitting_width(int(width[:6]))
        book.put_looks(ctx, entity, place, replace(mine, widths=widths))

    write(work)
    return Response(status=204)


@blueprint.post("/density")
def keep_density(entity: str) -> BaseResponse:
    """Keep how close rows stand in all lists of the person."""
    require_entity(context(), entity)
    write(lambda ctx: book.put_density(ctx, request.form.get("density", "")))
    return redirect(safe_next(request.form.get("next")), 303)


def _place(ctx: Context, entity: str, name: str) -> str:
    """Return the view that something is kept for; raises NotFound for one that the person does not see."""
    seen: Book = book_here(ctx, entity)
    if name in seen.saved or shape_of(ctx, entity, name) is not None:
        return name or ALL
    raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")


def _shape(ctx: Context, entity: str, view: str, columns: tuple[str, ...] = ()) -> Shape:
    shape = shape_of(ctx, entity, view, columns)
    if shape is None:
        raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")
    return shape
