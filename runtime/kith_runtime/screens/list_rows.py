"""Single rows of a list that is on somebody's screen: drawn anew after a change, and asked for what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked
from kith_runtime.queries import Query
from kith_runtime.queries.many import select_ids, versions_of
from kith_runtime.screens.list_seen import book_here, looks_of, opened
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import read_state
from kith_runtime.web.state import context, server

blueprint = Blueprint("list_rows", __name__)

MOST = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as markup by id, the versions that they show, and who changed each last (blank for the actor)."""

    markup: Mapping[str, str]
    versions: Mapping[str, int]
    by: Mapping[str, str]


@blueprint.get("/e/<entity>/changes")
def show_changes(entity: str) -> BaseResponse:
    """Answer which versions the records on a screen have now; 304 while they are those that the browser knows.

    It is one statement over the primary key. A record that is gone, or not for these eyes any more, is missing.
    """
    ctx = context()
    _require(ctx, entity)
    found = versions_of(ctx, entity, _ids())
    stamp = hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:24]
    answer = make_response(jsonify({"versions": found}))
    answer.set_etag(stamp)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.get("/e/<entity>/rows")
def show_rows(entity: str) -> Response:
    """Return some rows of a list as they are now; ``list`` is the question of its address."""
    ctx = context()
    _require(ctx, entity)
    found = draw_rows_of(ctx, entity, request.args.get("list", ""), _ids())
    return jsonify({"rows": found.markup, "versions": found.versions, "by": found.by})


def draw_rows_of(ctx: Context, entity: str, question: str, ids: Sequence[str]) -> Rows:
    """Return rows of a list drawn as the list draws them."""
    shape = _shape(ctx, entity, question)
    reads_by = "updated_by" in rights_for(ctx, entity).readable
    fields = (*shape.reads, "updated_by") if reads_by else shape.reads
    page = select_ids(ctx, Query(entity, fields, titles=True, reasons=True), ids)
    markup, by = {}, {}
    for record, row in zip(page.ids, page.rows, strict=True):
        markup[record] = _drawn(ctx, shape, row[: len(shape.reads)])
        changer = row[-1] if reads_by else None
        if isinstance(changer, Linked) and changer.id != ctx.actor.id:
            by[record] = changer.title or "Somebody"
        elif not isinstance(changer, Linked):
            by[record] = "Somebody"
    return Rows(markup, dict(zip(page.ids, page.versions, strict=True)), by)


def _shape(ctx: Context, entity: str, question: str) -> Shape:
    arguments = MultiDict(parse_qsl(question.lstrip("?")[:8000], keep_blank_values=True))
    book = book_here(ctx, entity)
    state = opened(ctx, book, read_state(entity, arguments)).state
    shape = shape_of(ctx, entity, state.view, looks_of(ctx, book, state).columns) or shape_of(ctx, entity, "")
    if shape is None:
        raise _unknown()
    return shape


def _drawn(ctx: Context, shape: Shape, row: Sequence[object]) -> str:
    today = ctx.locale.dates.today(ctx.now)
    return str(shape.draw([row], ctx.locale, ctx.now, today, server().assets.icon))


def _ids() -> list[str]:
    return list(dict.fromkeys(item[:40] for item in request.args.getlist("id")))[:MOST]


def _require(ctx: Context, entity: str) -> None:
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
