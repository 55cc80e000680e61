"""What a person has to do: their open activities with a day, of whichever entities the metadata says are activities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kith_metadata.expressions.nodes import Compare, Logic, Node, Person
from kith_metadata.expressions.nodes import Field as FieldNode
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Entity
from kith_metadata.kinds.view import View
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked, quoted
from kith_runtime.queries import Query, select
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.list_shape import views_for
from kith_runtime.screens.row_state import closing_choice


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of activity that is done by a day: its entity, the field of the day, and which of its records are open.

    ``state`` with ``done`` ends one; ``done`` is empty where the person may not. ``about`` points to what it is about;
    empty where nothing does.
    """

    entity: str
    title: str
    day: str
    where: str
    about: str
    state: str
    done: str


@dataclass(frozen=True, slots=True)
class Task:
    """An open activity of the person; a POST to ``done`` ends it, where it may be."""

    title: str
    url: str
    kind: str
    icon: str
    day: date | None
    about: Linked | None
    done: str


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
        state, closed = _ends(ctx, entity)
        readable = rights.visible and {entity.title, day, "owner"} <= rights.readable
        if day and closed and readable:
            opened = f"owner == me and {state} not in [{', '.join(quoted(option) for option in closed)}]"
            may = not rights.update.nothing and state in rights.editable
            yield Duty(name, entity.title, day, opened, _about(ctx, entity), state, closed[0] if may else "")


def _about(ctx: Context, entity: Entity) -> str:
    readable = rights_for(ctx, entity.name).readable
    fields = (item for item in entity.fields.values() if item.type in ("lookup", "any_lookup"))
    return next((item.name for item in fields if item.name in readable and not item.hidden), "")


def own_view(ctx: Context, duty: Duty) -> View | None:
    """Return the list that shows the actor's own records of a duty; None when the metadata has no such view.

    It is the one that asks for little else than that the owner is the person who looks.
    """
    found: dict[int, View] = {}
    for view in views_for(ctx, duty.entity):
        if view.type == "list" and view.where:
            root = checked_expression(ctx.published, view.entity, view.where, BOOLEAN).root
            parts = root.operands if isinstance(root, Logic) and root.operator == "and" else (root,)
            if any(_is_mine(part) for part in parts):
                found.setdefault(len(parts), view)
    return found[min(found)] if found else None


def _is_mine(condition: Node) -> bool:
    if not isinstance(condition, Compare) or condition.operator != "==":
        return False
    sides = (condition.left, condition.right)
    return any(isinstance(side, Person) and not side.path for side in sides) and any(
        isinstance(side, FieldNode) and side.path == ("owner",) for side in sides
    )


def counted_due(ctx: Context) -> list[str]:
    """Return for each duty how many of the actor's records are due today or late, as the navigation shows it."""
    return [_due(ctx, duty) for duty in duties(ctx)]


def _due(ctx: Context, duty: Duty) -> str:
    query = Query(duty.entity, ("id",), where=f"{duty.where} and {duty.day} <= today()", limit=1, count="capped")
    page = select(ctx, query)
    return f"{page.count:,}+" if page.capped and page.count else str(page.count or "")


def _ends(ctx: Context, entity: Entity) -> tuple[str, tuple[str, ...]]:
    """Return the choice that tells when a record is done with, and the options that say so; nothing where none does."""
    found = closing_choice(ctx.snapshot, entity.name, rights_for(ctx, entity.name).readable)
    return ("", ()) if found is None else (found[0].name, found[1])


def open_tasks(ctx: Context, limit: int) -> list[Task]:
    """Return the actor's open activities, those that are due first."""
    return counted_tasks(ctx, limit)[0]


def counted_tasks(ctx: Context, limit: int) -> tuple[list[Task], int, bool]:
    """Return the actor's open activities, those that are due first, with how many there are and whether there are more.

    The list ends at ``limit``; the count is capped as counts of lists are.
    """
    found: list[Task] = []
    count, capped = 0, False
    for duty in duties(ctx):
        fields = ("id", duty.title, duty.day, *((duty.about,) if duty.about else ()))
        query = Query(duty.entity, fields, where=duty.where, sort=(duty.day,), limit=limit, count="capped", titles=True)
        page = select(ctx, query)
        count, capped = count + (page.count or 0), capped or page.capped
        found += [_task(ctx, duty, row) for row in page.rows]
    found.sort(key=lambda task: (task.day is None, task.day or date.max))
    return found[:limit], count, capped


def _task(ctx: Context, duty: Duty, row: Sequence[Any]) -> Task:
    record, title, day, *about = row
    entity = ctx.snapshot.entity(duty.entity)
    return Task(
        title=str(title or f"Untitled {ctx.snapshot.said(entity.label)}"),
        url=record_address(duty.entity, record),
        kind=entity.label,
        icon=entity.icon,
        day=day,
        about=next((item for item in about if isinstance(item, Linked)), None),
        done=f"/duties{record_address(duty.entity, record).removeprefix('/e')}/done" if duty.done else "",
    )
