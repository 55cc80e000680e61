"""One cell of a list, changed where it stands: its editor, the save by the form's rules, and two people on one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.queries.reading import get
from kith_runtime.records import FieldProblem, Save, ValidationFailed, VersionConflict
from kith_runtime.screens.addresses import edit_address, record_address
from kith_runtime.screens.controls import FieldState, Sent, digest
from kith_runtime.screens.edit import refused_plainly, with_files
from kith_runtime.screens.field_alone import alone, drawn_input
from kith_runtime.screens.form_conflicts import cards_of, read_cards
from kith_runtime.screens.form_save import Sending, take_in
from kith_runtime.screens.form_shape import FieldPart, FormShape, json_text
from kith_runtime.screens.form_state import FormState, state_of
from kith_runtime.screens.list_rows import draw_rows_of
from kith_runtime.screens.record_related import related_row
from kith_runtime.screens.record_top import shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import wants_part
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("list_cell", __name__)

_LINES = frozenset({"textarea", "rich", "json"})
_ROOMY = _LINES | {"address", "lookups", "choices"}


@dataclass(frozen=True, slots=True)
class CellEditor:
    """The editor of a cell. ``lines`` keeps Enter for the text, ``roomy`` needs more height than a row has."""

    part: FieldPart
    state: FieldState
    at: str
    version: int | None
    before: str
    lines: bool
    roomy: bool


@blueprint.get("/e/<entity>/<record>/cell/<name>")
def show_cell(entity: str, record: str, name: str) -> BaseResponse:
    """Show the editor of a cell; without a script, the form."""
    ctx = context()
    shape_of(ctx, entity)
    shape = alone(ctx, entity, name)
    if not wants_part():
        return redirect(f"{edit_address(entity, record)}#f-{name}")
    values = get(ctx, entity, record, (name,), titles=True)
    if not allows(ctx, entity, "update", record):
        raise records.may_not(ctx, entity, "update", record)
    state = state_of(ctx, shape, values)
    state.version = values["version"]
    return Response(_editor(ctx, shape, record, state), mimetype="text/html")


@blueprint.post("/e/<entity>/<record>/cell/<name>")
def send_cell(entity: str, record: str, name: str) -> BaseResponse:
    """Save a cell; answers with its row, or with the editor again and why it is not saved."""
    ctx = context()
    shape_of(ctx, entity)
    shape = alone(ctx, entity, name)
    if request.form.get("_take"):
        return _saved(ctx, entity, record)
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
    label = shape.fields[name].label
    return _saved(reopen(), entity, record, text=f"{label} saved." if trace else "", undo=undo_address(trace))


def _settled(sent: Sent) -> Sent:
    """Return what was sent without the card whose owner chose to keep their own value."""
    if not sent.get("_keep"):
        return sent
    kept = sent.copy()
    kept.poplist("_open")
    return kept


def _save(ctx: Context, sending: Sending, name: str) -> str:
    """Save what was touched and return the trace by which it can be taken back; blank when nothing was."""
    state, problems = take_in(ctx, alone(ctx, sending.entity, name), sending)
    if problems:
        raise ValidationFailed(problems)
    raw = state.states[name].raw
    if state.before.get(name) == digest(raw) and name not in sending.files:
        return ""
    records.save(ctx, Save(sending.entity, {name: raw}, sending.record, state.version))
    return ctx.trace


def _saved(ctx: Context, entity: str, record: str, **more: str) -> Response:
    if key := request.form.get("_related", ""):
        row, version = related_row(ctx, key, record)
    else:
        found = draw_rows_of(ctx, entity, request.form.get("_list", ""), [record])
        row, version = found.markup.get(record, ""), found.versions.get(record, 0)
    return jsonify({"state": "saved", "row": row, "version": version, **more})


def _refused(
    ctx: Context,
    sending: Sending,
    name: str,
    *,
    problems: Sequence[FieldProblem] = (),
    conflict: VersionConflict | None = None,
) -> BaseResponse:
    shape = alone(ctx, sending.entity, name)
    state, _ = take_in(ctx, shape, sending)
    drawn = state.states[name]
    drawn.conflict = read_cards(sending.sent).get(name)
    if conflict is not None:
        state.version = conflict.version
        drawn.conflict = cards_of(ctx, shape, sending.record, conflict).get(name)
        drawn.error = "" if drawn.conflict else f"{conflict.message} Look at it once more, then save."
    elif drawn.conflict is None:
        drawn.error = " ".join(f"{item.message} {item.hint}".strip() for item in problems)
    kind = "conflict" if drawn.conflict is not None else "refused"
    return jsonify({"state": kind, "editor": _editor(ctx, shape, sending.record, state)})


def _editor(ctx: Context, shape: FormShape, record: str, state: FormState) -> str:
    part = next(iter(shape.fields.values()))
    control = field_types[part.field.type].control
    drawn: Any = state.states[part.name]
    editor = CellEditor(
        part=part,
        state=drawn,
        at=f"{record_address(shape.entity.name, record)}/cell/{part.name}",
        version=state.version,
        before=json_text(state.before),
        lines=control in _LINES,
        roomy=control in _ROOMY,
    )
    return drawn_part("list_cell.html", editor=editor, input=drawn_input(ctx, shape, drawn, "c"))
