"""OPTIONS: which methods an address takes from this caller."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from kith_runtime.api.shape import Write, shape_for
from kith_runtime.web.state import context

_WRITES: Mapping[str, Mapping[str, Write]] = {
    "": {"POST": "create"},
    "/<record:record>": {"PATCH": "change", "DELETE": "delete"},
    "/<record:record>/restore": {"POST": "restore"},
    "/by/<key>": {"PUT": "upsert"},
    "/bulk": {"POST": "bulk"},
}
"""Writing methods by the part of an address after its entity, with the right that each needs."""

_READABLE = frozenset({"", "/<record:record>", "/<record:record>/history"})


def answer_options() -> Response | None:
    """Answer OPTIONS with the methods that the caller's rights allow; every other method goes its way."""
    if request.method != "OPTIONS" or request.url_rule is None or request.view_args is None:
        return None
    shape = shape_for(context(), request.view_args["entity"])
    rest = request.url_rule.rule.partition("<entity:entity>")[2]
    methods = ["GET", "HEAD"] if rest in _READABLE else []
    methods += [method for method, operation in _WRITES.get(rest, {}).items() if shape.may(operation)]
    return Response(status=204, headers={"Allow": ", ".join([*methods, "OPTIONS"])})
