"""A record on paper: its fields and its related lists on a plain sheet, without the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from markupsafe import Markup

from kith_runtime.screens.blocks import Block
from kith_runtime.screens.record_related import RelatedPart, related_parts
from kith_runtime.screens.record_top import RecordTop, drawn, gone_from, read_values, record_top, shape_of
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context

blueprint = Blueprint("record_print", __name__)


@dataclass(frozen=True, slots=True)
class PrintPage(Page):
    """A record as it is printed: who looked at it and when stand at its foot."""

    top: RecordTop | None = None
    sections: Sequence[Block[Markup]] = ()
    related: Sequence[Block[RelatedPart]] = ()
    who: str = ""
    when: str = ""


@blueprint.get("/e/<entity>/<record>/print")
def show_print(entity: str, record: str) -> Response:
    """Show a record as a sheet of paper."""
    ctx = context()
    shape = shape_of(ctx, entity)
    values = read_values(ctx, shape, record)
    top = record_top(ctx, shape, record, values)
    gone = gone_from(ctx, shape, record, values)
    page = PrintPage(
        title=top.heading,
        entity=entity,
        top=top,
        sections=[drawn(ctx, part, values, "", gone) for part in shape.sections],
        related=related_parts(ctx, shape, record, paper=True),
        who=ctx.actor.name,
        when=ctx.locale.datetime(ctx.now, ctx.now),
    )
    return render("record_print.html", page)
