"""What the addresses of pages may ask for; a parameter that fits nothing is refused in words, with a way back.

Passed over, it would show something else than was asked for, and nobody would know.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from urllib.parse import urlencode

from flask import request
from flask_login import current_user

from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.field_types._links import ID_PATTERN
from kith_runtime.field_types._person import typed_date
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.screens.list_state import MORE, ListState
from kith_runtime.screens.list_tree import is_sent

LIST = frozenset(
    ("view", "saved", "group", "sort", "q", "where", "after", "before", "from", "count", "f", "o", "v", *MORE)
)
"""The parameters of a list in all its ways."""

_RECORD = frozenset(("in", "add", "show", "alone", "after", "sort.*"))
_PAGES = {
    "home.show_home": frozenset[str](),
    "notices.show_notices": frozenset[str](),
    "record_marks.show_favourites": frozenset[str](),
    "person.show_settings": frozenset[str](),
    "search.show_search": frozenset(("q",)),
    "listing.show_list": LIST | {"move", "shift"},
    "list_views.show_columns": LIST,
    "list_views.show_views": frozenset(("view",)),
    "list_views.show_view": frozenset[str](),
    "list_bulk.show_run": frozenset(("do", "field")),
    "recycle.show_bin": frozenset(("after", "before")),
    "record.show_record": _RECORD | {"text"},
    "record_print.show_print": _RECORD,
    "record_stream.show_timeline": frozenset(("show", "alone", "after")),
    "record_actions.show_delete": frozenset[str](),
    "record_past.show_past": frozenset[str](),
    "edit.show_edit": frozenset[str](),
    "admin_overview.show_overview": frozenset[str](),
    "admin_access.show_access": frozenset(("person", "entity", "field", "record")),
    "admin_audit.show_audit": frozenset(("action", "actor", "subject", "before")),
    "admin_people.show_people": frozenset(("q", "state", "name", "after")),
    "admin_people.show_new": frozenset[str](),
    "admin_people.show_person": frozenset[str](),
    "admin_publishes.show_publishes": frozenset(("before",)),
    "admin_roles.show_roles": frozenset[str](),
    "admin_roles.show_role": frozenset[str](),
    "admin_sessions.show_sessions": frozenset(("seen", "before")),
    "admin_settings.show_settings": frozenset[str](),
    "admin_tokens.show_tokens": frozenset(("after",)),
}
"""What each page knows, by endpoint. The forms of new records are not among them: their parameters are fields."""

_ADDED = ("utm_", "fbclid", "gclid", "msclkid", "mc_")
"""How the parameters begin that mail programs and news letters put behind every address."""

_LONGEST_SHOWN = 60
_ID = re.compile(ID_PATTERN.strip("^$"), re.ASCII)


class Unfit(Invalid):
    """A parameter of the address fits nothing; ``way`` is the same address without it."""

    status = 400

    def __init__(self, name: str, message: str, hint: str = "") -> None:
        super().__init__("address_unfit", message, hint)
        kept = [(key, value) for key, value in request.args.items(multi=True) if key != name]
        self.way = request.path + (f"?{urlencode(kept)}" if kept else "")


def refuse_unknown() -> None:
    """Refuse an address whose parameters the page does not know, before anything is read."""
    known = _PAGES.get(request.endpoint or "")
    if known is None or request.method not in ("GET", "HEAD") or not current_user.is_authenticated:
        return
    if request.endpoint == "listing.show_list" and is_sent(request.args):
        return
    require_known(known)


def require_known(known: Collection[str]) -> None:
    """Raise :class:`Unfit` for the first parameter of the address that is not among those that a page knows."""
    for name in request.args:
        if not name.startswith(_ADDED) and name not in known and f"{name.partition('.')[0]}.*" not in known:
            message = f"This address asks for “{_short(name)}”, which this page does not know."
            raise Unfit(name, message, "It may be cut off, or of another page.")


def one_of(name: str, value: str, known: Collection[str], words: str) -> str:
    """Return a value of the address that must be among those known, or blank; ``words`` say what it should be."""
    if value and value not in known:
        raise Unfit(name, f"“{_short(value)}” is no {words}.")
    return value


def id_in(name: str, value: str, words: str) -> str:
    """Return the id of a record that the address names, or blank."""
    if value and not _ID.fullmatch(value):
        raise Unfit(name, f"“{_short(value)}” is no {words}.")
    return value


def number_in(name: str, value: str, words: str) -> int | None:
    """Return a whole number of the address; None for none."""
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 18):
        raise Unfit(name, f"“{_short(value)}” is no {words}.")
    return int(value)


def day_in(ctx: Context, state: ListState) -> date | None:
    """Return the day that the address of a calendar or timeline names, also as a person types it; None for none."""
    text = state.asked("on")
    if not text:
        return None
    try:
        found = typed_date(text, InputScope(ctx.locale, ctx.snapshot, "form", ctx.now))
    except InvalidValue:
        found = date.min
    if not 1900 <= found.year <= 2200:
        hint = "Write one such as 27 Nov or friday, from 1900 to 2200."
        raise Unfit("on", f"There is no day “{_short(text)}” here.", hint)
    return found


def require_used(state: ListState, names: Collection[str]) -> None:
    """Raise :class:`Unfit` where the address says more than the way in which its records are shown can follow."""
    for name, value in state.more:
        if name != "as" and name not in names:
            raise Unfit(name, f"“{name}={_short(value)}” means nothing to the way in which these records are shown.")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
