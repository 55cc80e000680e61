"""The bell: what others did that the person should know of, and what is due; each seen with the person's own rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.personal.notices import ASSIGNED, FOLLOWED, MENTIONED
from kith_runtime.personal.preferences import chosen_of
from kith_runtime.personal.store import drop_notices, mark_read, newest_notices, notice_target
from kith_runtime.queries import titles
from kith_runtime.screens.addresses import record_address, safe_next
from kith_runtime.screens.duties import Task, open_tasks
from kith_runtime.screens.rendering import Page, render, render_part, toast
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("notices", __name__)

MOST = 50
IN_PANEL = 12
KEPT = timedelta(days=90)

_WORDS = {
    ASSIGNED: "gave you this {label}",
    MENTIONED: "mentioned you",
    FOLLOWED: "changed this {label}",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the bell."""

    id: str
    title: str
    url: str
    icon: str
    by: str
    words: str
    at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class NoticesPage(Page):
    """The bell as a page: what happened, and what is due today or late."""

    notices: Sequence[Notice] = ()
    due: Sequence[Task] = ()
    unread: int = 0
    preferences: dict[str, str] = field(default_factory=dict)


@blueprint.get("/notices")
def show_notices() -> Response:
    """Show the newest notices and what is due."""
    return render("notices.html", _page(context(), MOST))


@blueprint.get("/notices/panel")
def show_panel() -> str:
    """Return the same as a panel under the bell."""
    page = _page(context(), IN_PANEL)
    return render_part(current_app.jinja_env.get_template("notices_panel.html"), {"page": page})


@blueprint.get("/notices/<notice>")
def open_notice(notice: str) -> BaseResponse:
    """Mark a notice read and go to its record."""
    ctx = context()
    found = notice_target(ctx, notice)
    if found is None or not ctx.snapshot.has("entity", found[0]):
        raise NotFound("no_notice", "This notice is gone.", "Look at the others.")
    write(lambda writing: mark_read(writing, notice))
    return redirect(record_address(*found), 303)


@blueprint.post("/notices/read")
def send_read() -> BaseResponse:
    """Mark all notices read; old ones that were read go away."""

    def work(ctx: Context) -> int:
        count = mark_read(ctx)
        drop_notices(ctx, ctx.now - KEPT)
        return count

    count = write(work)
    if request.headers.get("HX-Request") == "true":
        page = _page(reopen(), IN_PANEL)
        part = render_part(current_app.jinja_env.get_template("notices_panel.html"), {"page": page})
        return Response(part, headers={"HX-Trigger": "kith-favourites"})
    toast("Everything was read before." if not count else "All notices are marked as read.")
    return redirect(safe_next(request.form.get("next") or "/notices"), 303)


def _page(ctx: Context, limit: int) -> NoticesPage:
    preferences = chosen_of(ctx)
    notices = list(_notices(ctx, limit))
    due = [task for task in open_tasks(ctx, limit) if task.day is not None and task.day <= _today(ctx)]
    return NoticesPage(
        "Inbox",
        notices=notices,
        due=due if preferences["notice_due"] == "on" else (),
        unread=sum(notice.unread for notice in notices),
        preferences=preferences,
    )


def _today(ctx: Context) -> date:
    return ctx.locale.dates.today(ctx.now)


def _people(ctx: Context) -> bool:
    return ctx.snapshot.has("entity", PERSON) and rights_for(ctx, PERSON).visible


def _notices(ctx: Context, limit: int) -> Iterator[Notice]:
    rows = [
        row
        for row in newest_notices(ctx, limit)
        if ctx.snapshot.has("entity", row["entity"]) and rights_for(ctx, row["entity"]).visible
    ]
    known: dict[tuple[str, str], str] = {}
    for entity in dict.fromkeys(row["entity"] for row in rows):
        ids = list({row["record_id"] for row in rows if row["entity"] == entity})
        known.update({(entity, record): title for record, title in titles(ctx, entity, ids).items()})
    # As they are called now; a name that its reader may not look up stays as it was told.
    names = titles(ctx, PERSON, list({row["actor_id"] for row in rows if row["actor_id"]})) if _people(ctx) else {}
    for row in rows:
        title = known.get((row["entity"], row["record_id"]))
        if title is None:
            continue  # the record is not for these eyes any more
        entity = ctx.snapshot.entity(row["entity"])
        yield Notice(
            id=row["id"],
            title=title or f"Untitled {ctx.snapshot.said(entity.label)}",
            url=f"/notices/{row['id']}",
            icon=entity.icon,
            by=names.get(row["actor_id"]) or row["actor_name"],
            words=_WORDS.get(row["kind"], "changed this {label}").format(label=ctx.snapshot.said(entity.label)),
            at=row["at"],
            unread=row["read_at"] is None,
        )
