"""Sessions of everybody: every browser that is signed in now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_platform.identity import Session
from kith_runtime.administration import people, store
from kith_runtime.administration.browsers import browser_in_words
from kith_runtime.context import Context
from kith_runtime.screens.administration.frame import (
    AdminPage,
    ConfirmPage,
    Pages,
    confirm,
    entered,
    here,
    sections_of,
)
from kith_runtime.screens.parameters import Unfit
from kith_runtime.screens.rendering import render, toast
from kith_runtime.web.state import server, state, write

blueprint = Blueprint("admin_sessions", __name__, url_prefix="/admin/sessions")

_PAGE = 50


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser; ``own`` is the one that looks at the page."""

    id: str
    person_id: str
    person: str
    browser: str
    address: str
    began: datetime
    seen: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class AdminSessionsPage(AdminPage):
    """All live sessions, the latest used first."""

    rows: Sequence[SessionRow] = ()
    pages: Pages = field(default_factory=Pages)


@blueprint.get("")
def show_sessions() -> Response:
    """List the sessions."""
    ctx = entered("sessions")
    before = _position(request.args.get("seen", ""), request.args.get("before", ""))
    for name in ("seen", "before"):
        if before is None and request.args.get(name):
            raise Unfit(name, "There is no such place in the list of sessions.")
    found = store.live_sessions(ctx, before, _PAGE + 1)
    next_page = ""
    if len(found) > _PAGE and isinstance(last := found[_PAGE - 1].item, Session):
        next_page = f"/admin/sessions?{urlencode({'seen': last.last_seen_at.isoformat(), 'before': last.id})}"
    page = AdminSessionsPage(
        "Sessions",
        section="sessions",
        sections=sections_of(ctx),
        rows=[_row(each.item, each.person) for each in found[:_PAGE] if isinstance(each.item, Session)],
        pages=Pages("/admin/sessions" if before else "", next_page),
    )
    return render("admin_sessions.html", page)


@blueprint.get("/<session>/end")
def ask_end(session: str) -> Response:
    """Ask before a session ends."""
    ctx = entered("sessions")
    found = _session(ctx, session)
    page = ConfirmPage(
        f"End this session of {found.person or 'a deleted person'}?",
        section="sessions",
        sections=sections_of(ctx),
        consequences=("The browser is signed out with its next click.", "The person can sign in again."),
        button="End the session",
        back="/admin/sessions",
        action=here(),
    )
    return confirm(page)


@blueprint.post("/<session>/end")
def send_end(session: str) -> BaseResponse:
    """End the session."""
    entered("sessions")
    services = server().services
    write(lambda ctx: people.end_session(ctx, services, _session(ctx, session)))
    toast("The session was ended.")
    return redirect("/admin/sessions", 303)


def _session(ctx: Context, session: str) -> store.Owned:
    found = store.session(ctx, session)
    if found is None:
        raise NotFound("no_session", "This session has ended already.", "Look in the list.")
    return found


def _row(session: Session, person: str) -> SessionRow:
    own = state().session
    return SessionRow(
        session.id,
        session.person_id,
        person,
        browser_in_words(session.user_agent),
        session.address,
        session.created_at,
        session.last_seen_at,
        own is not None and own.id == session.id,
    )


def _position(moment: str, last: str) -> tuple[datetime, str] | None:
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found, last) if last and found.tzinfo is not None else None
