"""Query parameters of the API, read strictly: an unknown one is refused, not ignored."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from kith_metadata.registry import nearest
from kith_platform.errors import Invalid, NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries import Query

LIST_PARAMETERS = ("where", "sort", "fields", "expand", "limit", "after", "count", "q", "deleted")
COUNTS = ("none", "capped", "exact")
DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


def refuse_unknown(known: tuple[str, ...]) -> None:
    """Raise :class:`Invalid` for a query parameter that does not exist, or that is given twice."""
    for name in request.args:
        if name not in known:
            suggestion = nearest(name, known)
            hint = f"Did you mean '{suggestion}'?" if suggestion else f"Known: {', '.join(known) or 'none'}."
            raise _invalid(name, f"There is no parameter '{name}' here.", hint)
        if len(request.args.getlist(name)) > 1:
            raise _invalid(name, f"The parameter '{name}' is given twice.", "Give it once.")


def entity_of(ctx: Context, name: str) -> str:
    """Return the entity of an address; one that the actor may not see is as unknown as one that does not exist."""
    if not ctx.snapshot.has("entity", name) or not rights_for(ctx, name).visible:
        raise NotFound("unknown_entity", f"There is no entity '{name}' that you may see.", "Look at the OpenAPI file.")
    return name


def list_query(ctx: Context, entity: str) -> Query:
    """Return the query that the parameters of a list ask for."""
    refuse_unknown(LIST_PARAMETERS)
    arguments = request.args
    count = arguments.get("count", "none")
    if count not in COUNTS:
        raise _invalid("count", f"count={count} is not known.", f"Use one of {', '.join(COUNTS)}.")
    return Query(
        entity=entity,
        fields=field_list(ctx, entity),
        where=arguments.get("where") or None,
        sort=_names(arguments.get("sort", "")),
        limit=_limit(arguments.get("limit", "")),
        after=arguments.get("after") or None,
        count=count,
        expand=expansions(ctx, entity),
        text=arguments.get("q") or None,
        deleted=_flag("deleted"),
    )


def field_list(ctx: Context, entity: str) -> tuple[str, ...]:
    """Return the fields that are asked for; without ``fields=`` all that the actor may read."""
    asked = _names(request.args.get("fields", ""))
    readable = rights_for(ctx, entity).readable
    for name in asked:
        if name not in readable:
            raise unknown_field(ctx, entity, name, "fields")
    return asked


def unknown_field(ctx: Context, entity: str, name: str, parameter: str) -> Invalid:
    """Return the error for a field that does not exist, or that the actor may not read: both sound the same."""
    suggestion = nearest(name, sorted(rights_for(ctx, entity).readable))
    label = ctx.snapshot.entity(entity).label
    hint = f"Did you mean '{suggestion}'?" if suggestion else "Look at the OpenAPI file."
    return _invalid(parameter, f"{label} has no field '{name}'.", hint, code="unknown_field")


def expansions(ctx: Context, entity: str) -> Mapping[str, tuple[str, ...]]:
    """Return which lookups are shown with their title: ``expand=account,owner``."""
    asked = _names(request.args.get("expand", ""))
    readable = rights_for(ctx, entity).readable
    for name in asked:
        if name not in readable:
            raise unknown_field(ctx, entity, name, "expand")
    return dict.fromkeys(asked, ())


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_LIMIT):
        raise _invalid("limit", f"limit={text} does not fit.", f"Use a whole number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def _flag(name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise _invalid(name, f"{name}={text} is not known.", "Use true or false.")
    return text == "true"


def _invalid(parameter: str, message: str, hint: str, *, code: str = "bad_parameter") -> Invalid:
    return Invalid(code, message, hint, parameter, status=400)
