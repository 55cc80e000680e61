"""A record beside the list that it stands in: the top and the fields of its page, in a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.record import Section
from kith_runtime.screens.record_top import RecordTop, drawn, gone_from, read_values, record_top, shape_of
from kith_runtime.screens.rendering import Page, render, wants_part
from kith_runtime.web.state import context

blueprint = Blueprint("list_peek", __name__)


@dataclass(frozen=True, slots=True)
class PeekPage(Page):
    """What the panel holds."""

    top: RecordTop | None = None
    sections: Sequence[Section] = ()


@blueprint.get("/e/<entity>/<record>/peek")
def show_peek(entity: str, record: str) -> BaseResponse:
    """Show a record as a part beside its list; without a script, its page."""
    ctx = context()
    shape = shape_of(ctx, entity)
    if not wants_part():
        return redirect(record_address(entity, record))
    values = read_values(ctx, shape, record)
    top = record_top(ctx, shape, record, values)
    gone = gone_from(ctx, shape, record, values)
    sections = [Section(drawn(ctx, part, values, top.edit, gone), part.folded) for part in shape.sections]
    return render("list_peek.html", PeekPage(title=top.heading, entity=entity, top=top, sections=sections))
