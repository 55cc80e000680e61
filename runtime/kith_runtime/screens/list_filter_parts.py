"""Parts of the filter builder while somebody edits it: its lines anew, and how many records match."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Invalid, NotFound
from kith_runtime.context import Context
from kith_runtime.screens.list_builder import applied, filter_part, redrawn
from kith_runtime.screens.list_figures import Question, count_of, problem_text
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import plural_of, shape_of
from kith_runtime.screens.list_state import ListState, read_state
from kith_runtime.screens.listing import require_entity
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context

blueprint = Blueprint("list_filter_parts", __name__, url_prefix="/e/<entity>/filter")


@dataclass(frozen=True, slots=True)
class CountPart(Page):
    """How many records match, or what is not complete yet."""

    text: str = ""
    wrong: bool = False


@blueprint.get("")
def show_filter(entity: str) -> Response:
    """Draw the builder anew, for the field or the operator that was just chosen, or for the text instead of it."""
    ctx = context()
    require_entity(ctx, entity)
    switched = request.headers.get("HX-Trigger-Name") == "_mode"
    builder = redrawn(ctx, read_state(entity, request.args), request.args, switched)
    answer = render("list_filter_part.html", filter_part(ctx, entity, builder))
    answer.headers["HX-Trigger-After-Swap"] = "filter-drawn"
    return answer


@blueprint.get("/count")
def show_count(entity: str) -> Response:
    """Tell how many records match the builder as it stands, up to a limit."""
    ctx = context()
    require_entity(ctx, entity)
    found = applied(ctx, read_state(entity, request.args), request.args)
    if found.builder is not None:
        return render("list_filter_count.html", CountPart("Count", entity, found.builder.problem, True))
    text, wrong = _counted(ctx, found.state)
    return render("list_filter_count.html", CountPart("Count", entity, text, wrong))


def _counted(ctx: Context, state: ListState) -> tuple[str, bool]:
    shape = shape_of(ctx, state.entity, state.view)
    if shape is None:
        raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")
    asked = Question(state, read_filter(ctx, state))
    if asked.filter.problem:
        return asked.filter.problem, True
    try:
        number = count_of(ctx, shape, asked)
    except (Invalid, ExpressionError) as fault:
        return problem_text(fault), True
    one = number == "1"
    words = ctx.snapshot.said(shape.entity.label if one else plural_of(shape.entity))
    return f"{number} {words} {'matches' if one else 'match'}", False
