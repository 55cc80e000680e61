"""What a stage asks for, filled in on the way to it: the missing fields in a dialog, saved together with the move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from jinja2 import Template
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.queries.cache import memory_of
from kith_runtime.queries.reading import get
from kith_runtime.records import Record, Save, ValidationFailed, VersionConflict
from kith_runtime.records.foresight import Foreseen, foresee
from kith_runtime.screens.addresses import edit_address, record_address
from kith_runtime.screens.controls import FieldState, Sent
from kith_runtime.screens.edit import Trouble, headline_of, mark_problems, with_files
from kith_runtime.screens.form_inputs import control_macros
from kith_runtime.screens.form_save import Sending, take_in
from kith_runtime.screens.form_shape import FormShape, FormSource, SectionShape, TabShape, form_shape, json_text
from kith_runtime.screens.form_state import FormState, state_of
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("stage_form", __name__)


@dataclass(frozen=True, slots=True)
class Way:
    """A move that asks for something: of which record, by which choice, to which option."""

    entity: str
    record: str
    by: str
    option: str

    @property
    def address(self) -> str:
        """Where what it asks for is filled in."""
        return f"{record_address(self.entity, self.record)}/to/{self.by}/{self.option}"


@dataclass(frozen=True, slots=True)
class StagePage(Page):
    """The fields that a stage asks for as they stand now."""

    heading: str = ""
    label: str = ""
    action: str = ""
    version: int | None = None
    before: str = "{}"
    states: Mapping[str, FieldState] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()
    headline: str = ""
    notice: str = ""
    wrong: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, object] = field(default_factory=dict)
    shown: Mapping[str, bool] = field(default_factory=dict)


def asks_of(ctx: Context, entity: str, found: Foreseen) -> tuple[str, ...]:
    """Return the fields that stand between a record and an option, where filling them in is all that is missing."""
    missing = tuple(ask.field for ask in found.asks if not ask.met)
    if found.refusals or not missing:
        return ()
    fields = form_shape(ctx, entity, "edit").fields
    return missing if all(name in fields and fields[name].editable for name in missing) else ()


@blueprint.get("/e/<entity>/<record>/to/<by>/<option>")
def show_stage(entity: str, record: str, by: str, option: str) -> BaseResponse:
    """Show what the option asks for, for a dialog; without a script, the form of the record at the first of it."""
    ctx, way = context(), Way(entity, record, by, option)
    _label(ctx, way)
    names = asks_of(ctx, entity, foresee(ctx, entity, record, by, (option,)).get(option, Foreseen()))
    if not wants_part():
        return redirect(edit_address(entity, record) + (f"#f-{names[0]}" if names else ""), 303)
    if not allows(ctx, entity, "update", record):
        raise records.may_not(ctx, entity, "update", record)
    shape = _shape(ctx, way, names)
    values = get(ctx, entity, record, tuple(shape.fields) or ("id",), titles=True)
    state = state_of(ctx, shape, values)
    state.version = values["version"]
    return _draw(ctx, shape, way, state)


@blueprint.post("/e/<entity>/<record>/to/<by>/<option>")
def send_stage(entity: str, record: str, by: str, option: str) -> BaseResponse:
    """Save the fields and the move together; what is not right comes back with its reasons."""
    ctx, way = context(), Way(entity, record, by, option)
    label = _label(ctx, way)
    shape = _sent_shape(ctx, way, request.form)
    sending = with_files(ctx, shape, Sending(entity, record, request.form))
    try:
        saved, trace = write(lambda ctx: _save(ctx, way, sending))
    except ValidationFailed as refused:
        return _again(reopen(), way, sending, refused)
    except VersionConflict as conflict:
        return _again(reopen(), way, sending, conflict)
    ctx = reopen()
    words = f"{_choice_label(ctx, way)} is now {label}."
    undo = undo_address(trace) if ctx.snapshot.entity(entity).history else ""
    if request.args.get("then") == "page":
        toast(words, undo=undo)
    return jsonify(entity=entity, id=saved.id, url=record_address(entity, saved.id), text=words, undo=undo)


def _save(ctx: Context, way: Way, sending: Sending) -> tuple[Record, str]:
    shape = _sent_shape(ctx, way, sending.sent)
    state, problems = take_in(ctx, shape, sending)
    if problems:
        raise ValidationFailed(problems)
    values = {name: state.states[name].raw for name in shape.fields} | {way.by: way.option}
    return records.save(ctx, Save(way.entity, values, way.record, state.version)), ctx.trace


def _again(ctx: Context, way: Way, sending: Sending, refused: ValidationFailed | VersionConflict) -> Response:
    shape = _sent_shape(ctx, way, sending.sent)
    state, _ = take_in(ctx, shape, sending)
    if isinstance(refused, VersionConflict):
        state.version = refused.version
        return _draw(ctx, shape, way, state, Told(notice=f"{refused.message} Look at it once more, then save."))
    return _draw(ctx, shape, way, state, Told(mark_problems(ctx, shape, state, refused.problems)))


def _label(ctx: Context, way: Way) -> str:
    """Return what the option is called; raises NotFound for a choice or an option that is not for these eyes."""
    shape = form_shape(ctx, way.entity, "edit") if ctx.snapshot.has("entity", way.entity) else None
    declared = shape.entity.fields.get(way.by) if shape is not None and way.by in shape.rights.editable else None
    options = options_of(declared, ctx.snapshot) if declared is not None and declared.type == "choice" else {}
    if way.option not in options:
        raise NotFound("no_such_move", "This move does not exist, or you may not make it.", "Open the record.")
    return option_label(way.option, options[way.option])


def _choice_label(ctx: Context, way: Way) -> str:
    declared = ctx.snapshot.entity(way.entity).fields[way.by]
    return declared.label or declared.name.replace("_", " ").capitalize()


def _shape(ctx: Context, way: Way, names: Sequence[str]) -> FormShape:
    """Return the edit form with the fields that are asked for alone; names that nobody may change are left out."""
    whole = form_shape(ctx, way.entity, "edit")
    parts = [whole.fields[name] for name in names if name in whole.fields and whole.fields[name].editable]
    fields = {part.name: replace(part, when="", required=True) for part in parts}
    section = SectionShape("s-stage", "", 1, False, tuple(fields.values()))
    tabs = (TabShape("t-stage", "", (section,)),)
    return replace(
        whole, mode="quick", tabs=tabs, fields=fields, rows={}, conditions={}, prefix="m", frame="stage_form.html"
    )


def _sent_shape(ctx: Context, way: Way, sent: Sent) -> FormShape:
    return _shape(ctx, way, tuple(dict.fromkeys(sent.getlist("_field"))))


def _template(ctx: Context, shape: FormShape) -> Template:
    """Return the template of these fields; there are many sets of them, so only those of late are kept."""

    def build() -> Template:
        text, constants = FormSource(shape, ctx.published, control_macros()).write()
        return current_app.jinja_env.from_string(text, globals=dict(constants))

    key = ("stage form", rights_key(ctx.actor), shape.entity.name, tuple(shape.fields))
    return memory_of(ctx.published).get(key, build)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said on a form that comes back."""

    troubles: Sequence[Trouble] = ()
    notice: str = ""


def _draw(ctx: Context, shape: FormShape, way: Way, state: FormState, told: Told | None = None) -> Response:
    told = told or Told()
    label = _label(ctx, way)
    page = StagePage(
        f"Move to {label}",
        way.entity,
        heading=f"Move to {label}",
        label=label,
        action=way.address + ("?then=page" if request.args.get("then") == "page" else ""),
        version=state.version,
        before=json_text(state.before),
        states=state.states,
        troubles=told.troubles,
        headline=headline_of(len(told.troubles)),
        notice=told.notice,
    )
    # A part of a page that is in order: browsers report every other status as a fault.
    return render(_template(ctx, shape), page)
