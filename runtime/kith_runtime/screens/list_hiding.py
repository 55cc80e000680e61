"""Which of the things that an empty list was asked for hides most, told once the list is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, Response, request

from kith_runtime.context import Context
from kith_runtime.queries import select
from kith_runtime.screens.blocks import block
from kith_runtime.screens.list_empty import Asked, things_asked
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_seen import book_here, opened
from kith_runtime.screens.list_shape import Shape, plural_of, shape_of
from kith_runtime.screens.list_state import read_state
from kith_runtime.screens.listing import require_entity
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context

blueprint = Blueprint("list_hiding", __name__)

MOST_TRIED = 8
"""Conditions that are left out one after the other; a question with more has its first ones tried."""


@dataclass(frozen=True, slots=True)
class HidingPart(Page):
    """The condition that hides most, the address without it, and how many records then match; blank for none."""

    words: str = ""
    without: str = ""
    count: str = ""
    many: bool = False


@blueprint.get("/e/<entity>/hiding")
def show_hiding(entity: str) -> Response:
    """Tell which of the things that were asked hides most, and how many records match without it."""
    ctx = context()
    require_entity(ctx, entity)
    state = opened(ctx, book_here(ctx, entity), read_state(entity, request.args)).state
    shape = shape_of(ctx, entity, state.view)
    part = HidingPart("Hiding", entity)
    most = 0
    if shape is None:
        return render("list_hiding.html", part)
    for item in list(things_asked(ctx, state))[:MOST_TRIED]:
        # One that fits no field, or asks too much, is no reason to show none of the others.
        number, capped = block(ctx, "hiding", "Filter", partial(_count, ctx, shape, item)).content or (0, False)
        if number > most:
            most = number
            noun = ctx.snapshot.said(shape.entity.label if number == 1 else plural_of(shape.entity))
            words = f"{ctx.locale.number(number)}{'+' if capped else ''} {noun}"
            part = replace(part, words=item.words, without=item.without.here(), count=words, many=number != 1)
    return render("list_hiding.html", part)


def _count(ctx: Context, shape: Shape, item: Asked) -> tuple[int, bool]:
    found = read_filter(ctx, item.without)
    if found.problem:
        return 0, False
    asked = query_of(shape, Question(item.without, found))
    page = select(ctx, replace(asked, fields=("id",), sort=(), limit=1, titles=False, count="capped"))
    return page.count or 0, page.capped
