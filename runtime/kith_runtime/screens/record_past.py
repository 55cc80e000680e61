"""What a field held before: who changed it, from what to what, by which door, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.kinds.entity import Field
from kith_platform.errors import NotFound
from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.change import Change
from kith_runtime.queries.field_changes import field_changes
from kith_runtime.records import ValidationFailed
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.record_history import past_texts
from kith_runtime.screens.record_top import read_values, record_top, shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record_past", __name__)

_DOORS = {
    "screen": "on a page",
    "api": "by the API",
    "cli": "on the command line",
    "import": "by an import",
    "system": "by the system",
}
_FIXED = frozenset({"auto_number", "file", "image"})


@dataclass(frozen=True, slots=True)
class PastLine:
    """One change of a field. ``restores`` is what the field would hold again; ``seq`` names the change."""

    seq: int
    who: str
    actor: str
    before: str
    after: str
    door: str
    when: str
    full: str


@dataclass(frozen=True, slots=True)
class PastPage(Page):
    """The history of one field of a record."""

    at: str = ""
    plural: str = ""
    heading: str = ""
    name: str = ""
    label: str = ""
    lines: Sequence[PastLine] = ()
    may_restore: bool = False


@blueprint.get("/e/<entity>/<record>/history/<name>")
def show_past(entity: str, record: str, name: str) -> Response:
    """Show what a field held before, beside it or as a page of its own."""
    ctx = context()
    shape = shape_of(ctx, entity)
    changes = field_changes(ctx, entity, record, name)
    declared = fields_of(ctx.snapshot, entity)[name]
    top = record_top(ctx, shape, record, read_values(ctx, shape, record))
    page = PastPage(
        title=f"History of {label_of(declared)}",
        entity=entity,
        at=top.at,
        plural=top.plural,
        heading=top.heading,
        name=name,
        label=label_of(declared),
        lines=_lines(ctx, declared, changes),
        may_restore=bool(top.edit) and name in shape.use.editable and declared.type not in _FIXED,
    )
    if wants_part():
        return Response(drawn_part("record_past_part.html", page=page), mimetype="text/html")
    return render("record_past.html", page)


def _lines(ctx: Context, declared: Field, changes: Sequence[Change]) -> list[PastLine]:
    texts = iter(past_texts(ctx, [(declared, value) for change in changes for value in change.changes[declared.name]]))
    found = []
    for change in changes:
        before, after = next(texts), next(texts)
        door = "at creation" if change.action == "create" else _DOORS.get(change.door, "")
        found.append(
            PastLine(
                seq=change.seq,
                who=change.actor_name or "Somebody",
                actor=change.actor_id,
                before=before,
                after=after,
                door=door,
                when=ctx.locale.dates.ago(change.at, ctx.now),
                full=ctx.locale.dates.full(change.at),
            )
        )
    return found


@blueprint.post("/e/<entity>/<record>/history/<name>/<int:seq>")
def send_restore(entity: str, record: str, name: str, seq: int) -> BaseResponse:
    """Give a field the value again that it held before one of its changes."""
    ctx = context()
    shape = shape_of(ctx, entity)
    change = next((item for item in field_changes(ctx, entity, record, name) if item.seq == seq), None)
    if change is None or name not in shape.use.editable or not allows(ctx, entity, "update", record):
        raise NotFound("no_change", "This change is not in the history any more.", "Open the history again.")
    before = change.changes[name][0]
    declared = fields_of(ctx.snapshot, entity)[name]
    try:
        write(lambda ctx: records.update(ctx, entity, record, {name: before}))
    except ValidationFailed as refused:
        toast(" ".join(f"{item.message} {item.hint}".strip() for item in refused.problems), icon="alert-triangle")
        return redirect(record_address(entity, record), 303)
    ctx = reopen()
    words = past_texts(ctx, [(declared, before)])[0] or "empty"
    toast(f"{label_of(declared)} is {words[:120]} again.")
    return redirect(record_address(entity, record), 303)
