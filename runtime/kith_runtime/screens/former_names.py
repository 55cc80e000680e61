"""Addresses that name an entity as it was called before a rename lead to where it is now."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.web.state import context


def lead_on() -> Response | None:
    """Send a bookmark of an entity's former name on; nothing is told to those who may not see the entity.

    The API answers 404 instead: a program that goes on under an old name would hide that it has to be changed.
    """
    asked = request.view_args or {}
    former = asked.get("entity", "")
    if request.method != "GET" or not request.path.startswith("/e/") or not former:
        return None
    if request.endpoint is None or not current_user.is_authenticated:
        return None
    ctx = context()
    now = "" if ctx.snapshot.has("entity", former) else _former_names(ctx).get(former, "")
    if not now or not rights_for(ctx, now).visible:
        return None
    query = request.args.to_dict(flat=False)
    return redirect(url_for(request.endpoint, **{**query, **asked, "entity": now}))


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
