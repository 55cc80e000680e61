"""Addresses that name an entity or a field as it was called before a rename lead to where it is now."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.web.state import context

_NAME_FIELDS = ("sort", "f", "group")
"""The parameters of lists that name fields. Conditions in the expression language say themselves what they miss."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)


def lead_on() -> Response | None:
    """Send a bookmark with a former name on; nothing is told to those who may not see the entity or the field.

    The API answers 404 instead: a program that goes on under an old name would hide that it has to be changed.
    """
    asked = request.view_args or {}
    former = asked.get("entity", "")
    if request.method != "GET" or not request.path.startswith("/e/") or not former:
        return None
    if request.endpoint is None or not current_user.is_authenticated:
        return None
    ctx = context()
    now = former if ctx.snapshot.has("entity", former) else _former_names(ctx).get(former, "")
    if not now or not rights_for(ctx, now).visible:
        return None
    given = request.args.to_dict(flat=False)
    fields = _former_fields(ctx, now)
    query = {
        name: [_WORD.sub(lambda found: fields.get(found[0], found[0]), value) for value in values]
        if name in _NAME_FIELDS and fields
        else values
        for name, values in given.items()
    }
    if (now, query) == (former, given):
        return None
    return redirect(url_for(request.endpoint, **{**query, **asked, "entity": now}))


def _former_fields(ctx: Context, entity: str) -> Mapping[str, str]:
    """Return the readable fields that were renamed and whose former name no other one has, by that name."""

    def build() -> Mapping[str, str]:
        known = fields_of(ctx.snapshot, entity)
        return {field.was: field.name for field in known.values() if field.was and field.was not in known}

    former = ctx.published.compiled(("former names of fields", entity), build)
    return {was: name for was, name in former.items() if name in rights_for(ctx, entity).readable} if former else former


def _former_names(ctx: Context) -> Mapping[str, str]:
    """Return the entities that were renamed and whose former name no other one has, by that name."""
    return ctx.published.compiled(("former names of entities",), lambda: dict(_renames(ctx)))


def _renames(ctx: Context) -> list[tuple[str, str]]:
    found = []
    for name in ctx.snapshot.entities():
        was = ctx.snapshot.entity(name).was
        if was:
            found.append((was if "." in was else f"{name.partition('.')[0]}.{was}", name))
    return found
