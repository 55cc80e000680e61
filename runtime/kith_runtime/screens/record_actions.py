"""What one can do with a record as a whole: move it to another stage, and delete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime import records
from kith_runtime.access import allows, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label
from kith_runtime.queries.reading import get
from kith_runtime.records import Blocked, DeleteRefused, ValidationFailed, VersionConflict
from kith_runtime.records.going import what_goes
from kith_runtime.screens.addresses import list_address, record_address
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.going_words import along_words, holding_words, with_words
from kith_runtime.screens.record_shape import RecordShape, record_shape
from kith_runtime.screens.record_top import shape_of
from kith_runtime.screens.record_values import title_text
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record_actions", __name__)


@dataclass(frozen=True, slots=True)
class DeletePage(Page):
    """The question before a delete, and what stands in its way."""

    record: str = ""
    heading: str = ""
    label: str = ""
    plural: str = ""
    version: int = 0
    message: str = ""
    blockers: Sequence[tuple[str, int, int, Sequence[tuple[str, str]]]] = ()
    refused: Sequence[tuple[str, str]] | None = None
    """Where the fields stand that keep it from being deleted, with their labels; None when no rule does."""
    along: str = ""
    holding: str = ""


@blueprint.post("/e/<entity>/<record>/stage")
def send_stage(entity: str, record: str) -> BaseResponse:
    """Move a record to another stage of its path; the next page offers to move it back."""
    ctx = context()
    shape = shape_of(ctx, entity)
    if shape.stages is None:
        raise NotFound("no_path", "These records have no stages.")
    name = shape.stages.field.name
    before = get(ctx, entity, record, (name,))[name]
    # Undo names no version: it takes back a stage, whatever else was changed since.
    version = request.form.get("version", type=int)
    wanted = request.values.get("stage") or None
    try:
        saved = write(lambda ctx: records.update(ctx, entity, record, {name: wanted}, version=version))
    except (ValidationFailed, VersionConflict) as refused:
        problems = refused.problems if isinstance(refused, ValidationFailed) else ()
        words = " ".join(f"{item.message} {item.hint}".strip() for item in problems) or str(refused)
        if wants_part():
            return jsonify(text=words, undo="", refused=True)
        toast(words, icon="alert-triangle")
        return redirect(record_address(entity, record), 303)
    words, undo = _stage_words(reopen(), entity, record, (before, saved.values.get(name)))
    if wants_part():
        return jsonify(text=words, undo=undo, refused=False)
    if words:
        toast(words, undo=undo)
    return redirect(record_address(entity, record), 303)


def _stage_words(ctx: Context, entity: str, record: str, change: tuple[str | None, str | None]) -> tuple[str, str]:
    """Return what is said of a move, and where it is taken back; nothing where nothing moved."""
    stages = record_shape(ctx, entity).stages
    before, value = change
    if stages is None or value is None or before == value:
        return "", ""
    undo = f"{record_address(entity, record)}/stage?stage={before}" if before else ""
    return f"{stages.field.label or 'Stage'} is now {option_label(value, stages.options.get(value))}.", undo


@blueprint.get("/e/<entity>/<record>/delete")
def show_delete(entity: str, record: str) -> Response:
    """Ask before a delete, as a page of its own."""
    ctx = context()
    shape = shape_of(ctx, entity)
    page = _delete_page(ctx, shape, record)
    if not allows(ctx, entity, "delete", record):
        raise records.may_not(ctx, entity, "delete", record)
    going = what_goes(ctx, entity, [record])
    along, holding = along_words(ctx, going, several=False), holding_words(ctx, going, several=False)
    page = replace(page, along=along, holding=holding)
    return render("record_delete_words.html" if wants_part() else "record_delete.html", page)


def _delete_page(
    ctx: Context, shape: RecordShape, record: str, message: str = "", blocked: Blocked | None = None
) -> DeletePage:
    entity = shape.entity
    names = (shape.title.name,) if shape.title is not None else ("id",)
    values = get(ctx, entity.name, record, names)
    heading = title_text(ctx, entity.name, shape.title, values.get(names[0]))
    blockers = [
        (
            item.label,
            item.total,
            item.hidden,
            [(record_address(item.entity, key), title) for key, title in item.records],
        )
        for item in (blocked.blockers if blocked is not None else ())
    ]
    return DeletePage(
        title=f"Delete {heading}",
        entity=entity.name,
        record=record,
        heading=heading,
        label=ctx.snapshot.said(entity.label),
        plural=entity.plural or entity.label,
        version=values["version"],
        message=message,
        blockers=blockers,
    )


def _anchors(ctx: Context, entity: str, record: str, refused: DeleteRefused) -> list[tuple[str, str]]:
    """Return where the page of the record shows the fields that rules speak of, with their labels."""
    declared, readable = ctx.snapshot.entity(entity).fields, rights_for(ctx, entity).readable
    names = dict.fromkeys(problem.field for problem in refused.problems)
    at = record_address(entity, record)
    return [(f"{at}#v-{name}", label_of(declared[name])) for name in names if name in declared and name in readable]


@blueprint.post("/e/<entity>/<record>/delete")
def send_delete(entity: str, record: str) -> BaseResponse:
    """Delete a record and what belongs to it; the next page offers to take it back."""
    shape = shape_of(context(), entity)
    version = request.form.get("version", type=int)
    title_name = shape.title.name if shape.title is not None else ""
    values = get(context(), entity, record, (title_name,) if title_name else ("id",))
    heading = title_text(context(), entity, shape.title, values.get(title_name))
    try:
        gone = write(lambda ctx: _delete(ctx, (entity, record), version))
    except Blocked as blocked:
        ctx = reopen()
        page = _delete_page(ctx, record_shape(ctx, entity), record, blocked.message, blocked)
        return render("record_delete.html", page, status=409)
    except DeleteRefused as refused:
        ctx = reopen()
        page = _delete_page(ctx, record_shape(ctx, entity), record, refused.message)
        return render("record_delete.html", replace(page, refused=_anchors(ctx, entity, record, refused)), status=422)
    except VersionConflict as stale:
        ctx = reopen()
        message = f"{stale.message} {stale.hint}"
        return render("record_delete.html", _delete_page(ctx, record_shape(ctx, entity), record, message), status=409)
    toast(f"{heading}{gone} deleted.", undo=f"{record_address(entity, record)}/restore", icon="trash")
    return redirect(list_address(entity), 303)


def _delete(ctx: Context, what: tuple[str, str], version: int | None) -> str:
    """Delete a record and return in words what went along, as far as the person may read it."""
    going = what_goes(ctx, what[0], [what[1]])
    records.delete(ctx, *what, version=version)
    return f"{with_words(ctx, going)} {'were' if going.along else 'was'}"
