"""From a page context to HTML: one declared context per screen kind, one compiled template per shape.

A page context is a frozen dataclass whose name ends in ``Page``; its fields are all that its template may use beside
the frame. Templates that depend on an entity are compiled from generated source, once per (entity, version, rights),
and kept with the published snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from flask import Response, current_app, flash, get_flashed_messages, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Template
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.personal.preferences import KNOWN, THEMES
from kith_runtime.personal.store import preferences_and_unread
from kith_runtime.screens.desk import any_desk
from kith_runtime.screens.kept import KeptPage, hole, kept_page, pages_of
from kith_runtime.screens.shell import person_view, search_words, shell_of, shell_stamp
from kith_runtime.web.state import reopen, server, state

THEME_COOKIE = "kith_theme"
_MOST_SHOWN = 99
_YEAR = 365 * 24 * 3600


class Personal:
    """How the signed-in person likes the screens, and what waits for them; asked for once, when a frame is drawn."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @cached_property
    def _found(self) -> tuple[dict[str, str], int]:
        if (desk := any_desk()) is not None:
            return dict(desk.preferences), desk.unread
        # A refused writing has ended the reading that the request began with.
        return preferences_and_unread(reopen() if self._ctx.connection.closed else self._ctx)

    @property
    def theme(self) -> str:
        """Light, dark or as the device."""
        return KNOWN["theme"].of({"theme": request.cookies.get(THEME_COOKIE, ""), **self._found[0]})

    @property
    def density(self) -> str:
        """Whether rows are compact or comfortable."""
        return KNOWN["density"].of(self._found[0])

    @property
    def keys(self) -> str:
        """Whether single letters work as keys."""
        return KNOWN["keys"].of(self._found[0])

    @property
    def unread(self) -> str:
        """How many notices are unread, as the bell shows it; empty for none."""
        count = self._found[1]
        return "" if not count else f"{_MOST_SHOWN}+" if count > _MOST_SHOWN else str(count)


@dataclass(frozen=True, slots=True)
class Liked:
    """The same as :class:`Personal` where all of it is known."""

    theme: str
    density: str
    keys: str
    unread: str


@dataclass(frozen=True, slots=True)
class Page:
    """The base of every page context. ``title`` names the browser tab, ``entity`` marks the place in the navigation."""

    title: str
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The navigation around a page as markup: the same for everybody with the same rights, so it is drawn once."""

    side: Markup
    create: Markup
    quick: Markup
    search: str


def keep_theme(response: BaseResponse, theme: str) -> None:
    """Keep a theme in the browser too, for its sign-in page."""
    response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)


def toast(text: str, *, undo: str = "", icon: str = "check", draft: str = "") -> None:
    """Show a short message on the next page; ``undo`` is the address whose POST takes the action back.

    ``draft`` names the form that was saved, so that the browser forgets what it kept of it.
    """
    flash(json.dumps({"text": text, "undo": undo, "icon": icon, "draft": draft}))


def render(template: str | Template, page: Page, *, status: int = 200) -> Response:
    """Return the page as a response, inside the frame of the signed-in person or the plain frame of a visitor."""
    chosen = current_app.jinja_env.get_or_select_template(template)
    ctx = state().context
    frame = _frame(ctx) if ctx is not None else _visitor_frame()
    if ctx is not None:
        frame["drawn"] = _drawn(ctx, page.entity)
    values = {item.name: getattr(page, item.name) for item in fields(page)}
    return Response(chosen.render({**frame, **values, "page": page}), status, mimetype="text/html")


@dataclass(frozen=True, slots=True)
class Alike:
    """A page that is nearly the same for everybody with the same rights and preferences.

    ``key`` holds all that its context depends on beside them. ``page`` makes the context; it gets a value for each
    name of ``own``, which is what differs from request to request: a text, or markup.
    """

    template: str
    key: Hashable
    page: Callable[[Mapping[str, Any]], Page]
    own: Mapping[str, Any]


def render_alike(found: Alike) -> Response:
    """Return a page of a signed-in person; the part of it that is alike is drawn once and kept with the snapshot."""
    ctx = state().context
    if ctx is None or _toasts():
        return render(found.template, found.page(found.own))
    personal = Personal(ctx)
    liked = Liked(personal.theme, personal.density, personal.keys, hole("unread") if personal.unread else "")
    own = {**found.own, "csrf": generate_csrf(), "unread": personal.unread}
    own |= {f"person_{name}": value for name, value in person_view(ctx).items()}
    own["palette"] = shell_stamp(ctx, server().assets.url("icons.svg"))
    key = (found.template, request.path, found.key, liked, rights_key(ctx.actor), ctx.locale)
    kept = pages_of(ctx.published).get(key, lambda: _draw_alike(ctx, found, liked))
    return Response(kept.filled({name: str(escape(value)) for name, value in own.items()}), mimetype="text/html")


def _draw_alike(ctx: Context, found: Alike, liked: Liked) -> KeptPage:
    page = found.page({name: hole(name) for name in found.own})
    values = {
        **{item.name: getattr(page, item.name) for item in fields(page)},
        "page": page,
        "personal": liked,
        "person": {name: hole(f"person_{name}") for name in person_view(ctx)},
        "palette": hole("palette"),
        "csrf_token": lambda: hole("csrf"),
        "drawn": _drawn(ctx, page.entity),
    }
    text = current_app.jinja_env.get_template(found.template).render({**_frame(ctx), **values})
    if generate_csrf() in text or ctx.actor.id in text:
        # Kept for everybody, it would show one person's secrets to the next.
        raise RuntimeError(f"{found.template} writes what belongs to one person past its holes.")
    return kept_page(text)


def render_part(template: Template, values: Mapping[str, Any]) -> str:
    """Return a part of a page, for a swap in place; it gets the same helpers as a page."""
    ctx = state().context
    frame = _frame(ctx) if ctx is not None else _visitor_frame()
    return template.render({**frame, **values})


def compiled_template(ctx: Context, key: Hashable, source: Callable[[], str]) -> Template:
    """Return the template of generated source, compiled once and kept with the snapshot under ``key``.

    ``source`` holds constants of the metadata only, escaped by whoever writes it; data of records comes at rendering.
    """
    environment = current_app.jinja_env
    return ctx.published.compiled(("template", key), lambda: environment.from_string(source()))


def wants_part() -> bool:
    """Tell whether the browser swaps a part in place instead of loading a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def _frame(ctx: Context) -> dict[str, Any]:
    return {
        **_visitor_frame(),
        "ctx": ctx,
        "shell": shell_of(ctx),
        "person": person_view(ctx),
        "personal": Personal(ctx),
        "palette": shell_stamp(ctx, server().assets.url("icons.svg")),
        "f": ctx.locale,
        "now": ctx.now,
        "today": ctx.locale.dates.today(ctx.now),
        "lang": ctx.locale.locale.replace("_", "-"),
        "direction": "rtl" if ctx.locale.is_right_to_left else "ltr",
    }


def _drawn(ctx: Context, entity: str) -> Frame:
    shell = shell_of(ctx)
    at = shell.place_of(request.path, request.args.get("view", ""), entity)

    def build() -> Frame:
        parts: Any = current_app.jinja_env.get_template("_frame.html").module
        return Frame(
            parts.side(shell, entity, at),
            parts.create(shell, ctx.snapshot.said),
            parts.quick_bar(shell, entity, at),
            search_words(ctx, shell, entity),
        )

    if entity and not ctx.snapshot.has("entity", entity):
        return build()
    return ctx.published.compiled(("frame", rights_key(ctx.actor), entity, at), build)


def _visitor_frame() -> dict[str, Any]:
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return {
        "theme": theme if theme in THEMES else "auto",
        "lang": "en",
        "direction": "ltr",
        "toasts": _toasts(),
        "path": request.path,
    }


def _toasts() -> list[Any]:
    return [json.loads(str(message)) for message in get_flashed_messages()]
