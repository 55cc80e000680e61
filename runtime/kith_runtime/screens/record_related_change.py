"""Related lists that change where they stand: sorted, a row added or edited in a small form, a row taken out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Conflict, Forbidden, Invalid, KithError, NotFound
from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.reading import get, get_shown
from kith_runtime.records import FieldProblem, KeyReused, Record, Save, ValidationFailed, VersionConflict
from kith_runtime.records.idempotency import once
from kith_runtime.screens.addresses import edit_address, new_address, record_address
from kith_runtime.screens.controls import digest
from kith_runtime.screens.edit import mark_problems, with_files
from kith_runtime.screens.form_save import Sending, take_in
from kith_runtime.screens.form_state import new_state, state_of
from kith_runtime.screens.record_related import Place, place_in, related_block
from kith_runtime.screens.record_top import read_values, record_top, shape_of
from kith_runtime.screens.record_values import drawn_part, title_text
from kith_runtime.screens.related_form import Drawing, drawn_form, related_form_shape
from kith_runtime.screens.rendering import toast, wants_part
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record_related_change", __name__)

_PASSING = frozenset({"csrf_token", "_after"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not saved, and the version that others saved meanwhile."""

    problems: Sequence[FieldProblem] = ()
    notice: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What is said after a change: the words, the address that takes it back, the row it was about, a form to go on."""

    words: str
    undo: str = ""
    icon: str = "check"
    focus: str = ""
    form: str = ""


@blueprint.get("/e/<entity>/<record>/top")
def show_top(entity: str, record: str) -> BaseResponse:
    """Show the top of a record's page anew, after something that hangs on it was changed."""
    ctx = context()
    shape = shape_of(ctx, entity)
    if not wants_part():
        return redirect(record_address(entity, record))
    top = record_top(ctx, shape, record, read_values(ctx, shape, record))
    return Response(drawn_part("record_top.html", top=top), mimetype="text/html")


@blueprint.get("/e/<entity>/<record>/related/<name>")
def show_related(entity: str, record: str, name: str) -> BaseResponse:
    """Show one related list, sorted as asked; without a script, the page of the record."""
    place = _place(context(), entity, record, name)
    if not wants_part():
        return redirect(f"{record_address(entity, record)}#rel-{name}")
    return _list(context(), place, sort=request.args.get("sort", "")[:100])


@blueprint.get("/e/<entity>/<record>/related/<name>/new")
def show_new_related(entity: str, record: str, name: str) -> BaseResponse:
    """Show the form of a new row; without a script, the whole create form."""
    ctx = context()
    place = _place(ctx, entity, record, name)
    _require_create(ctx, place)
    if not wants_part():
        return redirect(new_address(place.block.declared.entity, **{place.block.prefill: record}))
    return Response(_new_form(ctx, place), mimetype="text/html")


@blueprint.post("/e/<entity>/<record>/related/<name>/new")
def send_new_related(entity: str, record: str, name: str) -> BaseResponse:
    """Make a row that points to the record, once; answers with the list, or with its form and what is to be fixed."""
    ctx = context()
    place = _place(ctx, entity, record, name)
    _require_create(ctx, place)
    sending = with_files(
        ctx, related_form_shape(ctx, place, ""), Sending(place.block.declared.entity, "", request.form)
    )
    try:
        made, trace = write(lambda ctx: (_create(ctx, _place(ctx, entity, record, name), sending), ctx.trace))
    except ValidationFailed as refused:
        return _again(reopen(), place, sending, Refused(refused.problems))
    except KeyReused:
        return _again(reopen(), place, sending, Refused((), "This was added before. Save again to add another."))
    ctx = reopen()
    place = _place(ctx, entity, record, name)
    form = _new_form(ctx, place) if request.form.get("_after") == "new" else Markup("")
    words = f"{_title(ctx, place, made.id)} added."
    return _changed(ctx, place, Done(words, undo_address(trace), focus=made.id, form=form))


@blueprint.get("/e/<entity>/<record>/related/<name>/edit/<child>")
def show_edit_related(entity: str, record: str, name: str, child: str) -> BaseResponse:
    """Show the form of a row; without a script, the whole form."""
    ctx = context()
    place = _place(ctx, entity, record, name)
    target = place.block.declared.entity
    if not wants_part():
        return redirect(edit_address(target, child))
    shape = related_form_shape(ctx, place, child)
    values = get_shown(ctx, target, child, tuple(shape.fields))
    if not allows(ctx, target, "update", child):
        raise records.may_not(ctx, target, "update", child)
    state = state_of(ctx, shape, values)
    state.version = values["version"]
    return Response(drawn_form(ctx, place, state, Drawing(child)), mimetype="text/html")


@blueprint.post("/e/<entity>/<record>/related/<name>/edit/<child>")
def send_edit_related(entity: str, record: str, name: str, child: str) -> BaseResponse:
    """Save what was touched of a row; answers with the list, or with its form and what is to be fixed."""
    ctx = context()
    place = _place(ctx, entity, record, name)
    sending = Sending(place.block.declared.entity, child, request.form)
    sending = with_files(ctx, related_form_shape(ctx, place, child), sending)
    try:
        trace = write(lambda ctx: _update(ctx, _place(ctx, entity, record, name), sending))
    except ValidationFailed as refused:
        return _again(reopen(), place, sending, Refused(refused.problems))
    except VersionConflict as conflict:
        words = f"{conflict.message} Cancel to see it as it is now, or save again to keep yours."
        return _again(reopen(), place, sending, Refused((), words, conflict.version))
    ctx = reopen()
    words = f"{_title(ctx, place, child)} saved." if trace else "Nothing was changed."
    return _changed(ctx, _place(ctx, entity, record, name), Done(words, undo_address(trace), focus=child))


@blueprint.post("/e/<entity>/<record>/related/<name>/remove")
def send_remove_related(entity: str, record: str, name: str) -> BaseResponse:
    """Take a row out: its lookup is emptied where it may be blank, else the row goes to the recycle bin."""
    child = request.form.get("remove", "")[:40]
    place = _place(context(), entity, record, name)
    if not place.block.leaving:
        raise Forbidden(
            "remove_forbidden", f"You may not take {context().snapshot.said(place.block.title)} out.", "Ask its owner."
        )
    words = _title(context(), place, child)
    try:
        trace = write(lambda ctx: _take_out(ctx, _place(ctx, entity, record, name), child))
    except KithError as refused:
        return _changed(reopen(), place, Done(f"{refused.message} {refused.hint}".strip(), icon="alert-triangle"))
    verb = "removed" if place.block.leaving == "unlink" or place.block.joins else "deleted"
    ctx = reopen()
    return _changed(ctx, _place(ctx, entity, record, name), Done(f"{words} {verb}.", undo_address(trace), "unlink"))


# ---- what is done ---------------------------------------------------------------------------------------------------


def _place(ctx: Context, entity: str, record: str, name: str) -> Place:
    place = place_in(ctx, entity, record, name)
    get(ctx, entity, record, ("id",))
    return place


def _require_create(ctx: Context, place: Place) -> None:
    if not place.block.prefill:
        plural = ctx.snapshot.said(place.block.title)
        raise Forbidden("create_forbidden", f"You may not add {plural} here.", "Ask an administrator for a role.")


def _create(ctx: Context, place: Place, sending: Sending) -> Record:
    """Make the row with everything that its form had; a form that is sent twice makes one."""
    shape = related_form_shape(ctx, place, "")
    points = fields_of(ctx.snapshot, sending.entity)[place.block.declared.by]

    def make(new_id: str = "") -> Record:
        state, problems = take_in(ctx, shape, sending)
        broken = {item.field for item in problems}
        values: dict[str, Any] = {
            part.name: state.states[part.name].raw
            for part in shape.editable
            if part.name not in broken and (part.name in state.before or part.name in sending.files)
        }
        values[points.name] = [place.record] if points.type == "lookups" else place.record
        return _saved(ctx, Save(sending.entity, values, new_id=new_id), problems)

    token = sending.sent.get("_token", "")[:64]
    mark = {name: sending.sent.getlist(name) for name in sending.sent if name not in _PASSING}
    return once(ctx, sending.entity, (f"form:{token}", mark), make) if token else make()


def _update(ctx: Context, place: Place, sending: Sending) -> str:
    """Save the fields that were touched and return the trace by which it is taken back; blank when none was."""
    state, problems = take_in(ctx, related_form_shape(ctx, place, sending.record), sending)
    values = {
        name: drawn.raw
        for name, drawn in state.states.items()
        if state.before.get(name, "") != digest(drawn.raw) or name in sending.files
    }
    if not values and not problems:
        return ""
    _saved(ctx, Save(sending.entity, values, sending.record, state.version), problems)
    return ctx.trace


def _saved(ctx: Context, form: Save, problems: Sequence[FieldProblem]) -> Record:
    """Save a row; raises with the problems of its texts and those of the records door together."""
    broken = {item.field for item in problems}
    try:
        record = records.save(ctx, form)
    except ValidationFailed as refused:
        others = [item for item in refused.problems if item.field not in broken]
        raise ValidationFailed([*problems, *others]) from refused
    if problems:
        raise ValidationFailed(problems)
    return record


def _take_out(ctx: Context, place: Place, child: str) -> str:
    declared = place.block.declared
    points = fields_of(ctx.snapshot, declared.entity)[declared.by]
    values = get(ctx, declared.entity, child, (points.name,))
    held = values[points.name] or ()
    if place.record not in (held if points.type == "lookups" else [held]):
        raise Conflict("not_here", "Somebody took it out meanwhile.", "The list shows what is there now.")
    if place.block.leaving == "delete":
        records.delete(ctx, declared.entity, child, version=values["version"])
    else:
        left = tuple(item for item in held if item != place.record) if points.type == "lookups" else None
        records.update(ctx, declared.entity, child, {points.name: left}, version=values["version"])
    return ctx.trace


# ---- what is answered -----------------------------------------------------------------------------------------------


def _new_form(ctx: Context, place: Place) -> Markup:
    return drawn_form(ctx, place, new_state(ctx, related_form_shape(ctx, place, ""), {}))


def _again(ctx: Context, place: Place, sending: Sending, refused: Refused) -> BaseResponse:
    """Show the form again with what was typed. Its status is 200: browsers report all others as faults of the page."""
    place = _place(ctx, place.entity, place.record, place.block.name)
    if not wants_part():
        words = " ".join(f"{item.message} {item.hint}".strip() for item in refused.problems)
        toast(words or refused.notice, icon="alert-triangle")
        return redirect(f"{record_address(place.entity, place.record)}#rel-{place.block.name}", 303)
    shape = related_form_shape(ctx, place, sending.record)
    state, _ = take_in(ctx, shape, sending)
    if refused.version is not None:
        state.version = refused.version
    if refused.notice and not sending.record:
        state.token = ""
    troubles = mark_problems(ctx, shape, state, refused.problems)
    form = drawn_form(ctx, place, state, Drawing(sending.record, troubles, refused.notice))
    answer = Response(form, mimetype="text/html")
    answer.headers["HX-Retarget"] = f"#{place.slot}"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _list(ctx: Context, place: Place, *, sort: str = "", done: Done | None = None) -> Response:
    part = related_block(ctx, place, sort=sort)
    focus, form = (done.focus, done.form) if done is not None else ("", "")
    html = drawn_part("record_related.html", part=part, focus=focus, form=form)
    return Response(html, mimetype="text/html")


def _changed(ctx: Context, place: Place, done: Done) -> BaseResponse:
    """Answer with the list as it is now; the page says what was done and draws anew what may have changed with it."""
    if not wants_part():
        toast(done.words, undo=done.undo, icon=done.icon)
        return redirect(f"{record_address(place.entity, place.record)}#rel-{place.block.name}", 303)
    answer = _list(ctx, place, done=done)
    said = {"text": done.words, "undo": done.undo, "icon": done.icon}
    events = {"kith-changed": {}, "kith-related": {}, "kith-said": said}
    answer.headers["HX-Trigger-After-Settle"] = json.dumps(events, ensure_ascii=True)
    return answer


def _title(ctx: Context, place: Place, child: str) -> str:
    """Return what a row is called: who it joins, or its title."""
    entity = ctx.snapshot.entity(place.block.declared.entity)
    declared = place.block.fields[0] if place.block.joins else fields_of(ctx.snapshot, entity.name).get(entity.title)
    if declared is None:
        return entity.label
    try:
        values = get(ctx, entity.name, child, (declared.name,), titles=True)
    except (NotFound, Invalid):
        return entity.label
    return title_text(ctx, entity.name, declared, values.get(declared.name))
