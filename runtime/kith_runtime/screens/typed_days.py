"""Days as people type them: what an input of a form says, for the words beside it while one types."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from kith_runtime.field_types._person import clock_moment, typed_date, typed_moment
from kith_runtime.field_types.base import InvalidValue
from kith_runtime.screens.record_values import text_scope
from kith_runtime.web.state import context

blueprint = Blueprint("typed_days", __name__)

LONGEST = 60


@blueprint.get("/typed-day")
def read_typed_day() -> Response:
    """Answer what ``text`` means, as a date input holds it; with ``moment`` also the time. Blank when it means nothing.

    A saved form reads the same text the same way, so nothing depends on this answer.
    """
    scope, text = text_scope(context()), request.args.get("text", "")[:LONGEST]
    try:
        if "moment" in request.args:
            local = clock_moment(typed_moment(text, scope), scope).replace(tzinfo=None)
            return jsonify({"value": local.isoformat(timespec="minutes")})
        return jsonify({"value": typed_date(text, scope).isoformat()})
    except InvalidValue:
        return jsonify({"value": ""})
