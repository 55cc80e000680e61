"""Query parameters of the API, read strictly: an unknown, repeated or empty one is refused, not ignored."""

from __future__ import annotations

import re
from collections.abc import Collection

from flask import request
from werkzeug.routing import BaseConverter

from kith_metadata.registry import nearest
from kith_platform.errors import Invalid, NotFound
from kith_runtime.api.shape import Shape
from kith_runtime.field_types._links import ID_PATTERN
from kith_runtime.queries.query import MOST_ROWS, CountMode, Query

LIST_PARAMETERS = ("where", "sort", "fields", "expand", "limit", "after", "count", "q", "deleted")
COUNTS: tuple[CountMode, ...] = ("none", "capped", "exact")
DEFAULT_LIMIT = 50
LONGEST_TEXT = 8_000
MOST_SORTS = 8

_ID = re.compile(ID_PATTERN.rstrip("$") + r"\Z", re.ASCII)


def arguments(*known: str) -> dict[str, str]:
    """Return the parameters of the address by name.

    Raises :class:`Invalid` for one that does not exist here, is given twice, is empty, or holds a control character.
    """
    if not request.query_string:
        return {}
    found: dict[str, str] = {}
    for name, text in request.args.items(multi=True):
        if name not in known:
            suggestion = nearest(name, known)
            hint = f"Did you mean '{suggestion}'?" if suggestion else f"Known: {', '.join(known) or 'none'}."
            raise invalid(name, f"There is no parameter '{name[:60]}' here.", hint, code="unknown_parameter")
        if name in found:
            raise invalid(name, f"The parameter '{name}' is given twice.", "Give it once.")
        if not text.strip():
            raise invalid(name, f"The parameter '{name}' is empty.", "Leave it out, or give it a value.")
        if len(text) > LONGEST_TEXT:
            raise invalid(name, f"The parameter '{name}' is too long.", f"Up to {LONGEST_TEXT} characters fit.")
        if any(sign < " " and sign not in "\t\n\r" for sign in text):
            message = f"The parameter '{name}' holds a sign that cannot be seen."
            raise Invalid("control_character", message, "Take it out.", name)
        found[name] = text
    return found


class EntityName(BaseConverter):
    """The part of an address that names an entity: ``app.name``."""

    regex = r"(?!openapi\.json)[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"


class RecordId(BaseConverter):
    """The part of an address that is the id of a record; anything else is no address at all."""

    regex = ID_PATTERN.strip("^$")


def require_id(shape: Shape, text: str) -> None:
    """Raise :class:`NotFound` for a text that can be no id: it is as unknown as an id that does not exist."""
    if not _ID.match(text):
        raise NotFound("not_found", f"This {shape.noun} does not exist, or you may not see it.", "Look in the list.")


def require_key(shape: Shape, key: str) -> None:
    """Raise :class:`NotFound` for a key that does not exist, or of which the actor may not read every field."""
    if key not in shape.keys:
        known = ", ".join(shape.keys) or "none"
        raise NotFound("unknown_key", f"{shape.entity.label} has no key '{key[:60]}'.", f"Its keys: {known}.")


def list_query(shape: Shape) -> Query:
    """Return the query that the parameters of a list ask for."""
    given = arguments(*LIST_PARAMETERS)
    count = given.get("count", "none")
    if count not in COUNTS:
        raise invalid("count", f"count={count[:60]} is not known.", f"Use one of {', '.join(COUNTS)}.")
    return Query(
        entity=shape.name,
        fields=field_list(shape, given),
        where=given.get("where"),
        sort=_sort(shape, given),
        limit=page_limit(given),
        after=given.get("after"),
        count=count,
        expand=expansions(shape, given),
        text=given.get("q", ""),
        deleted=_flag(given, "deleted"),
        reasons=True,
    )


def field_list(shape: Shape, given: dict[str, str]) -> tuple[str, ...]:
    """Return the fields that are asked for; without ``fields=`` all that the actor may read."""
    if "fields" not in given:
        return shape.names
    return _names(shape, given, "fields", shape.fields)


def expansions(shape: Shape, given: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return which lookups are shown with their title: ``expand=account,owner``."""
    if "expand" not in given:
        return {}
    asked = _names(shape, given, "expand", shape.fields)
    for name in asked:
        if name not in shape.expandable:
            raise invalid("expand", f"{name} is no lookup.", "Expand lookups.")
    return dict.fromkeys(asked, ())


def number(given: dict[str, str], name: str) -> int | None:
    """Return a whole number from 1 up, or None when it is not given."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 19):
        raise invalid(name, f"{name}={text[:60]} is no whole number from 1 up.", "Use a number from a former answer.")
    return int(text)


def _sort(shape: Shape, given: dict[str, str]) -> tuple[str, ...]:
    if "sort" not in given:
        return ()
    asked = _split(given["sort"], "sort")
    for item in asked:
        name = item.removeprefix("-")
        if name not in shape.fields:
            raise _unknown_field(shape, name, "sort")
        if name not in shape.sortable:
            raise invalid("sort", f"Lists cannot be sorted by {name}.", "Choose another field.", code="not_sortable")
    if len(asked) > MOST_SORTS:
        raise invalid("sort", f"sort names {len(asked)} fields.", f"Name up to {MOST_SORTS}.")
    return asked


def _names(shape: Shape, given: dict[str, str], parameter: str, known: Collection[str]) -> tuple[str, ...]:
    asked = _split(given[parameter], parameter)
    for name in asked:
        if name not in known:
            raise _unknown_field(shape, name, parameter)
    return asked


def _split(text: str, parameter: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if "" in parts:
        raise invalid(parameter, f"{parameter} holds an empty name.", "Write names with one comma between them.")
    if len(set(parts)) != len(parts):
        raise invalid(parameter, f"{parameter} holds a name twice.", "Name each once.")
    return parts


def _unknown_field(shape: Shape, name: str, parameter: str) -> Invalid:
    """Return the error for a field that does not exist, or that the actor may not read: both sound the same."""
    suggestion = nearest(name, shape.names)
    hint = f"Did you mean '{suggestion}'?" if suggestion else "Look at the OpenAPI file."
    return invalid(parameter, f"{shape.entity.label} has no field '{name[:60]}'.", hint, code="unknown_field")


def page_limit(given: dict[str, str]) -> int:
    """Return how many rows a page may have."""
    text = given.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 5 and int(text) <= MOST_ROWS):
        raise invalid("limit", f"limit={text[:60]} does not fit.", f"Use a whole number from 1 to {MOST_ROWS}.")
    return int(text)


def _flag(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(name, f"{name}={text[:60]} is not known.", "Use true or false.")
    return text == "true"


def invalid(parameter: str, message: str, hint: str, *, code: str = "bad_parameter") -> Invalid:
    """Return the error for a parameter that does not fit: status 400."""
    return Invalid(code, message, hint, parameter[:60], status=400)
