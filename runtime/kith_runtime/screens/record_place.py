"""The place of a record in the list that one came from: the one before, the one after, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request
from werkzeug.datastructures import MultiDict

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import KithError
from kith_runtime.context import Context
from kith_runtime.queries.reading import neighbours
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import shape_of
from kith_runtime.screens.list_state import read_state

LONGEST = 4000
_PLACES = ("after", "before", "from", "count")


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a record stands in a list: the list's name and address, and the records beside it (blank at its ends)."""

    label: str
    back: str
    previous: str
    next: str


def place_of(ctx: Context, entity: str, record: str) -> ListPlace | None:
    """Return the place in the list that one came from; None where one came from elsewhere, or it is no list any more.

    The list stands in the address as ``in``, or is the page that held the link. Its filter and order are asked anew,
    with the rights of whoever asks, so an address never tells more than the list itself.
    """
    text = _asked(entity)
    if text is None:
        return None
    pairs = [(name, value) for name, value in parse_qsl(text[:LONGEST]) if name not in _PLACES]
    state = read_state(entity, MultiDict(pairs))
    shape = shape_of(ctx, entity, state.view)
    if shape is None:
        return None
    try:
        found = read_filter(ctx, state)
        if found.problem:
            return None
        previous, following = neighbours(ctx, query_of(shape, Question(state, found)), record)
    except (KithError, ExpressionError):
        return None
    question = urlencode({"in": urlencode(pairs)})
    beside = [f"{record_address(entity, key)}?{question}" if key else "" for key in (previous, following)]
    label = next((tab.label for tab in shape.tabs if tab.name == state.view), "List")
    return ListPlace(label, state.here(), *beside)


def _asked(entity: str) -> str | None:
    """Return the query of the list, as the address or the page before names it."""
    if "in" in request.args:
        return request.args["in"]
    came = urlsplit(request.referrer or "")
    here = came.netloc == request.host and came.path == f"/e/{entity}"
    return came.query if here else None
