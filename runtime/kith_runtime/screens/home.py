"""The first page: what a person has to do, what they worked on lately, and the way into each app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Forbidden, NotFound
from kith_runtime import records
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries import Query, select, titles
from kith_runtime.records.errors import ValidationFailed, VersionConflict
from kith_runtime.screens.addresses import list_address, new_address, record_address
from kith_runtime.screens.blocks import Block, block
from kith_runtime.screens.duties import Task, counted_tasks, duties
from kith_runtime.screens.list_shape import shape_of
from kith_runtime.screens.rendering import Page, render, toast
from kith_runtime.screens.shell import NavGroup, NavItem, shell_of
from kith_runtime.screens.store import own_changes
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("home", __name__)

MOST_TASKS = 8
MOST_CHANGES = 8
_NOON, _EVENING = 12, 18


@dataclass(frozen=True, slots=True)
class Tasks:
    """The next open activities, how many there are, and where to see all and make more."""

    items: Sequence[Task]
    count: int
    capped: bool
    lists: Sequence[tuple[str, str]]
    create: str


@dataclass(frozen=True, slots=True)
class Change:
    """A record that the person changed lately."""

    title: str
    url: str
    kind: str
    icon: str
    verb: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tile:
    """An entity of a menu with how many of its records the person may see."""

    item: NavItem
    count: int
    capped: bool


@dataclass(frozen=True, slots=True)
class HomePage(Page):
    """The first page; each block may have failed alone."""

    greeting: str = ""
    day: str = ""
    tasks: Block[Tasks] | None = None
    changes: Block[Sequence[Change]] | None = None
    tiles: Sequence[Block[Sequence[Tile]]] = ()


@blueprint.get("/")
def show_home() -> Response:
    """Show the first page."""
    ctx = context()
    groups = [group for group in shell_of(ctx).groups if group.items]
    page = HomePage(
        "Home",
        greeting=greeting(ctx),
        day=_day(ctx),
        tasks=block(ctx, "tasks", "My tasks", lambda: _tasks(ctx)) if duties(ctx) else None,
        changes=block(ctx, "changes", "Changed by me", lambda: _changes(ctx)),
        tiles=[block(ctx, group.name, group.label, partial(_tiles, ctx, group)) for group in groups],
    )
    return render("home.html", page)


@blueprint.post("/duties/<entity>/<record>/done")
def send_done(entity: str, record: str) -> BaseResponse:
    """End an open activity where it stands on the first page."""
    ctx = context()
    duty = next((item for item in duties(ctx) if item.entity == entity and item.done), None)
    if duty is None:
        raise NotFound("unknown_duty", "There is nothing to do here that you could end.", "Go back to the first page.")

    def work(ctx: Context) -> str:
        records.update(ctx, entity, record, {duty.state: duty.done})
        return ctx.trace

    try:
        trace = write(work)
    except (ValidationFailed, VersionConflict, Forbidden) as refused:
        toast(f"{refused.message} {refused.hint}".strip(), icon="alert-triangle")
        return redirect("/", 303)
    title = titles(reopen(), entity, [record]).get(record)
    toast(f"{title or 'It'} is done.", undo=undo_address(trace))
    return redirect("/", 303)


def greeting(ctx: Context) -> str:
    """Return a greeting by the person's own clock and first name."""
    hour = ctx.now.astimezone(ctx.locale.dates.zone).hour
    part = "morning" if hour < _NOON else "afternoon" if hour < _EVENING else "evening"
    first = ctx.actor.name.split(" ")[0] if ctx.actor.name else ""
    return f"Good {part}, {first}" if first else f"Good {part}"


def _day(ctx: Context) -> str:
    """Return today with its weekday, in the person's words."""
    return ctx.locale.dates.full(ctx.now).rsplit(", ", 1)[0]


def _tasks(ctx: Context) -> Tasks:
    found, count, capped = counted_tasks(ctx, MOST_TASKS)
    lists = [(ctx.snapshot.entity(duty.entity).plural, list_address(duty.entity)) for duty in duties(ctx)]
    create = next((new_address(duty.entity) for duty in duties(ctx) if rights_for(ctx, duty.entity).create), "")
    return Tasks(found, count, capped, lists, create)


def _changes(ctx: Context) -> Sequence[Change]:
    rows = [row for row in own_changes(ctx, MOST_CHANGES) if row[3] != "delete" and ctx.snapshot.has("entity", row[0])]
    known: dict[tuple[str, str], str] = {}
    for name in dict.fromkeys(row[0] for row in rows):
        ids = [row[1] for row in rows if row[0] == name]
        known.update({(name, record): title for record, title in titles(ctx, name, ids).items()})
    return [_change(ctx, row, known[row[0], row[1]]) for row in rows if (row[0], row[1]) in known]


def _change(ctx: Context, row: tuple[str, str, datetime, str], title: str) -> Change:
    name, record, at, action = row
    entity = ctx.snapshot.entity(name)
    verb = {"create": "added", "restore": "restored"}.get(action, "changed")
    shown = title or f"Untitled {ctx.snapshot.said(entity.label)}"
    return Change(shown, record_address(name, record), entity.label, entity.icon, verb, at)


def _tiles(ctx: Context, group: NavGroup) -> Sequence[Tile]:
    return [_tile(ctx, item) for item in group.items]


def _tile(ctx: Context, item: NavItem) -> Tile:
    view = item_view(item)
    shape = shape_of(ctx, item.entity, view) if view else None
    where = (shape.where,) if shape is not None and shape.where is not None else ()
    page = select(ctx, Query(item.entity, ("id",), filters=where, limit=1, count="capped"))
    return Tile(item, page.count or 0, page.capped)


def item_view(item: NavItem) -> str:
    """Return the view that a navigation entry opens, as its address names it."""
    return dict(parse_qsl(urlsplit(item.url).query)).get("view", "")
