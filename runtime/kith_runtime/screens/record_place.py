"""The place of a record in the list that one came from: the one before, the one after, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import KithError
from kith_runtime.context import Context
from kith_runtime.queries.query import COUNT_CAP
from kith_runtime.queries.reading import count, neighbours, standing
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import read_state
from kith_runtime.screens.record_top import shape_of as record_shape_of
from kith_runtime.web.state import context

blueprint = Blueprint("record_place", __name__)

LONGEST = 4000
_PLACES = ("after", "before", "from", "count")


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a record stands in a list: the list's name and address, and the records beside it (blank at its ends)."""

    label: str
    back: str
    previous: str
    next: str
    number: str = ""
    """The address that tells which number the record has; it is asked once the page is there."""


@dataclass(frozen=True, slots=True)
class _Came:
    """The list that one came from: its view, its question, and the pairs of its address."""

    shape: Shape
    asked: Question
    pairs: Sequence[tuple[str, str]]


def place_of(ctx: Context, entity: str, record: str) -> ListPlace | None:
    """Return the place in the list that one came from; None where one came from elsewhere, or it is no list any more.

    The list stands in the address as ``in``, or is the page that held the link. Its filter and order are asked anew,
    with the rights of whoever asks, so an address never tells more than the list itself.
    """
    try:
        came = _came(ctx, entity)
        if came is None:
            return None
        previous, following = neighbours(ctx, query_of(came.shape, came.asked), record)
    except (KithError, ExpressionError):
        return None
    question = urlencode({"in": urlencode(came.pairs)})
    beside = [f"{record_address(entity, key)}?{question}" if key else "" for key in (previous, following)]
    state = came.asked.state
    label = next((tab.label for tab in came.shape.tabs if tab.name == state.view), "List")
    number = f"{record_address(entity, record)}/place?{question}"
    return ListPlace(label, state.here(), beside[0], beside[1], number)


@blueprint.get("/e/<entity>/<record>/place")
def show_place(entity: str, record: str) -> BaseResponse:
    """Tell which number a record has in the list that one came from, such as "4 of 212"; nothing where it has none."""
    ctx = context()
    record_shape_of(ctx, entity)
    try:
        came = _came(ctx, entity)
        query = query_of(came.shape, came.asked) if came is not None else None
        number = standing(ctx, query, record) if query is not None else None
        if query is None or number is None:
            return Response("", mimetype="text/html")
        total, capped = count(ctx, query)
    except (KithError, ExpressionError):
        return Response("", mimetype="text/html")
    here = ctx.locale.number(number) if number <= COUNT_CAP else f"Past {ctx.locale.number(COUNT_CAP)}"
    return Response(f"{here} of {ctx.locale.number(total)}{'+' if capped else ''}", mimetype="text/html")


def _came(ctx: Context, entity: str) -> _Came | None:
    text = _asked(entity)
    if text is None:
        return None
    pairs = [(name, value) for name, value in parse_qsl(text[:LONGEST]) if name not in _PLACES]
    state = read_state(entity, MultiDict(pairs))
    shape = shape_of(ctx, entity, state.view)
    if shape is None:
        return None
    found = read_filter(ctx, state)
    return None if found.problem else _Came(shape, Question(state, found), pairs)


def _asked(entity: str) -> str | None:
    """Return the query of the list, as the address or the page before names it."""
    if "in" in request.args:
        return request.args["in"]
    came = urlsplit(request.referrer or "")
    here = came.netloc == request.host and came.path == f"/e/{entity}"
    return came.query if here else None
