"""The gallery: records as pictures with a title and two fields."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.queries import select
from kith_runtime.queries.query import Page as Rows
from kith_runtime.screens.list_empty import emptiness
from kith_runtime.screens.list_figures import Question, problem_text, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape
from kith_runtime.screens.list_state import ListState
from kith_runtime.screens.listing import Answer, ListPage, frame_of, pager
from kith_runtime.screens.rendering import render
from kith_runtime.screens.views.cards import card_macro, layout_of
from kith_runtime.screens.views.registry import options_of, view_screens
from kith_runtime.web.state import server

SIDE = 256
"""The side of the small copies, in pixels: sharp on a screen of double density."""


@dataclass(frozen=True, slots=True)
class GalleryPage(ListPage):
    """A page of pictures; its cards come drawn, by a template that is generated for their fields."""

    cards: str = ""


@view_screens.register("gallery")
def show_gallery(ctx: Context, shape: Shape, state: ListState) -> Response:
    """Show a page of pictures."""
    found = read_filter(ctx, state)
    answer, rows, drawn = Answer(found), None, ""
    try:
        if not found.problem:
            rows, drawn = _drawn(ctx, shape, Question(state, found))
    except (Invalid, ExpressionError) as fault:
        answer = Answer(found, problem=problem_text(fault), status=400)
    if found.problem:
        answer = Answer(found, problem=found.problem, status=400)
    empty = None if answer.problem else emptiness(ctx, shape, state, rows)
    frame = frame_of(ctx, shape, state, answer)
    page = GalleryPage(**frame, cards=drawn, pager=pager(shape, state, rows), empty=empty)
    return render("gallery.html", page, status=answer.status)


def _drawn(ctx: Context, shape: Shape, asked: Question) -> tuple[Rows, str]:
    image = options_of(ctx, shape, "gallery").image
    layout = layout_of(ctx, shape, "gallery", left_out=(image,))
    layout = replace(layout, middle=layout.middle[:1], owner="", foot="", when="", also=(image,))
    rows = select(ctx, replace(query_of(shape, asked), fields=layout.fields))
    draw = card_macro(ctx, shape, layout, head=_picture(image))
    cells = [
        (record, version, "", False, *row)
        for record, version, row in zip(rows.ids, rows.versions, rows.rows, strict=True)
    ]
    today = ctx.locale.dates.today(ctx.now)
    return rows, draw(cells, ctx.locale, ctx.now, today, server().assets.icon, "")


def _picture(image: str) -> str:
    """Return the source of a card's picture: a small copy, fetched when it comes into sight."""
    name = f"v_{image}"
    return (
        '<div class="pic">{% if ' + name + " is not none %}"
        '<img src="/files/{{ ' + name + ".key }}/thumbnail/" + str(SIDE) + '" alt="" loading="lazy" decoding="async">'
        "{% else %}{{ icon('photo', 'k-i-24') }}{% endif %}</div>"
    )
