"""Signing in and out, the first administrator's start link, and setting a password by a one-time link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, jsonify, redirect, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.audit import Entry
from kith_platform.errors import Invalid, KithError, NotFound, RateLimited
from kith_platform.identity import SET_PASSWORD, START
from kith_runtime.personal.preferences import THEMES, choose
from kith_runtime.screens.addresses import safe_next
from kith_runtime.screens.rendering import Page, keep_theme, render
from kith_runtime.web.authentication import public, sign_in, sign_out
from kith_runtime.web.state import context, server, state, write

blueprint = Blueprint("sign_in", __name__)


@dataclass(frozen=True, slots=True)
class SignInPage(Page):
    """The sign-in form; ``problem`` is shown beside the password.

    ``rested`` is how long nobody used the session that has ended for it; blank where there was none.
    """

    email: str = ""
    next: str = "/"
    problem: str = ""
    rested: str = ""


@dataclass(frozen=True, slots=True)
class PasswordPage(Page):
    """The form behind a one-time link; ``purpose`` is the word in its address, ``field`` the input with the problem."""

    purpose: str = ""
    code: str = ""
    login: str = ""
    problem: str = ""
    field: str = "password"


@dataclass(frozen=True, slots=True)
class LinkOverPage(Page):
    """A one-time link that was used or has run out."""


_PURPOSES = {"start": START, "password": SET_PASSWORD}


@blueprint.get("/sign-in")
@public
def show_sign_in() -> BaseResponse:
    """Show the form; who is signed in already goes on."""
    target = safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target, 303)
    return render("sign_in.html", SignInPage("Sign in", next=target, rested=_rested()))


@blueprint.post("/sign-in")
@public
def send_sign_in() -> BaseResponse:
    """Check e-mail and password; every try is counted before it is checked."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    target = safe_next(request.form.get("next"))
    try:
        person = _verified(email, password)
    except KithError as error:
        page = SignInPage("Sign in", email=email, next=target, problem=str(error))
        response = render("sign_in.html", page, status=error.status if error.status in (429, 503) else 422)
        if isinstance(error, RateLimited):
            response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
        return response
    sign_in(person)
    return redirect(target, 303)


def _verified(email: str, password: str) -> str:
    running = server()
    services, database = running.services, running.workspace.database
    address = request.remote_addr or ""
    with database.write() as connection:
        attempt = services.attempts.start(connection, email, address)
    with database.read() as connection:
        verified = services.accounts.verify(connection, email, password)
    with database.write() as connection:
        if verified is None:
            services.audit.append(connection, Entry("", "sign_in.refused", email[:200], {"address": address}))
        else:
            services.attempts.succeeded(connection, attempt)
            services.audit.append(connection, Entry(verified.person_id, "sign_in.done", "", {"address": address}))
            if verified.stale:
                services.accounts.renew_hash(connection, verified.person_id, password)
    if verified is None:
        raise attempt.refusal()
    return verified.person_id


@blueprint.get("/<any(start, password):purpose>/<code>")
@public
def show_link(purpose: str, code: str) -> BaseResponse:
    """Show the form behind a one-time link; looking does not use it up."""
    running = server()
    with running.workspace.database.read() as connection:
        person = running.services.codes.look(connection, _PURPOSES[purpose], code)
        account = running.services.accounts.find(connection, person) if person else None
    if person is None or account is None or account.disabled:
        return render("link_over.html", LinkOverPage("This link is used up"), status=410)
    return render("password.html", PasswordPage(_title(purpose), purpose=purpose, code=code, login=account.login))


def _title(purpose: str) -> str:
    return "Welcome to Kith" if purpose == "start" else "Choose a password"


@blueprint.post("/<any(start, password):purpose>/<code>")
@public
def send_link(purpose: str, code: str) -> BaseResponse:
    """Set the password, use the link up and sign the person in; the three happen together or not at all."""
    running = server()
    services = running.services
    password, login = request.form.get("password", ""), ""
    try:
        with running.workspace.database.write() as connection:
            person = services.codes.look(connection, _PURPOSES[purpose], code)
            if person is None:
                raise NotFound("code_over", "This link was used already, or it has run out.")
            account = services.accounts.find(connection, person)
            if account is None or account.disabled:
                raise NotFound("code_over", "This person cannot sign in.")
            login = account.login
            if request.form.get("repeat", "") != password:
                raise Invalid("password_repeat", "The two passwords are not the same.", "Type both again.", "repeat")
            services.accounts.set_password(connection, person, password)
            services.codes.use(connection, _PURPOSES[purpose], code)
            services.audit.append(connection, Entry(person, "password.set", person, {"by": purpose}))
    except NotFound:
        return render("link_over.html", LinkOverPage("This link is used up"), status=410)
    except Invalid as error:
        page = PasswordPage(
            _title(purpose),
            purpose=purpose,
            code=code,
            login=login,
            problem=str(error),
            field=error.field or "password",
        )
        return render("password.html", page, status=422)
    sign_in(person)
    return redirect("/", 303)


@blueprint.post("/sign-out")
def send_sign_out() -> BaseResponse:
    """End the session of this browser."""
    sign_out()
    return redirect("/sign-in", 303)


@blueprint.post("/theme")
@public
def send_theme() -> BaseResponse:
    """Remember light or dark: for this browser's sign-in page, and for the person wherever they sign in."""
    theme = request.form.get("theme", "auto")
    response = redirect(safe_next(request.form.get("next")), 303)
    if theme in THEMES:
        keep_theme(response, theme)
        if current_user.is_authenticated:
            write(lambda ctx: choose(ctx, {"theme": theme}))
    return response


@blueprint.get("/session")
def show_session() -> Response:
    """Answer who is signed in, with a fresh form token: a page asks before it sends what was typed for long."""
    return jsonify({"person": context().actor.id, "token": generate_csrf()})


def _rested() -> str:
    """Say how long the session of this browser was not used, when it ended for that."""
    hours = server().services.sessions.idle // timedelta(hours=1)
    return f"{hours} hours" if state().rested else ""


def to_sign_in() -> Response:
    """Send a visitor to the sign-in form, and afterwards back to the page that was asked for."""
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    page = SignInPage("Sign in", next=safe_next(target), rested=_rested())
    return render("sign_in.html", page, status=401)
