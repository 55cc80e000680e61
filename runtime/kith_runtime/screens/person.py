"""My settings: how I read and write, my password, the browsers in which I am signed in, and my API tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.audit import Entry
from kith_platform.errors import Invalid, KithError, NotFound
from kith_platform.identity import Token
from kith_platform.locale import person_locale
from kith_runtime import records
from kith_runtime.access import may, rights_for
from kith_runtime.administration import choices
from kith_runtime.administration.browsers import browser_in_words
from kith_runtime.administration.choices import Choice
from kith_runtime.context import Context
from kith_runtime.personal.preferences import KNOWN, PREFERENCES, Preference, choose, chosen_of
from kith_runtime.records import ValidationFailed
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.screens.addresses import record_address, safe_next
from kith_runtime.screens.administration.frame import ConfirmPage
from kith_runtime.screens.rendering import Page, keep_theme, render, toast, wants_part
from kith_runtime.web.authentication import sign_out
from kith_runtime.web.state import context, reopen, server, state, write

blueprint = Blueprint("person", __name__, url_prefix="/me")

_SETTINGS = ("locale", "time_zone", "currency", "number_format")
_SCOPES = {"read": ("read",), "write": ("read", "write")}
_DAYS = {"30": 30, "90": 90, "365": 365, "": None}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: groups of choices, what is chosen, and what is wrong with it. ``text`` is shown when it is fixed."""

    name: str
    label: str
    groups: Mapping[str, Sequence[Choice]]
    value: str
    editable: bool
    problem: str = ""

    @property
    def text(self) -> str:
        """The words for what is chosen."""
        return next(
            (words for group in self.groups.values() for value, words in group if value == self.value), self.value
        )


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of my browsers; ``here`` is the one that looks at the page."""

    id: str
    browser: str
    address: str
    seen: str
    here: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A form of this page that was refused: which one, which of its inputs, and why. ``typed`` are its values."""

    form: str = ""
    input: str = ""
    message: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonPage(Page):
    """My settings. ``secret`` is the text of a token that was just made, shown this once."""

    settings: Sequence[Setting] = ()
    record: str = ""
    login: str = ""
    sessions: Sequence[OwnSession] = ()
    tokens: Sequence[Token] = ()
    secret: str = ""
    refused: Refused = field(default_factory=Refused)
    preferences: Sequence[tuple[Preference, str]] = ()


@blueprint.get("")
def show_settings() -> Response:
    """Show all of it on one page."""
    return _page(context())


@blueprint.post("/settings")
def send_settings() -> BaseResponse:
    """Save how I read and write, through the record door with my own rights."""
    ctx = context()
    shown = {setting.name for setting in _settings(ctx, {}) if setting.editable}
    changes = {name: request.form[name] for name in _SETTINGS if name in shown and name in request.form}
    services = server().services

    def work(writing: Context) -> None:
        person_locale(
            changes.get("locale") or "en_GB", changes.get("time_zone") or "UTC", changes.get("currency") or "EUR"
        )
        records.update(writing, PERSON_ENTITY, writing.actor.id, changes)
        services.audit.append(writing.connection, Entry(writing.actor.id, "person.settings", writing.actor.id, changes))

    try:
        write(work)
    except ValidationFailed as error:
        return _page(reopen(), refused=Refused("settings", error.field or "", str(error), changes), status=422)
    except Invalid as error:
        return _page(reopen(), refused=Refused("settings", error.field or "", str(error), changes), status=422)
    toast("Your settings were saved.")
    return redirect("/me", 303)


@blueprint.post("/preferences")
def send_preferences() -> BaseResponse:
    """Save how I like the screens; a theme is also kept in the browser, for its sign-in page."""
    changes = {name: value for name, value in request.form.items() if name in KNOWN}
    write(lambda ctx: choose(ctx, changes))
    if wants_part():
        return Response(status=204)
    toast("How you work was saved.")
    response = redirect(safe_next(request.form.get("next") or "/me"), 303)
    if changes.get("theme"):
        keep_theme(response, changes["theme"])
    return response


@blueprint.post("/password")
def send_password() -> BaseResponse:
    """Change the password; the old one is asked for, and wrong ones count as tries to sign in."""
    ctx, services = context(), server().services
    old, new, repeat = (request.form.get(name, "") for name in ("old", "new", "repeat"))
    account = services.accounts.find(ctx.connection, ctx.actor.id)
    if account is None:
        raise NotFound("no_account", "You have no sign-in of your own.", "Ask an administrator.")
    try:
        if new != repeat:
            raise Invalid("password_repeat", "The two new passwords are not the same.", "Type both again.", "repeat")
        _check_old(account.login, old)
        write(lambda writing: _set_password(writing, new))
    except KithError as error:
        if error.status not in (401, 422, 429):
            raise
        spot = "old" if error.status in (401, 429) else {"password": "new"}.get(error.field or "", "repeat")
        status = 429 if error.status == 429 else 422
        return _page(reopen(), refused=Refused("password", spot, str(error)), status=status)
    toast("Your password was changed. Other browsers were signed out.")
    return redirect("/me", 303)


def _check_old(login: str, password: str) -> None:
    running = server()
    services, database = running.services, running.workspace.database
    state().stack.close()
    with database.write() as connection:
        attempt = services.attempts.start(connection, login, request.remote_addr or "")
    with database.read() as connection:
        verified = services.accounts.verify(connection, login, password)
    if verified is None:
        refusal = attempt.refusal()
        raise Invalid("wrong_password", "This is not your password.", refusal.hint, "old", status=401)
    with database.write() as connection:
        services.attempts.succeeded(connection, attempt)


def _set_password(ctx: Context, password: str) -> None:
    services, kept = server().services, state().session
    person = ctx.actor.id
    personal = [ctx.actor.name]
    keep = kept.id if kept is not None else None
    services.accounts.set_password(ctx.connection, person, password, personal=personal, keep_session=keep)
    services.audit.append(ctx.connection, Entry(person, "password.change", person))


@blueprint.post("/sessions/<session>/end")
def send_end_session(session: str) -> BaseResponse:
    """Sign one of my browsers out; this one as well."""
    own = state().session
    if own is not None and own.id == session:
        sign_out()
        return redirect("/sign-in", 303)
    services = server().services

    def work(ctx: Context) -> bool:
        ended = services.sessions.end(ctx.connection, ctx.actor.id, session)
        if ended:
            entry = Entry(ctx.actor.id, "session.end", ctx.actor.id, {"session": session})
            services.audit.append(ctx.connection, entry)
        return ended

    toast("The browser was signed out." if write(work) else "That session had ended already.")
    return redirect("/me", 303)


@blueprint.get("/sessions/end-others")
def ask_end_others() -> Response:
    """Ask before all other browsers are signed out."""
    page = ConfirmPage(
        "Sign out all other browsers?",
        consequences=("What is being typed in them now is lost.", "This browser stays signed in."),
        button="Sign out the others",
        back="/me",
        action="/me/sessions/end-others",
    )
    return render("person_confirm.html", page)


@blueprint.post("/sessions/end-others")
def send_end_others() -> BaseResponse:
    """Sign all my other browsers out."""
    services, own = server().services, state().session

    def work(ctx: Context) -> None:
        count = services.sessions.end_others(ctx.connection, ctx.actor.id, own.id if own is not None else "")
        entry = Entry(ctx.actor.id, "session.end_others", ctx.actor.id, {"count": count})
        services.audit.append(ctx.connection, entry)

    write(work)
    toast("All other browsers were signed out.")
    return redirect("/me", 303)


@blueprint.post("/tokens")
def send_token() -> BaseResponse:
    """Make a token; its text is on the answering page and nowhere else."""
    services, typed = server().services, {name: request.form.get(name, "") for name in ("name", "scope", "days")}

    def work(ctx: Context) -> str:
        if typed["scope"] not in _SCOPES or typed["days"] not in _DAYS:
            raise Invalid("token_choice", "Choose what the token may do and how long.", "", "scope")
        days = _DAYS[typed["days"]]
        expiry = ctx.now + timedelta(days=days) if days else None
        scopes = _SCOPES[typed["scope"]]
        token, secret = services.tokens.add(ctx.connection, ctx.actor.id, typed["name"], scopes, expiry)
        detail = {"token": token.id, "name": token.name, "scopes": list(scopes), "expires": expiry}
        services.audit.append(ctx.connection, Entry(ctx.actor.id, "token.add", ctx.actor.id, detail))
        return secret

    try:
        secret = write(work)
    except Invalid as error:
        return _page(reopen(), refused=Refused("token", error.field or "name", str(error), typed), status=422)
    return _page(reopen(), secret=secret, status=201)


@blueprint.get("/tokens/<token>/revoke")
def ask_revoke(token: str) -> Response:
    """Ask before one of my tokens ends."""
    ctx = context()
    found = _own_token(ctx, token)
    page = ConfirmPage(
        f"Revoke the token {found.name}?",
        consequences=("Programs that use it are refused from now on.", "It cannot be brought back."),
        button="Revoke the token",
        back="/me",
        action=f"/me/tokens/{found.id}/revoke",
    )
    return render("person_confirm.html", page)


@blueprint.post("/tokens/<token>/revoke")
def send_revoke(token: str) -> BaseResponse:
    """End one of my tokens."""
    services = server().services

    def work(ctx: Context) -> None:
        found = _own_token(ctx, token)
        services.tokens.revoke(ctx.connection, ctx.actor.id, found.id)
        services.audit.append(ctx.connection, Entry(ctx.actor.id, "token.revoke", ctx.actor.id, {"token": found.id}))

    write(work)
    toast("The token was revoked.")
    return redirect("/me", 303)


def _own_token(ctx: Context, token: str) -> Token:
    found = next(
        (each for each in server().services.tokens.of_person(ctx.connection, ctx.actor.id) if each.id == token), None
    )
    if found is None:
        raise NotFound("no_token", "You have no such token, or it was revoked already.", "Look under My settings.")
    return found


def _page(ctx: Context, *, secret: str = "", refused: Refused | None = None, status: int = 200) -> Response:
    services, own = server().services, state().session
    account = services.accounts.find(ctx.connection, ctx.actor.id)
    problem, chosen = refused or Refused(), chosen_of(ctx)
    sessions = [
        OwnSession(
            each.id,
            browser_in_words(each.user_agent),
            each.address,
            ctx.locale.dates.ago(each.last_seen_at, ctx.now),
            own is not None and each.id == own.id,
        )
        for each in services.sessions.of_person(ctx.connection, ctx.actor.id)
    ]
    page = PersonPage(
        "My settings",
        settings=_settings(ctx, problem.typed if problem.form == "settings" else {}, problem),
        record=record_address(PERSON_ENTITY, ctx.actor.id) if rights_for(ctx, PERSON_ENTITY).visible else "",
        login=account.login if account is not None else "",
        sessions=sessions,
        tokens=services.tokens.of_person(ctx.connection, ctx.actor.id),
        secret=secret,
        refused=problem,
        preferences=[(known, chosen[known.name]) for known in PREFERENCES],
    )
    return render("person_settings.html", page, status=status)


def _settings(ctx: Context, typed: Mapping[str, str], refused: Refused | None = None) -> list[Setting]:
    """Return the settings that the person's record has; the rights decide which may be changed."""
    entity, person = ctx.snapshot.entity(PERSON_ENTITY), ctx.actor.person
    rights = rights_for(ctx, PERSON_ENTITY)
    changes = may(ctx, PERSON_ENTITY, "update", {**person, "id": ctx.actor.id})
    found = []
    for name in _SETTINGS:
        if name not in entity.fields:
            continue
        value = str(typed.get(name) or person.get(name) or _default(ctx, name))
        groups = _choices(ctx, name, value)
        problem = refused.message if refused and refused.form == "settings" and refused.input == name else ""
        label = entity.fields[name].label or name.replace("_", " ").capitalize()
        found.append(Setting(name, label, groups, value, changes and name in rights.editable, problem))
    return found


def _default(ctx: Context, name: str) -> Any:
    return "locale" if name == "number_format" else getattr(ctx.locale, name)


def _choices(ctx: Context, name: str, value: str) -> Mapping[str, Sequence[Choice]]:
    groups: Mapping[str, Sequence[Choice]]
    if name == "time_zone":
        groups = choices.time_zone_choices()
    elif name == "locale":
        groups = {"": choices.locale_choices()}
    elif name == "currency":
        groups = {"": choices.currency_choices(ctx.locale.locale)}
    else:
        groups = {"": choices.number_format_choices()}
    if any(value == each for group in groups.values() for each, _ in group):
        return groups
    return {"As it is": ((value, value),), **groups}
