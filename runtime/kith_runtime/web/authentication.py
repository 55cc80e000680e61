"""Who asks: a signed-in browser or an API token, found in one query that also tells what is live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import Flask, Request, current_app, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from kith_platform.audit import Entry
from kith_platform.database import Connection
from kith_platform.errors import NotSignedIn
from kith_platform.identity import Session
from kith_platform.identity.sessions import session_of
from kith_platform.identity.tokens import token_of
from kith_runtime.actors import Actor
from kith_runtime.context import Context, Door
from kith_runtime.web.state import Server, server, state
from kith_runtime.web.store import session_row, token_row

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_BEARER = "bearer "
_PUBLIC = "kith_public"
_API_SCOPES = frozenset({"read", "write", "admin"})


@dataclass(frozen=True)
class Member(UserMixin):  # type: ignore[misc]
    """A signed-in person as Flask-Login sees it; its id is the session's secret and not the person's."""

    secret: str
    actor: Actor

    def get_id(self) -> str:
        """Return what the cookie keeps: the secret of the session."""
        return self.secret


def public(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that needs nobody to be signed in. Everything that is not marked is closed."""
    setattr(endpoint, _PUBLIC, True)
    return endpoint


def install(app: Flask) -> None:
    """Set up the sign-in check for every endpoint of the app."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_from_cookie)
    manager.request_loader(_from_header)
    app.before_request(_require)


def is_public(app: Flask, endpoint: str) -> bool:
    """Tell whether an endpoint answers visitors; the built front end does, and what is marked :func:`public`."""
    return endpoint == "static" or bool(getattr(app.view_functions.get(endpoint), _PUBLIC, False))


def _require() -> None:
    if request.endpoint is not None and is_public(current_app, request.endpoint):
        return
    # Asked even where no endpoint answers: "no such page" then stands in the frame of the person who is signed in.
    if not current_user.is_authenticated and request.endpoint is not None:
        raise NotSignedIn("not_signed_in", "Nobody is signed in here.", "Sign in, or send a valid token.")


def _door(asked: Request) -> Door:
    return "api" if asked.path.startswith("/api/") else "screen"


def _from_cookie(secret: str) -> Member | None:
    """Find the session of the cookie; the transaction that found it serves the whole request."""
    held, running = state(), server()
    connection = held.stack.enter_context(running.workspace.database.read())
    row = session_row(connection, secret)
    if row is None or row.disabled:
        held.stack.close()
        return None
    found = session_of(row)
    actor = _actor(running, connection, row) if running.services.sessions.is_live(found) else None
    if actor is None:
        held.rested = running.services.sessions.has_rested(found)
        held.stack.close()
        return None
    held.session = found
    _note_seen(running, found)
    return Member(secret, actor)


def _from_header(asked: Request) -> Member | None:
    """Find the API token of the Authorization header; only the API takes tokens."""
    header = asked.headers.get("Authorization", "")
    if not header.lower().startswith(_BEARER) or _door(asked) != "api":
        return None
    secret = header[len(_BEARER) :].strip()
    held, running = state(), server()
    connection = held.stack.enter_context(running.workspace.database.read())
    row = token_row(connection, secret)
    if row is None or row.disabled:
        held.stack.close()
        return None
    token = token_of(row)
    usable = running.services.tokens.is_live(token) and not _API_SCOPES.isdisjoint(token.scopes)
    person = _actor(running, connection, row) if usable else None
    if person is None or held.context is None:
        held.stack.close()
        return None
    held.token = token
    actor = replace(person, kind="token", scopes=frozenset(token.scopes))
    held.context = replace(held.context, actor=actor)
    if running.services.tokens.used_is_due(token):
        held.after.append(lambda same: running.services.tokens.note_used(same, token))
    return Member(secret, actor)


def by_feed(secret: str, start: str) -> tuple[Context, str] | None:
    """Return the reading context of a token whose scope begins so, with that scope; None when there is no such token.

    Such a token opens one feed and nothing else; what the person may read is asked anew each time.
    """
    held, running = state(), server()
    connection = held.stack.enter_context(running.workspace.database.read())
    row = token_row(connection, secret)
    token = None if row is None or row.disabled else token_of(row)
    scope = next((each for each in token.scopes if each.startswith(start)), "") if token is not None else ""
    if token is None or not scope or not running.services.tokens.is_live(token):
        return None
    person = _actor(running, connection, row)
    if person is None or held.context is None:
        return None
    ctx = replace(held.context, actor=replace(person, kind="token", scopes=frozenset({"read"})), door="api")
    held.context = ctx
    if running.services.tokens.used_is_due(token):
        held.after.append(lambda same: running.services.tokens.note_used(same, token))
    return ctx, scope


def _actor(running: Server, connection: Connection, row: Any) -> Actor | None:
    """Return the person of a session or token as an actor and open the request's context on the same connection."""
    workspace = running.workspace
    published = workspace.refresh(connection, row)
    actor = workspace.actor_for(connection, row.person_id, row.access_stamp)
    if actor is not None:
        state().context = workspace.context(connection, actor, _door(request), published=published)
    return actor


def _note_seen(running: Server, found: Session) -> None:
    if running.services.sessions.seen_is_due(found):
        address = request.remote_addr or ""
        state().after.append(lambda same: running.services.sessions.note_seen(same, found, address))


def sign_in(person_id: str) -> None:
    """Begin a session for a person in this browser.

    The session's secret is always a new one, and nothing of the cookie from before is kept: not the form token, which
    somebody else may know, nor a session of another person, which ends.
    """
    running, held = server(), state()
    # Asking finds the session that this browser may have; public endpoints have not asked yet.
    before = held.session if current_user.is_authenticated else None
    held.stack.close()
    agent, address = request.headers.get("User-Agent", ""), request.remote_addr or ""
    with running.workspace.database.write() as connection:
        if before is not None:
            running.services.sessions.end(connection, before.person_id, before.id)
        begun, secret = running.services.sessions.begin(connection, person_id, agent, address)
    session.clear()
    session.permanent = True
    member = _from_cookie(secret)
    if member is None:
        raise NotSignedIn("not_active", "This person cannot sign in.", "Ask an administrator.")
    held.session = begun
    login_user(member)


def sign_out() -> None:
    """End the session of this browser, in the database and in its cookie."""
    running, held = server(), state()
    found = held.session
    held.stack.close()
    held.context = None
    if found is not None:
        with running.workspace.database.write() as connection:
            running.services.sessions.end(connection, found.person_id, found.id)
            running.services.audit.append(connection, Entry(found.person_id, "sign_out.done", found.person_id))
    # The note "seen now" would be about a session that is gone.
    held.after.clear()
    logout_user()
    session.clear()
