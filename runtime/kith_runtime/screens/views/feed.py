"""A calendar as a private address that calendar programs read, with the rights of the person who made it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from kith_platform.audit import Entry
from kith_platform.errors import Forbidden, NotFound
from kith_runtime.context import Context
from kith_runtime.screens.list_figures import Question
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, plural_of, shape_of
from kith_runtime.screens.list_state import ListState, read_state
from kith_runtime.screens.listing import require_entity
from kith_runtime.screens.rendering import Page, render
from kith_runtime.screens.views.ical import Event, calendar_text
from kith_runtime.screens.views.registry import options_of
from kith_runtime.screens.views.spans import Reach, Span, fields_for, spans_between
from kith_runtime.web.authentication import by_feed, public
from kith_runtime.web.state import context, reopen, server, write

blueprint = Blueprint("feed", __name__)

SCOPE = "calendar:"
"""How the scope of a feed's token begins; the address of the calendar follows. It opens nothing else."""

MOST_PAGES = 25
"""Pages of 200 records that a calendar program is given."""

_BACK, _AHEAD = timedelta(days=90), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class FeedPage(Page):
    """The offer of a private address, and the address itself once it was made."""

    name: str = ""
    secret: str = ""
    action: str = ""
    back: str = ""


@blueprint.get("/e/<entity>/calendar/feed")
def show_feed(entity: str) -> Response:
    """Offer a private address for a calendar."""
    ctx = context()
    shape, state = _asked(ctx, entity)
    return render("calendar_feed.html", _page(shape, state))


@blueprint.post("/e/<entity>/calendar/feed")
def send_feed(entity: str) -> Response:
    """Make a private address; it is shown this once, and an earlier one of the same calendar ends."""
    shape, state = _asked(context(), entity)
    services, scope = server().services, SCOPE + state.here()

    def work(ctx: Context) -> str:
        for before in services.tokens.of_person(ctx.connection, ctx.actor.id):
            if before.scopes == (scope,):
                services.tokens.revoke(ctx.connection, ctx.actor.id, before.id)
        token, secret = services.tokens.add(ctx.connection, ctx.actor.id, _name(shape)[:100], [scope])
        detail = {"token": token.id, "name": token.name, "scopes": [scope]}
        services.audit.append(ctx.connection, Entry(ctx.actor.id, "token.add", ctx.actor.id, detail))
        return secret

    secret = write(work)
    reopen()
    page = replace(_page(shape, state), secret=f"{request.host_url}feeds/{secret}.ics")
    return render("calendar_feed.html", page, status=201)


def _asked(ctx: Context, entity: str) -> tuple[Shape, ListState]:
    require_entity(ctx, entity)
    asked = read_state(entity, request.args)
    state = replace(asked, sort=(), after="", before="", start=1, exact=False, more=())
    return _calendar(ctx, state), state


def _calendar(ctx: Context, state: ListState) -> Shape:
    shape = shape_of(ctx, state.entity, state.view)
    if shape is None or options_of(ctx, shape, "calendar") is None:
        raise NotFound("no_calendar", "There is no calendar here, or it is not for you.", "Go back to the list.")
    return shape


def _name(shape: Shape) -> str:
    return f"{plural_of(shape.entity)}: {shape.label}"


def _page(shape: Shape, state: ListState) -> FeedPage:
    back = replace(state, more=(("as", "calendar"),)).here()
    return FeedPage("Subscribe", state.entity, _name(shape), "", state.here("/calendar/feed"), back)


@blueprint.get("/feeds/<secret>.ics")
@public
def read_feed(secret: str) -> Response:
    """Return the calendar of a private address; rights and filter are asked anew each time."""
    found = by_feed(secret, SCOPE)
    if found is None:
        raise NotFound("no_feed", "This calendar address does not exist, or it was ended.", "Make a new one in Kith.")
    ctx, scope = found
    address = urlsplit(scope.removeprefix(SCOPE))
    entity = address.path.removeprefix("/e/")
    state = read_state(entity, MultiDict(parse_qsl(address.query)))
    require_entity(ctx, entity)
    shape, asked = _calendar(ctx, state), read_filter(ctx, state)
    if asked.problem:
        raise Forbidden("feed_unfit", "The filter of this calendar fits no more.", "Make a new address in Kith.")
    text = calendar_text(_name(shape), _events(ctx, shape, Question(state, asked)))
    answer = Response(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _events(ctx: Context, shape: Shape, asked: Question) -> list[Event]:
    fields = replace(fields_for(ctx, shape, "calendar"), group="updated_at")
    today = ctx.locale.dates.today(ctx.now)
    days = (today - _BACK, today + _AHEAD)
    spans = spans_between(ctx, shape, fields, asked, Reach(days, pages=MOST_PAGES)).spans
    return [_event(span) for span in spans]


def _event(span: Span) -> Event:
    start, end = span.begins or span.first, span.ends or span.last
    url = request.host_url.rstrip("/") + span.url
    return Event(f"{span.id}@kith", span.title, start, end, url, span.group.astimezone(UTC))
