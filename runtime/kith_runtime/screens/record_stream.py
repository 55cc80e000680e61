"""The timeline of a record as a part of its page: another filter, what is older, or anew after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.queries.reading import get
from kith_runtime.queries.streams import Place
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.parameters import Unfit, one_of
from kith_runtime.screens.record_timeline import Timeline, View, timeline
from kith_runtime.screens.record_top import shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import wants_part
from kith_runtime.web.state import context

blueprint = Blueprint("record_stream", __name__)


@blueprint.get("/e/<entity>/<record>/timeline")
def show_timeline(entity: str, record: str) -> BaseResponse:
    """Show another part of the timeline in place; without a script, in the page."""
    ctx = context()
    if not wants_part():
        return redirect(f"{record_address(entity, record)}?{request.query_string.decode('ascii', 'ignore')}#timeline")
    return Response(timeline_part(ctx, entity, record), mimetype="text/html")


def timeline_part(ctx: Context, entity: str, record: str) -> str:
    """Return the timeline of a record as asked for in the address, as a part of its page."""
    shape = shape_of(ctx, entity)
    names = shape.home
    values = get(ctx, entity, record, names or ("id",), titles=True)
    return drawn_part("record_timeline.html", part=asked_timeline(ctx, entity, values), wants_part=True)


def asked_timeline(ctx: Context, entity: str, values: Mapping[str, Any]) -> Timeline:
    """Return the timeline that the address asks for."""
    after = request.args.get("after", "")
    try:
        place = Place.read(after) if after else None
    except Invalid as wrong:
        raise Unfit("after", wrong.message, "Begin with the newest.") from None
    view = View(
        only=request.args.get("show", ""),
        alone=one_of("alone", request.args.get("alone", ""), ("1",), "choice between this one and what is around it")
        == "1",
        place=place,
    )
    return timeline(ctx, entity, values, view)
