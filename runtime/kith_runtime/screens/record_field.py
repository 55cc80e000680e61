"""One field of a record, changed where it stands: its editor, the save, and what two people wrote at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request
from jinja2 import Template
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.reading import get, get_shown
from kith_runtime.records import FieldProblem, Save, ValidationFailed, VersionConflict
from kith_runtime.screens.addresses import edit_address, record_address
from kith_runtime.screens.cells import shape_template
from kith_runtime.screens.controls import FieldState, Sent, control_of, digest
from kith_runtime.screens.edit import refused_plainly, with_files
from kith_runtime.screens.form_conflicts import cards_of, read_cards
from kith_runtime.screens.form_inputs import control_macros
from kith_runtime.screens.form_save import Sending, take_in
from kith_runtime.screens.form_shape import FieldPart, FormShape, FormSource, form_shape, json_text
from kith_runtime.screens.form_state import FormState, state_of
from kith_runtime.screens.record_top import gone_from, read_values, record_top, shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import render_part, wants_part
from kith_runtime.screens.row_state import reads_beside, record_state
from kith_runtime.screens.undo import undo_head
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record_field", __name__)

CHANGED = "kith-changed"
"""The event that tells the other parts of a page that a record was changed."""


@blueprint.get("/e/<entity>/<record>/field/<name>")
def show_field(entity: str, record: str, name: str) -> BaseResponse:
    """Show the editor of one field in the place of its value; without a script, the form."""
    ctx = context()
    shape = _alone(ctx, entity, name)
    if not wants_part():
        return redirect(f"{edit_address(entity, record)}#f-{name}")
    values = get(ctx, entity, record, (name,), titles=True)
    _require_update(ctx, entity, record)
    if "give_back" in request.args:
        return make_response(_row(ctx, entity, record, name))
    state = state_of(ctx, shape, values)
    state.version = values["version"]
    return _editor(ctx, shape, record, state)


@blueprint.post("/e/<entity>/<record>/field/<name>")
def send_field(entity: str, record: str, name: str) -> BaseResponse:
    """Save one field; answers with its row, and with every other part of the page that it changed."""
    ctx = context()
    shape = _alone(ctx, entity, name)
    if request.form.get("_take"):
        return _saved(ctx, entity, record, name, {})
    page = shape_of(ctx, entity)
    before = read_values(ctx, page, record)
    sending = with_files(ctx, shape, Sending(entity, record, _settled(request.form)))
    try:
        trace = write(lambda ctx: _save(ctx, sending, name))
    except (ValidationFailed, VersionConflict) as refused:
        if not wants_part():
            return refused_plainly(sending, name, refused)
        if isinstance(refused, VersionConflict):
            return _refused(reopen(), sending, name, conflict=refused)
        return _refused(reopen(), sending, name, problems=refused.problems)
    if not wants_part():
        return redirect(record_address(entity, record), 303)
    ctx = reopen()
    answer = _saved(ctx, entity, record, name, before)
    answer.headers.update(undo_head(ctx, entity, trace))
    return answer


def _settled(sent: Sent) -> Sent:
    """Return what was sent without the card whose owner chose to keep their own value."""
    if not sent.get("_keep"):
        return sent
    kept = sent.copy()
    kept.poplist("_open")
    return kept


def _alone(ctx: Context, entity: str, name: str) -> FormShape:
    """Return the edit form of an entity with one field alone; raises for a field that cannot be edited here."""
    shape_of(ctx, entity)
    shape = form_shape(ctx, entity, "edit")
    part = shape.fields.get(name)
    if part is None or not part.editable or field_types[part.field.type].computed:
        raise NotFound("unknown_field", f"There is no field '{name[:60]}' to change here.", "Open the form.")
    if field_types[part.field.type].control in ("choice", "rating"):
        part = replace(part, control=control_of(part.field, ctx.snapshot, compact=True))
    return replace(shape, fields={name: part}, rows={})


def _require_update(ctx: Context, entity: str, record: str) -> None:
    if not allows(ctx, entity, "update", record):
        raise records.may_not(ctx, entity, "update", record)


def _save(ctx: Context, sending: Sending, name: str) -> str:
    """Save what was touched and return the trace by which it can be taken back; blank when nothing was."""
    state, problems = take_in(ctx, _alone(ctx, sending.entity, name), sending)
    if problems:
        raise ValidationFailed(problems)
    raw = state.states[name].raw
    if state.before.get(name) == digest(raw) and name not in sending.files:
        return ""
    records.save(ctx, Save(sending.entity, {name: raw}, sending.record, state.version))
    return ctx.trace


def _refused(
    ctx: Context,
    sending: Sending,
    name: str,
    *,
    problems: Sequence[FieldProblem] = (),
    conflict: VersionConflict | None = None,
) -> BaseResponse:
    """Show the editor again with what was typed, and why it is not saved or what somebody else saved meanwhile.

    The answer is a part of a page that is in order, so its status is 200: browsers report all others as faults.
    """
    shape = _alone(ctx, sending.entity, name)
    state, _ = take_in(ctx, shape, sending)
    drawn = state.states[name]
    drawn.conflict = read_cards(sending.sent).get(name)
    if conflict is not None:
        state.version = conflict.version
        drawn.conflict = cards_of(ctx, shape, sending.record, conflict).get(name)
        drawn.error = "" if drawn.conflict else f"{conflict.message} Look at it once more, then save."
    elif drawn.conflict is None:
        # A problem of another field, such as a rule over both, keeps this one from being saved just the same.
        drawn.error = " ".join(f"{item.message} {item.hint}".strip() for item in problems)
    return _editor(ctx, shape, sending.record, state)


@dataclass(frozen=True, slots=True)
class Editor:
    """The editor of one field as it is drawn."""

    part: FieldPart
    state: FieldState
    at: str
    version: int | None
    before: str
    long: bool
    lines: bool


def _editor(ctx: Context, shape: FormShape, record: str, state: FormState) -> Response:
    part = next(iter(shape.fields.values()))
    drawn = state.states[part.name]
    control = field_types[part.field.type].control
    editor = Editor(
        part=part,
        state=drawn,
        at=record_address(shape.entity.name, record),
        version=state.version,
        before=json_text(state.before),
        long=control in ("textarea", "rich", "json", "address"),
        lines=control in ("textarea", "rich", "json"),
    )
    content = render_part(_input(ctx, shape, part), {"s": drawn})
    html = drawn_part("record_field.html", editor=editor, input=Markup(content))  # noqa: S704  our own template
    return Response(html, mimetype="text/html")


def _input(ctx: Context, shape: FormShape, part: FieldPart) -> Template:
    key = ("inline", rights_key(ctx.actor), shape.entity.name, part.name)
    return shape_template(
        ctx, key, lambda: FormSource(shape, ctx.published, control_macros()).single(part, f"i-{part.name}")
    )


def _row(ctx: Context, entity: str, record: str, name: str, more: str = "") -> str:
    shape = shape_of(ctx, entity)
    own = fields_of(ctx.snapshot, entity)
    beside = [item for item in reads_beside(ctx.snapshot, entity, [own[name]]) if item in shape.reads]
    values = get_shown(ctx, entity, record, (name, *beside))
    edit = edit_address(entity, record)
    at = record_address(entity, record)
    drawn = {"v": values[name], "edit": edit, "at": at, "more": more, "gone": ()}
    return render_part(shape.row(ctx, name), {**record_state(ctx.snapshot, entity, values), **drawn})


def _saved(ctx: Context, entity: str, record: str, name: str, before: Mapping[str, Any]) -> Response:
    """Return the row as saved, then the top and each other row whose value is another now."""
    shape = shape_of(ctx, entity)
    values = read_values(ctx, shape, record)
    top = record_top(ctx, shape, record, values)
    gone = gone_from(ctx, shape, record, values)
    turned = gone ^ gone_from(ctx, shape, record, before) if before else frozenset(shape.showing.fields)
    drawn = {**record_state(ctx.snapshot, entity, values), "edit": top.edit, "at": top.at, "gone": gone}
    parts = [render_part(shape.row(ctx, name), {**drawn, "v": values.get(name), "more": " is-saved"})]
    shown = {item.name for section in shape.sections for item in section.fields}
    parts += [
        render_part(shape.row(ctx, other), {**drawn, "v": value, "oob": True})
        for other, value in values.items()
        if other != name and other in shown and (other in turned or value != before.get(other, value))
    ]
    parts.append(drawn_part("record_top.html", top=top, oob=True))
    answer = Response("".join(parts), mimetype="text/html")
    answer.headers["HX-Trigger-After-Swap"] = CHANGED
    return answer
