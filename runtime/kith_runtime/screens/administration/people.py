"""People: the list, one person's way in, adding somebody, links, roles, disabling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Conflict, Forbidden, Invalid
from kith_runtime.access import rights_for
from kith_runtime.administration import people, store
from kith_runtime.administration.browsers import browser_in_words
from kith_runtime.administration.people import NewPerson, RoleChoice
from kith_runtime.administration.store import PeopleQuestion, PersonRow
from kith_runtime.context import Context
from kith_runtime.records import ValidationFailed
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.screens.addresses import list_address, record_address
from kith_runtime.screens.administration.frame import (
    AdminPage,
    ConfirmPage,
    Pages,
    confirm,
    entered,
    here,
    sections_of,
)
from kith_runtime.screens.parameters import id_in, one_of
from kith_runtime.screens.rendering import render, toast
from kith_runtime.services import Services
from kith_runtime.web.state import reopen, server, write

blueprint = Blueprint("admin_people", __name__, url_prefix="/admin/people")

_PAGE = 50
_HUES = {"active": "green", "waiting": "amber", "disabled": "red", "outside": "gray"}


@dataclass(frozen=True, slots=True)
class AdminPeoplePage(AdminPage):
    """The list of people with the roles and teams of each."""

    text: str = ""
    state: str = ""
    states: Mapping[str, str] = field(default_factory=lambda: store.STATES)
    hues: Mapping[str, str] = field(default_factory=lambda: _HUES)
    rows: Sequence[PersonRow] = ()
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    teams_url: str = ""
    pages: Pages = field(default_factory=Pages)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What was typed to add a person, and what is wrong with it by field."""

    name: str = ""
    email: str = ""
    roles: frozenset[str] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdminNewPersonPage(AdminPage):
    """The form that adds a person."""

    form: PersonForm = field(default_factory=PersonForm)
    choices: Sequence[RoleChoice] = ()


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """One signed-in browser in words."""

    browser: str
    address: str
    seen: str


@dataclass(frozen=True, slots=True)
class AdminPersonPage(AdminPage):
    """One person: state, roles, browsers. ``link`` is a new one-time link, shown this once."""

    found: PersonRow | None = None
    state: str = ""
    hue: str = ""
    record: str = ""
    roles: frozenset[str] = frozenset()
    choices: Sequence[RoleChoice] = ()
    assigns: bool = False
    above: bool = False
    own: bool = False
    browsers: Sequence[BrowserRow] = ()
    link: str = ""


@blueprint.get("")
def show_people() -> Response:
    """List people by name, with search and state."""
    ctx = entered("people")
    text, state = (
        request.args.get("q", "").strip()[:100],
        one_of("state", request.args.get("state", ""), store.STATES, "state of a person"),
    )
    after = request.args.get("name"), id_in("after", request.args.get("after", ""), "person to go on from")
    start = (after[0] or "", after[1]) if after[1] else None
    rows = store.people(ctx, PeopleQuestion(text, state, start, _PAGE + 1))
    shown = rows[:_PAGE]
    ids = [row.id for row in shown]
    labels = {name: ctx.snapshot.role(name).label for name in ctx.snapshot.names("role")}
    roles = {
        person: [labels.get(name, name) for name in held] for person, held in store.roles_by_person(ctx, ids).items()
    }
    sees_teams = ctx.snapshot.has("entity", store.TEAM_ENTITY) and rights_for(ctx, store.TEAM_ENTITY).visible
    page = AdminPeoplePage(
        "People",
        section="people",
        sections=sections_of(ctx),
        text=text,
        state=state,
        rows=shown,
        roles=roles,
        teams=store.teams_by_person(ctx, ids) if sees_teams else {},
        teams_url=list_address(store.TEAM_ENTITY) if sees_teams else "",
        pages=_pages(rows, {"q": text, "state": state}, paged=start is not None),
    )
    return render("admin_people.html", page)


def _pages(rows: Sequence[PersonRow], query: Mapping[str, str], *, paged: bool) -> Pages:
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    kept = {name: value for name, value in query.items() if value}
    return Pages(
        first=f"/admin/people?{urlencode(kept)}" if paged else "",
        next=f"/admin/people?{urlencode({**kept, 'name': last.name, 'after': last.id})}" if last else "",
    )


@blueprint.get("/new")
def show_new() -> Response:
    """Show the empty form."""
    return _new_form(entered("people"), PersonForm())


@blueprint.post("/new")
def send_new() -> Response:
    """Add the person; the answer shows the link by which they set their password, once."""
    entered("people")
    typed = request.form
    form = PersonForm(typed.get("name", "").strip(), typed.get("email", "").strip(), frozenset(typed.getlist("roles")))
    services = server().services
    new = NewPerson(form.name, form.email, tuple(sorted(form.roles)))
    try:
        person, code = write(lambda ctx: people.add_person(ctx, services, new))
    except ValidationFailed as error:
        return _new_form(
            reopen(), _refused(form, {item.field: f"{item.message} {item.hint}" for item in error.problems})
        )
    except (Conflict, Invalid) as error:
        return _new_form(reopen(), _refused(form, {error.field or "email": str(error)}))
    return _person(reopen(), person, code=code, status=201)


def _refused(form: PersonForm, problems: Mapping[str, str]) -> PersonForm:
    named = {"login": "email"}
    return PersonForm(form.name, form.email, form.roles, {named.get(key, key): text for key, text in problems.items()})


def _new_form(ctx: Context, form: PersonForm) -> Response:
    choices = people.role_choices(ctx) if "roles" in ctx.actor.permissions else ()
    page = AdminNewPersonPage("Add a person", section="people", sections=sections_of(ctx), form=form, choices=choices)
    return render("admin_person_new.html", page, status=422 if form.problems else 200)


@blueprint.get("/<person>")
def show_person(person: str) -> Response:
    """Show one person's way in."""
    return _person(entered("people"), person)


def _person(ctx: Context, person: str, *, code: str = "", status: int = 200) -> Response:
    found = people.person_of(ctx, person)
    sessions = server().services.sessions.of_person(ctx.connection, person)
    page = AdminPersonPage(
        found.name or "Person",
        section="people",
        sections=sections_of(ctx),
        found=found,
        state=store.STATES[found.state],
        hue=_HUES[found.state],
        record=record_address(PERSON_ENTITY, person) if rights_for(ctx, PERSON_ENTITY).visible else "",
        roles=frozenset(store.roles_by_person(ctx, (person,)).get(person, ())),
        choices=people.role_choices(ctx),
        assigns="roles" in ctx.actor.permissions,
        above=people.is_above(ctx, person),
        own=person == ctx.actor.id,
        browsers=[
            BrowserRow(
                browser_in_words(each.user_agent), each.address, ctx.locale.dates.ago(each.last_seen_at, ctx.now)
            )
            for each in sessions
        ],
        link=f"{request.host_url}password/{code}" if code else "",
    )
    return render("admin_person.html", page, status=status)


@blueprint.post("/<person>/link")
def send_link(person: str) -> Response:
    """Make a new one-time link and show it, this once."""
    entered("people")
    services = server().services
    code = write(lambda ctx: people.new_link(ctx, services, person))
    return _person(reopen(), person, code=code, status=201)


@blueprint.post("/<person>/roles")
def send_roles(person: str) -> BaseResponse:
    """Change the roles; boxes that cannot be ticked here keep what they hold."""
    ctx = entered("people")
    people.require(ctx, "roles")
    services, ticked = server().services, frozenset(request.form.getlist("roles"))
    held = frozenset(store.roles_by_person(ctx, (person,)).get(person, ()))
    locked = frozenset(role.name for role in people.role_choices(ctx) if role.locked)
    known = frozenset(ctx.snapshot.names("role"))
    if ticked - known:
        raise Invalid(
            "no_role", f"There is no role {', '.join(sorted(ticked - known))}.", "Load the page again.", "roles"
        )
    if (ticked - held) & locked:
        raise Forbidden("role_above", "One of these roles gives more than you hold, so nothing was changed.", "")
    write(lambda writing: people.change_roles(writing, services, person, ticked | (held & locked)))
    toast("Roles were changed. They count from the next click on.")
    return redirect(f"/admin/people/{person}", 303)


@blueprint.post("/<person>/enable")
def send_enable(person: str) -> BaseResponse:
    """Let a disabled person in again."""
    return _done(person, people.enable, "They can sign in again.")


@blueprint.post("/<person>/email")
def send_email(person: str) -> BaseResponse:
    """Let the person sign in by the address of their record."""
    return _done(person, people.use_email, "They sign in with the new address now.")


@blueprint.get("/<person>/disable")
def ask_disable(person: str) -> Response:
    """Ask before a person is shut out."""
    return _ask(
        person, "Disable {}?", "Disable", "They are signed out everywhere, and their API tokens stop working for good."
    )


@blueprint.post("/<person>/disable")
def send_disable(person: str) -> BaseResponse:
    """Shut the person out."""
    return _done(person, people.disable, "They are signed out and cannot sign in.")


@blueprint.get("/<person>/sign-out")
def ask_sign_out(person: str) -> Response:
    """Ask before a person is signed out everywhere."""
    return _ask(
        person, "Sign {} out everywhere?", "Sign out", "What they are typing now is lost. They can sign in again."
    )


@blueprint.post("/<person>/sign-out")
def send_sign_out(person: str) -> BaseResponse:
    """End all sessions of a person."""
    return _done(person, people.end_sessions, "They are signed out everywhere.")


def _ask(person: str, question: str, button: str, consequence: str) -> Response:
    ctx = entered("people")
    found = people.person_of(ctx, person)
    page = ConfirmPage(
        question.format(found.name),
        section="people",
        sections=sections_of(ctx),
        consequences=(consequence, "Their records stay as they are."),
        button=f"{button} {found.name}" if button == "Disable" else button,
        back=f"/admin/people/{person}",
        action=here(),
    )
    return confirm(page)


def _done(person: str, change: Callable[[Context, Services, str], object], message: str) -> BaseResponse:
    entered("people")
    services = server().services
    write(lambda ctx: change(ctx, services, person))
    toast(message)
    return redirect(f"/admin/people/{person}", 303)
