"""The first page: what a person has to do, what they worked on lately, and the way into each app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response

from kith_metadata.kinds.entity import Entity
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types._options import options_of
from kith_runtime.field_types.base import quoted
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Query, select, titles
from kith_runtime.screens.addresses import list_address, new_address, record_address
from kith_runtime.screens.blocks import Block, block
from kith_runtime.screens.list_shape import shape_of
from kith_runtime.screens.rendering import Page, render
from kith_runtime.screens.shell import NavGroup, NavItem, shell_of
from kith_runtime.screens.store import own_changes
from kith_runtime.web.state import context

blueprint = Blueprint("home", __name__)

MOST_TASKS = 8
MOST_CHANGES = 8
_NOON, _EVENING = 12, 18


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of activity that is done by a day: its entity, the field of the day, and which of its records are open."""

    entity: str
    title: str
    day: str
    where: str


@dataclass(frozen=True, slots=True)
class Task:
    """An open activity of the person; ``late`` counts days."""

    title: str
    url: str
    kind: str
    icon: str
    day: date | None


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


def greeting(ctx: Context) -> str:
    """Return a greeting by the person's own clock and first name."""
    hour = ctx.now.astimezone(ctx.locale.dates.zone).hour
    part = "morning" if hour < _NOON else "afternoon" if hour < _EVENING else "evening"
    first = ctx.actor.name.split(" ")[0] if ctx.actor.name else ""
    return f"Good {part}, {first}" if first else f"Good {part}"


def _day(ctx: Context) -> str:
    """Return today with its weekday, in the person's words."""
    return ctx.locale.dates.full(ctx.now).rsplit(", ", 1)[0]


def duties(ctx: Context) -> tuple[Duty, ...]:
    """Return the activities with an owner and a day by which they are to be done, as the metadata has them."""
    return ctx.published.compiled(("duties", rights_key(ctx.actor)), lambda: tuple(_duties(ctx)))


def _duties(ctx: Context) -> Iterator[Duty]:
    for name in ctx.snapshot.entities():
        entity = ctx.snapshot.entity(name)
        if not entity.activity or entity.ownership != "user":
            continue
        rights = rights_for(ctx, name)
        day = next((item.name for item in entity.fields.values() if item.type == "date"), "")
        closed = _open_condition(ctx, entity)
        readable = rights.visible and {entity.title, day, "owner"} <= rights.readable
        if day and closed and readable:
            yield Duty(name, entity.title, day, f"owner == me and {closed}")


def _open_condition(ctx: Context, entity: Entity) -> str:
    """Return the condition under which a record is not done with; empty when its choices do not tell."""
    readable = rights_for(ctx, entity.name).readable
    for declared in fields_of(ctx.snapshot, entity.name).values():
        if declared.type == "choice" and declared.name in readable:
            options = options_of(declared, ctx.snapshot)
            done = [quoted(name) for name, option in options.items() if option.closed]
            if done:
                return f"{declared.name} not in [{', '.join(done)}]"
    return ""


def _tasks(ctx: Context) -> Tasks:
    found: list[Task] = []
    count, capped = 0, False
    for duty in duties(ctx):
        entity = ctx.snapshot.entity(duty.entity)
        query = Query(
            duty.entity,
            ("id", duty.title, duty.day),
            where=duty.where,
            sort=(duty.day,),
            limit=MOST_TASKS,
            count="capped",
        )
        page = select(ctx, query)
        count, capped = count + (page.count or 0), capped or page.capped
        for record, title, day in page.rows:
            url = record_address(duty.entity, record)
            found.append(Task(str(title or f"Untitled {entity.label.lower()}"), url, entity.label, entity.icon, day))
    found.sort(key=lambda task: (task.day is None, task.day or date.max))
    lists = [(ctx.snapshot.entity(duty.entity).plural, list_address(duty.entity)) for duty in duties(ctx)]
    create = next((new_address(duty.entity) for duty in duties(ctx) if rights_for(ctx, duty.entity).create), "")
    return Tasks(found[:MOST_TASKS], count, capped, lists, create)


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
    shown = title or f"Untitled {entity.label.lower()}"
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
