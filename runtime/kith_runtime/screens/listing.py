"""The list of an entity's records: saved views, filters, sort, pages, figures, and work on what is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import ExpressionError
from kith_metadata.kinds.entity import Entity
from kith_metadata.registry import nearest
from kith_platform.errors import Invalid, NotFound
from kith_runtime import bulk_runs, records
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries import select
from kith_runtime.queries.query import Page as Rows
from kith_runtime.records import Operation
from kith_runtime.records.going import what_goes
from kith_runtime.screens.addresses import bin_address, list_address, new_address, safe_next
from kith_runtime.screens.cells import who
from kith_runtime.screens.field_alone import editable_parts
from kith_runtime.screens.list_builder import (
    BUTTONS,
    Builder,
    applied,
    blank_builder,
    builder_of,
    draw_builder,
    fitting,
    redrawn,
)
from kith_runtime.screens.list_bulk import Actions, actions_of
from kith_runtime.screens.list_empty import Emptiness, emptiness
from kith_runtime.screens.list_figures import (
    Figures,
    Question,
    first_figures,
    later_figures,
    problem_text,
    query_of,
    view_counts,
)
from kith_runtime.screens.list_filters import Filter, read_filter
from kith_runtime.screens.list_groups import Grouped, grouped
from kith_runtime.screens.list_heads import Head, heads_of
from kith_runtime.screens.list_look import Look, Saving, look_of, saving_of
from kith_runtime.screens.list_seen import TabLink, book_here, looks_of, opened, tab_links
from kith_runtime.screens.list_shape import Shape, plural_of, shape_of
from kith_runtime.screens.list_state import ListState, read_state
from kith_runtime.screens.list_tree import is_sent
from kith_runtime.screens.rendering import Alike, Page, render, render_alike, toast
from kith_runtime.screens.store import deletions_at
from kith_runtime.screens.views.registry import Way, require_fitting, screen_of, ways_of
from kith_runtime.web.state import context, server, write

blueprint = Blueprint("listing", __name__)
blueprint.add_app_template_filter(who, "who")

MOST_SELECTED = 200
_MOMENT = "%Y%m%d%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Pager:
    """The ways on from a page: back, forth, and the same page with everything counted."""

    previous: str = ""
    next: str = ""
    exact: str = ""


@dataclass(frozen=True, slots=True)
class ListPage(Page):
    """A list. ``problem`` stands in the place of the rows when the address asks for something that cannot be."""

    heading: str = ""
    plural: str = ""
    description: str = ""
    state: ListState | None = None
    tabs: Sequence[TabLink] = ()
    heads: Sequence[Head] = ()
    rows: str = ""
    filter: Filter | None = None
    filter_drawn: str = ""
    filter_words: str = ""
    filter_open: bool = False
    selects: bool = False
    actions: Actions | None = None
    editable: str = ""
    versions: str = ""
    finds: bool = False
    create: str = ""
    bin: str = ""
    label: str = ""
    figures: Figures | None = None
    figures_url: str = ""
    ways: Sequence[Way] = ()
    saving: Saving | None = None
    look: Look | None = None
    row_groups: Grouped | None = None
    pager: Pager = field(default_factory=Pager)
    problem: str = ""
    clean: str = ""
    empty: Emptiness | None = None
    broken: Sequence[str] = ()
    here: str = ""
    columns: int = 0


@dataclass(frozen=True, slots=True)
class FiguresPart(Page):
    """The counts of the tabs and the foot of a list, fetched after the list was shown."""

    tabs: Sequence[TabLink] = ()
    figures: Figures | None = None
    exact: str = ""


@blueprint.get("/e/<entity>")
def show_list(entity: str) -> BaseResponse:
    """Show one page of a list; what the address asks for and cannot be is said on the page, with a way back."""
    ctx = context()
    require_entity(ctx, entity)
    asked = read_state(entity, request.args)
    builder = None
    if is_sent(request.args):
        sent = applied(ctx, asked, request.args)
        edited = any(button in request.args for button in BUTTONS)
        if sent.builder is None and not edited:
            return redirect(sent.state.here(), 303)
        builder = redrawn(ctx, asked, request.args, False) if edited else sent.builder
        asked = fitting(ctx, sent.state) if edited else sent.state
    book = book_here(ctx, entity)
    found = opened(ctx, book, asked)
    state = found.state
    shape = shape_of(ctx, entity, state.view, looks_of(ctx, book, state).columns)
    if shape is None or found.lost:
        return _without_view(ctx, replace(state, view=found.lost or state.view))
    require_fitting(ctx, shape, state)
    screen = screen_of(ctx, shape, state)
    if screen is None or builder is not None:
        return _answer(ctx, shape, state, builder)
    return screen(ctx, shape, state)


def _without_view(ctx: Context, state: ListState) -> Response:
    fallback = shape_of(ctx, state.entity, "")
    if fallback is None:
        raise _unknown()
    names = tuple(tab.name for tab in fallback.tabs)
    near = nearest(state.view, names)
    label = next((tab.label for tab in fallback.tabs if tab.name == near), "")
    hint = f" Did you mean {label}?" if label else ""
    problem = f"There is no view '{state.view}' here, or it is not for you.{hint}"
    return _page(ctx, fallback, ListState(state.entity), Answer(problem=problem, status=404))


def _answer(ctx: Context, shape: Shape, state: ListState, builder: Builder | None) -> BaseResponse:
    found = read_filter(ctx, state)
    problem = found.problem or (builder.problem if builder is not None else "")
    if problem:
        return _page(ctx, shape, state, Answer(found, problem=problem, status=400, builder=builder))
    try:
        groups = grouped(ctx, shape, Question(state, found)) if state.group else Grouped()
        if groups.groups:
            return _page(ctx, shape, state, Answer(found, Rows((), (), (), ()), builder=builder, groups=groups))
        page = select(ctx, replace(query_of(shape, Question(state, found)), reasons=True))
    except (Invalid, ExpressionError) as fault:
        return _page(ctx, shape, state, Answer(found, problem=problem_text(fault), status=400, builder=builder))
    return _page(ctx, shape, state, Answer(found, page, builder=builder, groups=groups))


def require_entity(ctx: Context, entity: str) -> Entity:
    """Return an entity that the actor may see; one that they may not see sounds like one that does not exist."""
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise _unknown()
    return ctx.snapshot.entity(entity)


def _unknown() -> NotFound:
    message = "There is no such list, or you may not see it."
    return NotFound("unknown_entity", message, "Choose one from the menu.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to: rows, or a problem with the status that fits it; ``builder`` is one in the making."""

    filter: Filter = field(default_factory=Filter)
    rows: Rows | None = None
    problem: str = ""
    status: int = 200
    builder: Builder | None = None
    groups: Grouped = field(default_factory=Grouped)


def _page(ctx: Context, shape: Shape, state: ListState, answer: Answer) -> Response:
    rows, actions = answer.rows, None
    if shape.selects and rows is not None:
        actions = actions_of(ctx, state.entity)
    figures = first_figures(ctx, shape, Question(state, answer.filter), rows)
    ways_on = pager(shape, state, rows)
    own = {
        "rows": Markup(draw_rows(ctx, shape, rows)),  # noqa: S704  # drawn by a template that escapes
        "versions": "" if rows is None else " ".join(map(str, rows.versions)),
        "here": state.here(),
        "figures_url": figures_url(state, rows),
        "previous": ways_on.previous,
        "next": ways_on.next,
        "exact": ways_on.exact,
        "shown": figures.shown,
        "total": figures.total,
    }

    def page(own: Mapping[str, Any]) -> ListPage:
        frame = frame_of(ctx, shape, state, answer) | {"here": own["here"], "figures_url": own["figures_url"]}
        looks = looks_of(ctx, book_here(ctx, state.entity), state)
        return ListPage(
            **frame,
            heads=heads_of(shape, state, looks.widths) if rows is not None else (),
            look=look_of(ctx, shape, state),
            rows=own["rows"],
            selects=shape.selects,
            editable=" ".join(name for name in editable_parts(ctx, state.entity) if name in shape.fields),
            versions=own["versions"],
            actions=actions,
            figures=replace(figures, shown=own["shown"], total=own["total"] if figures.total else ""),
            pager=Pager(own["previous"] if ways_on.previous else "", own["next"] if ways_on.next else "", own["exact"]),
            empty=None if answer.groups.groups else emptiness(ctx, shape, state, rows),
            row_groups=answer.groups,
            broken=tuple(f"{column.label}: {column.broken}" for column in shape.columns if column.broken),
            columns=len(shape.columns),
        )

    if not _is_usual(state, answer) or (actions is not None and actions.begun):
        return render("list.html", page(own), status=answer.status)
    question = replace(state, after="", before="", start=1)
    signs = (bool(figures.total), figures.pending, bool(ways_on.previous), bool(ways_on.next))
    return render_alike(Alike("list.html", (question, repr(book_here(ctx, state.entity)), signs), page, own))


def _is_usual(state: ListState, answer: Answer) -> bool:
    """Tell whether a page of rows differs from others with its question in its rows alone: nothing narrows it."""
    rows = answer.rows is not None and bool(answer.rows.rows)
    asks = state.filtered or state.exact or bool(state.group)
    return rows and not asks and answer.builder is None and answer.status == 200 and not answer.groups.note


def frame_of(ctx: Context, shape: Shape, state: ListState, answer: Answer) -> dict[str, Any]:
    """Return what stands around the records in every way to show them: head, tabs and filter."""
    name = state.entity
    return {
        "title": plural_of(shape.entity),
        "entity": name,
        "heading": plural_of(shape.entity),
        "plural": ctx.snapshot.said(plural_of(shape.entity)),
        "label": shape.entity.label,
        "description": shape.entity.description,
        "state": state,
        "tabs": tab_links(ctx, shape, state),
        "saving": saving_of(ctx, shape, state),
        "ways": ways_of(ctx, shape, state),
        "filter": answer.filter,
        **_filter_of(ctx, state, answer),
        "finds": shape.finds,
        "create": new_address(name) if shape.rights.create else "",
        "bin": bin_address(name) if not shape.rights.delete.nothing else "",
        "figures_url": figures_url(state, answer.rows),
        "problem": answer.problem,
        "clean": replace(ListState(name, state.looked_at), more=state.more).here(),
        "here": state.here(),
    }


def figures_url(state: ListState, rows: Rows | None) -> str:
    """Return the address from which a list that is shown fetches its count and sums."""
    sizes = urlencode({"from": str(state.start), "shown": str(0 if rows is None else len(rows.rows))})
    address = state.here("/figures")
    return f"{address}{'&' if '?' in address else '?'}{sizes}"


def _filter_of(ctx: Context, state: ListState, answer: Answer) -> dict[str, Any]:
    """Return the builder as markup, whether it is open, and the words of what has no chip of its own."""
    asked = state.conditions or state.where or answer.builder is not None
    builder = (answer.builder or builder_of(ctx, state)) if asked else None
    drawn = blank_builder(ctx, state.entity) if builder is None else draw_builder(ctx, state.entity, builder)
    return {
        "filter_drawn": drawn,
        "filter_words": builder.words if builder is not None else "",
        "filter_open": answer.builder is not None or bool(answer.filter.problem),
    }


def draw_rows(ctx: Context, shape: Shape, rows: Rows | None) -> str:
    """Return the rows of a page as markup, by the template of their shape."""
    if rows is None:
        return ""
    return shape.draw(rows.rows, ctx.locale, ctx.now, ctx.locale.dates.today(ctx.now), server().assets.icon)


def pager(shape: Shape, state: ListState, rows: Rows | None) -> Pager:
    """Return the addresses of the pages before and after the one that is shown."""
    if rows is None:
        return Pager()
    size = shape.page_size
    back = state.address(before=rows.previous, after="", start=max(1, state.start - size)) if rows.previous else ""
    on = state.address(after=rows.next, before="", start=state.start + len(rows.rows)) if rows.next else ""
    return Pager(back, on, state.address(exact=True, **_cursor(state)))


def _cursor(state: ListState) -> dict[str, Any]:
    return {"after": state.after, "before": state.before, "start": state.start}


@blueprint.get("/e/<entity>/figures")
def show_figures(entity: str) -> Response:
    """Return the counts of the saved views, and the foot with count and sums, for a list that is shown already."""
    ctx = context()
    require_entity(ctx, entity)
    state = read_state(entity, request.args)
    shape = shape_of(ctx, entity, state.view)
    if shape is None:
        raise _unknown()
    text = request.args.get("shown", "")
    shown = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    asked = Question(state, read_filter(ctx, state))
    counts = view_counts(ctx, entity)
    figures = later_figures(ctx, shape, asked, shown)
    exact = state.address(exact=True, **_cursor(state))
    part = FiguresPart("Figures", entity, tab_links(ctx, shape, state, counts), figures, exact)
    return render("list_figures.html", part)


@blueprint.post("/e/<entity>/bulk")
def change_selected(entity: str) -> BaseResponse:
    """Delete the records that are ticked, each by the same door as a single one."""
    ids = list(dict.fromkeys(request.form.getlist("id")))[:MOST_SELECTED]
    back = safe_next(request.form.get("next"))
    if request.form.get("action") != "delete":
        raise Invalid("unknown_action", "This list has no such action.", "Go back and choose one.", status=400)
    if not ids:
        toast("Nothing was selected.", icon="info-circle")
        return redirect(back, 303)
    # Only where something goes along is it asked before: the rest comes back with one click.
    if what_goes(context(), entity, ids).along:
        run = write(lambda ctx: bulk_runs.draft(ctx, entity, ids, back))
        return redirect(f"/e/{entity}/runs/{run.id}?do=delete", 303)
    write(lambda ctx: _delete(ctx, require_entity(ctx, entity), ids))
    return redirect(back, 303)


def _delete(ctx: Context, entity: Entity, ids: Sequence[str]) -> None:
    results = records.bulk(ctx, [Operation("delete", entity.name, record) for record in ids])
    failed = [result.error for result in results if result.error is not None]
    done = len(results) - len(failed)
    undo = f"/e/{entity.name}/undo/{ctx.now.strftime(_MOMENT)}" if done else ""
    said = f"{counted(ctx, entity, done)} deleted" if done else "Nothing was deleted"
    if failed:
        said += f", {len(failed)} not. {failed[0]}" if done else f". {failed[0]}"
    toast(said if failed else f"{said}.", undo=undo, icon="trash")


def counted(ctx: Context, entity: Entity, number: int) -> str:
    """Return a number with what is counted: “1 deal”, “4 deals”."""
    return f"{number} {ctx.snapshot.said(entity.label if number == 1 else plural_of(entity))}"


@blueprint.post("/e/<entity>/undo/<moment>")
def undo_delete(entity: str, moment: str) -> BaseResponse:
    """Bring back what one deletion of the list took; only the person who deleted can."""
    try:
        at = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise NotFound("no_deletion", "There is nothing to undo here.", "Look into the recycle bin.") from None

    def work(ctx: Context) -> None:
        found = require_entity(ctx, entity)
        ids = deletions_at(ctx, entity, at)
        results = records.bulk(ctx, [Operation("restore", entity, record) for record in ids])
        failed = [result.error for result in results if result.error is not None]
        done = len(results) - len(failed)
        said = f"{counted(ctx, found, done)} restored" if done else "Nothing was restored"
        toast(f"{said}, {len(failed)} not. {failed[0]}" if failed else f"{said}.", icon="arrow-back-up")

    write(work)
    return redirect(_back(entity), 303)


def _back(entity: str) -> str:
    """Return the list that somebody came from, as far as the browser tells, else the entity's list."""
    came = urlsplit(request.referrer or "")
    target = came.path + (f"?{came.query}" if came.query else "")
    return safe_next(target) if came.netloc == request.host and came.path == f"/e/{entity}" else list_address(entity)
