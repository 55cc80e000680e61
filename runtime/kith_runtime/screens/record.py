"""The page of one record: who it is, where it stands, its fields, what happened, and what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from markupsafe import Markup

from kith_runtime.screens.blocks import Block
from kith_runtime.screens.compose_words import Written
from kith_runtime.screens.parameters import one_of
from kith_runtime.screens.record_compose import Composer, composer_of, kinds_to_add
from kith_runtime.screens.record_place import ListPlace, place_of
from kith_runtime.screens.record_related import RelatedPart, related_parts
from kith_runtime.screens.record_stream import asked_timeline
from kith_runtime.screens.record_timeline import Timeline
from kith_runtime.screens.record_top import RecordTop, drawn, gone_from, guarded, read_values, record_top, shape_of
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context

blueprint = Blueprint("record", __name__)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a heading as drawn; secondary ones start folded. ``page`` and ``group`` are those of the shape."""

    block: Block[Markup]
    folded: bool
    page: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage(Page):
    """A record. Each block may have failed alone."""

    top: RecordTop | None = None
    sections: Sequence[Section] = ()
    timeline: Block[Timeline] | None = None
    related: Sequence[Block[RelatedPart]] = ()
    composer: Composer | None = None
    place: ListPlace | None = None


@blueprint.get("/e/<entity>/<record>")
def show_record(entity: str, record: str) -> Response:
    """Show a record."""
    ctx = context()
    shape = shape_of(ctx, entity)
    values = read_values(ctx, shape, record)
    top = record_top(ctx, shape, record, values)
    gone = gone_from(ctx, shape, record, values)
    kind = one_of("add", request.args.get("add", ""), kinds_to_add(ctx, entity), "activity that you can add here")
    page = RecordPage(
        title=top.heading,
        entity=entity,
        top=top,
        sections=[
            Section(drawn(ctx, part, values, top.edit, gone), part.folded, part.page, part.group)
            for part in shape.sections
        ],
        timeline=guarded(ctx, "timeline", "Timeline", lambda: asked_timeline(ctx, entity, values)),
        place=place_of(ctx, entity, record),
        composer=composer_of(ctx, entity, record, kind, written=Written(request.args.get("text", ""))),
        related=related_parts(ctx, shape, record),
    )
    return render("record.html", page)
