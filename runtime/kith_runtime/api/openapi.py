"""``/api/v1/openapi.json``: the API as the caller may use it, described from the published metadata."""

from __future__ import annotations

import hashlib

import orjson
from flask import Blueprint, Response, request

from kith_runtime.access.rights import rights_key
from kith_runtime.api.answers import JSON
from kith_runtime.api.arguments import arguments
from kith_runtime.api.openapi_entity import Fragment, fragment
from kith_runtime.api.openapi_frame import document
from kith_runtime.api.shape import Shape, shape_for, visible_shapes
from kith_runtime.context import Context
from kith_runtime.web.state import context

blueprint = Blueprint("api_openapi", __name__, url_prefix="/api/v1")

Served = tuple[bytes, str]


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the OpenAPI document of what the caller may see; ``entity=`` limits it to one entity."""
    ctx = context()
    only = arguments("entity").get("entity", "")
    text, tag = _served(ctx, only)
    response = Response(text, content_type=JSON)
    response.set_etag(tag)
    # It may be kept, but must be asked for each time: rights and metadata move without notice.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Cookie"
    response.make_conditional(request.environ)
    return response


def _served(ctx: Context, only: str) -> Served:
    key = rights_key(ctx.actor)
    shapes = [shape_for(ctx, only)] if only else visible_shapes(ctx)
    # Entity by entity, so that thousands of them never hold up other requests that have something to compile.
    parts = [_fragment(ctx, shape) for shape in shapes]
    return ctx.published.compiled(("api_openapi", key, only), lambda: _written(parts))


def _fragment(ctx: Context, shape: Shape) -> Fragment:
    key = ("api_openapi_entity", rights_key(ctx.actor), shape.name)
    return ctx.published.compiled(key, lambda: fragment(ctx.snapshot, shape))


def _written(parts: list[Fragment]) -> Served:
    text = orjson.dumps(document(parts))
    return text, hashlib.sha256(text).hexdigest()[:32]
