"""Create and edit: forms from metadata that refuse nothing silently and lose nothing that was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.kinds.entity import Field
from kith_platform.errors import Forbidden, KithError, NotFound
from kith_platform.ids import new_id
from kith_runtime import bulk_runs
from kith_runtime.access import allows, rights_for
from kith_runtime.access.rights import parent_fields
from kith_runtime.bulk_runs.store import part_of
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.reading import get_shown
from kith_runtime.records import (
    FieldProblem,
    KeyReused,
    RowsConflict,
    ValidationFailed,
    VersionConflict,
    initial_values,
    may_not,
)
from kith_runtime.records.writer import writer_for
from kith_runtime.screens.addresses import edit_address, list_address, new_address, record_address, safe_next
from kith_runtime.screens.controls import FieldState
from kith_runtime.screens.form_alike import Alike
from kith_runtime.screens.form_conflicts import cards_of, refresh, row_cards_of, settle, show_cards, show_fixed
from kith_runtime.screens.form_lookups import (
    MOST_RECENT,
    Target,
    creation,
    fits,
    record_typed,
    suggestions,
    targets_for_all,
    targets_of,
)
from kith_runtime.screens.form_reactions import holding, needed_fields, plan_text
from kith_runtime.screens.form_row_conflicts import ROW, child_rows, settle_rows, whole_cards_of
from kith_runtime.screens.form_save import Saved, Sending, save_form, take_in
from kith_runtime.screens.form_shape import FieldPart, FormShape, form_shape, json_text, section_key
from kith_runtime.screens.form_state import (
    FormState,
    RowState,
    TableState,
    edit_state,
    field_label,
    new_state,
    scope_of,
)
from kith_runtime.screens.parameters import require_known
from kith_runtime.screens.record_values import title_text
from kith_runtime.screens.rendering import Page, render, toast
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen, server, write

blueprint = Blueprint("edit", __name__)

_INTERIM = ("_add_row", "_remove_row", "_remove_token", "_keep", "_take", "_full", "_draft")
_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line of the summary: what is wrong, and the input that it is about (none for the form as a whole)."""

    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class EditPage(Page):
    """A create or edit form as it stands now."""

    heading: str = ""
    plural: str = ""
    label: str = ""
    action: str = ""
    cancel: str = ""
    record: str = ""
    record_title: str = ""
    is_new: bool = False
    tabs: Sequence[tuple[str, str, int, str]] = ()
    shown: Mapping[str, bool] = field(default_factory=dict)
    reacts: str = ""
    states: Mapping[str, FieldState] = field(default_factory=dict)
    tables: Mapping[str, TableState] = field(default_factory=dict)
    before: str = "{}"
    version: int | None = None
    token: str = ""
    troubles: Sequence[Trouble] = ()
    headline: str = ""
    alike: Sequence[tuple[str, str]] = ()
    wrong: Mapping[str, int] = field(default_factory=dict)
    notice: str = ""
    settled: str = ""


@blueprint.get("/e/<entity>/new")
def show_new(entity: str) -> Response:
    """Show an empty form; the address may prefill fields."""
    ctx = context()
    shape = shape_for(ctx, entity, "")
    require_known(rights_for(ctx, entity).readable)
    state = new_state(ctx, shape, request.args.to_dict())
    return _draw(ctx, shape, state)


@blueprint.post("/e/<entity>/new")
def send_new(entity: str) -> BaseResponse:
    """Create a record, or show the form again with what is to be fixed."""
    return _send(entity, "")


@blueprint.get("/e/<entity>/<record>/edit")
def show_edit(entity: str, record: str) -> Response:
    """Show the form of a saved record."""
    ctx = context()
    shape = shape_for(ctx, entity, record)
    values = get_shown(ctx, entity, record, _read_fields(ctx, shape))
    _require_update(ctx, entity, record)
    return _draw(ctx, shape, edit_state(ctx, shape, values), Drawing(record, values))


@blueprint.post("/e/<entity>/<record>/edit")
def send_edit(entity: str, record: str) -> BaseResponse:
    """Change a record, or show the form again with what is to be fixed."""
    return _send(entity, record)


@blueprint.get("/e/<entity>/options/<name>")
def show_options(entity: str, name: str) -> Response:
    """Answer a type-ahead: records that the lookup may take, as far as the person may see them.

    ``with.name`` holds what stands in other inputs of the form, ``record`` the saved record, ``run`` the change of many
    records; with ``fits`` the answer is whether that record may be chosen.
    """
    ctx = context()
    declared = fields_of(ctx.snapshot, entity).get(name) if ctx.snapshot.has("entity", entity) else None
    if declared is None or name not in rights_for(ctx, entity).readable:
        raise NotFound("unknown_field", f"There is no lookup '{name[:60]}' here.")
    typed = {key.removeprefix("with."): value for key, value in request.args.items() if key.startswith("with.")}
    wanted = next((value for value in typed.values() if value), "")
    targets = _targets(ctx, entity, declared, typed)
    if "fits" in request.args:
        return jsonify({"fits": fits(ctx, targets, request.args["fits"])})
    if declared.type == "any_lookup" and wanted:
        targets = tuple(target for target in targets if target.entity == wanted)
    text, recent = request.args.get("q", ""), request.args.get("recent", "").split(",")[:MOST_RECENT]
    found = [item for target in targets[:5] for item in suggestions(ctx, target, text, recent)]
    return jsonify({"data": found[:10], "create": creation(ctx, targets, text)})


def _targets(ctx: Context, entity: str, declared: Field, typed: Mapping[str, str]) -> tuple[Target, ...]:
    """Return where a lookup may point, for the record or the records that a request names."""
    if run := request.args.get("run", ""):
        chosen, _ = part_of(ctx, bulk_runs.held(ctx, entity, run).id, 0)
        return targets_for_all(ctx, declared, entity, chosen)
    record = record_typed(ctx, entity, declared, request.args.get("record", ""), typed)
    return targets_of(ctx, declared, entity, record)


def _read_fields(ctx: Context, shape: FormShape) -> tuple[str, ...]:
    title = shape.entity.title
    names = (*shape.fields, *needed_fields(ctx, shape))
    return (*names, title) if title in shape.rights.readable and title not in names else names


def shape_for(ctx: Context, entity: str, record: str) -> FormShape:
    """Return the shape of an entity's form; raises when the person may not see or create such records."""
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
    if not record and not rights_for(ctx, entity).create:
        plural = ctx.snapshot.entity(entity).plural or ctx.snapshot.entity(entity).label
        raise Forbidden(
            "create_forbidden", f"You may not create {ctx.snapshot.said(plural)}.", "Ask an administrator for a role."
        )
    return form_shape(ctx, entity, "edit" if record else "new")


def _require_update(ctx: Context, entity: str, record: str) -> None:
    rights = rights_for(ctx, entity)
    # Where the same records may be read and changed, reading it has answered already.
    if not rights.update.nothing and rights.update == rights.read and not any(parent_fields(ctx.snapshot, entity)):
        return
    if not allows(ctx, entity, "update", record):
        raise may_not(ctx, entity, "update", record)


# ---- what was sent --------------------------------------------------------------------------------------------------


def _send(entity: str, record: str) -> BaseResponse:
    ctx = context()
    shape = shape_for(ctx, entity, record)
    sending = with_files(ctx, shape, Sending(entity, record, request.form))
    if any(name in request.form for name in _INTERIM):
        return _redraw(reopen(), sending)
    try:
        saved = save_once(sending)
    except ValidationFailed as refused:
        return _redraw(reopen(), sending, refused=refused)
    except VersionConflict as conflict:
        return _redraw(reopen(), sending, conflict=conflict)
    except KeyReused:
        return _redraw(reopen(), sending, notice="This form was saved before. Save again to make another one of it.")
    return _done(reopen(), saved)


def refused_plainly(sending: Sending, name: str, refused: ValidationFailed | VersionConflict) -> BaseResponse:
    """Lead from the refused change of one field to its input in the form, and say there why nothing was saved.

    For browsers without script; with it the editor itself says so.
    """
    problems = refused.problems if isinstance(refused, ValidationFailed) else ()
    toast(" ".join(f"{item.message} {item.hint}".strip() for item in problems) or str(refused), icon="alert-triangle")
    return redirect(f"{edit_address(sending.entity, sending.record)}#f-{name}", 303)


def save_once(sending: Sending) -> Saved:
    """Save a sent form in a transaction of its own; sent twice, it makes one record."""
    try:
        return write(lambda ctx: save_form(ctx, sending))
    except KeyReused:
        # Another request may have used the token at the same moment, with the same form: then its record is the answer.
        return write(lambda ctx: save_form(ctx, sending))


def with_files(ctx: Context, shape: FormShape, sending: Sending) -> Sending:
    """Store what was uploaded before anything is saved, so that a refused form keeps its files."""
    files: dict[str, str] = {}
    names: dict[str, str] = {}
    refused: dict[str, KithError] = {}
    for part in shape.editable:
        upload = request.files.get(f"{part.name}__file")
        if part.control.macro != "file_input" or upload is None or not upload.filename:
            continue
        try:
            files[part.name], names[part.name] = _store(part, upload)
        except KithError as fault:
            refused[part.name] = fault
    if not files and not refused:
        return sending
    return Sending(sending.entity, sending.record, sending.sent, files, names, refused)


def _store(part: FieldPart, upload: FileStorage) -> tuple[str, str]:
    services = server().services
    content = services.files.receive(upload.stream, upload.filename or "", image=part.field.type == "image")
    stored = write(lambda ctx: services.files.add(ctx.connection, content, ctx.actor.id))
    return stored.id, stored.name


def _done(ctx: Context, saved: Saved) -> BaseResponse:
    entity = ctx.snapshot.entity(saved.record.entity)
    notice = f" {', '.join(saved.left_out)} no longer exists here and was left out." if saved.left_out else ""
    undo = undo_address(saved.trace) if entity.history else ""
    toast(f"{entity.label} saved.{notice}", undo=undo, draft=request.form.get("_token", "")[:64])
    if request.form.get("_after") == "new":
        return redirect(new_address(entity.name), 303)
    target = request.form.get("_next")
    return redirect(safe_next(target) if target else record_address(entity.name, saved.record.id), 303)


def _redraw(
    ctx: Context,
    sending: Sending,
    *,
    refused: ValidationFailed | None = None,
    conflict: VersionConflict | None = None,
    notice: str = "",
) -> Response:
    """Show a sent form again with everything that was typed."""
    shape = shape_for(ctx, sending.entity, sending.record)
    state, _ = take_in(ctx, shape, sending)
    if "_full" in sending.sent:
        _fill_up(ctx, shape, state)
    values: Mapping[str, Any] = {}
    cards = settle(ctx, shape, sending.record, state, sending.sent) if sending.record else {}
    whole = settle_rows(ctx, shape, state, sending.sent)
    if sending.record:
        values = get_shown(ctx, sending.entity, sending.record, _read_fields(ctx, shape))
        show_fixed(ctx, shape, state, values)
    if conflict is not None:
        refresh(ctx, shape, sending.record, state)
        state.version = conflict.version
        if isinstance(conflict, RowsConflict):
            # Cards that wait for an answer stay: they may be about the record itself.
            cards |= row_cards_of(ctx, shape, state, conflict)
            whole |= whole_cards_of(ctx, shape, state, conflict)
        else:
            cards |= cards_of(ctx, shape, sending.record, conflict)
        if not cards and not whole:
            notice = f"{conflict.message} Look at it once more, then save."
    show_cards(state, shape, cards, whole)
    troubles = mark_problems(ctx, shape, state, refused.problems if refused is not None else ())
    alike = refused.others if isinstance(refused, Alike) else ()
    if not troubles:
        troubles = [Trouble(card.said, f"f-{name}") for name, card in cards.items()]
        troubles += [Trouble(card.said, f"f-{name}") for name, card in whole.items()]
    interim = not troubles and not notice
    status = 200 if interim else 409 if conflict is not None else 422
    settled = _settled(shape, state, sending)
    return _draw(ctx, shape, state, Drawing(sending.record, values, troubles, notice, status, alike, settled))


def _settled(shape: FormShape, state: FormState, sending: Sending) -> str:
    """Return where the focus goes after a button of a card, by id: the input, or the first one of the row."""
    name = sending.sent.get("_keep") or sending.sent.get("_take") or ""
    for parts, row, place in child_rows(shape, state):
        if name.startswith(f"{place}-"):
            first = next((column.name for column in parts.columns if column.editable), "")
            return f"f-{parts.name}" if row.remove else f"f-{name}" if not name.endswith(ROW) else f"f-{place}-{first}"
    return f"f-{name}" if name in shape.fields else ""


def _fill_up(ctx: Context, shape: FormShape, state: FormState) -> None:
    """Give the fields that a short form did not have the values that they begin with."""
    fresh = new_state(ctx, shape, {})
    for name, drawn in fresh.states.items():
        if name not in state.before:
            state.states[name] = drawn
            # What is worked out while one types has no mark: nobody writes it.
            if name in fresh.before:
                state.before[name] = fresh.before[name]
    state.tables = fresh.tables


def mark_problems(ctx: Context, shape: FormShape, state: FormState, problems: Sequence[FieldProblem]) -> list[Trouble]:
    """Put each problem beside its input and return the lines of the summary, in the order of the form."""
    found: list[tuple[int, Trouble]] = []
    order = {name: number for number, name in enumerate([*shape.fields, *shape.rows])}
    for problem in problems:
        text = f"{problem.message} {problem.hint}".strip()
        name, _, rest = problem.field.partition(".")
        place = order.get(name, len(order))
        if rest and name in state.tables:
            found.append((place, _mark_row(state.tables[name], name, rest, (problem.message, text))))
            continue
        drawn = state.states.get(name)
        if drawn is None or not shape.fields[name].editable:
            label = field_label(ctx, shape.entity.name, name)
            found.append((place, Trouble(text if label.lower() in text.lower() else f"{label}: {text}")))
            continue
        if not drawn.conflict:
            drawn.error = f"{drawn.error} {text}".strip()
        found.append((place, Trouble(_named(shape.fields[name].label, problem.message), f"{shape.prefix}-{name}")))
    return [trouble for _, trouble in sorted(found, key=lambda item: item[0])]


def _mark_row(table: TableState, name: str, rest: str, words: tuple[str, str]) -> Trouble:
    number, _, column = rest.partition(".")
    row: RowState | None = table.rows[int(number)] if number.isdigit() and int(number) < len(table.rows) else None
    if row is None:
        return Trouble(words[1])
    if column in row.states and f"{name}-{row.index}-{column}" not in row.cards:
        row.states[column].error = words[1]
    return Trouble(f"Row {row.number}: {words[0]}", f"f-{name}-{row.index}-{column}")


def _named(label: str, message: str) -> str:
    """Return a line of the summary that names its field."""
    return message if label.lower() in message.lower() else f"{label}: {message}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn around a form: the record with its values (none for a new one), and what is to be said."""

    record: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()
    notice: str = ""
    status: int = 200
    alike: Sequence[tuple[str, str]] = ()
    """Records with the same value, which keep nobody from saving: their titles and addresses."""
    settled: str = ""
    """Where a conflict was just settled: the input, or the rows, by its id."""


def _draw(ctx: Context, shape: FormShape, state: FormState, drawing: Drawing | None = None) -> Response:
    drawing = drawing or Drawing()
    record, troubles = drawing.record, drawing.troubles
    entity = shape.entity
    title = ""
    if record:
        title = title_text(ctx, entity.name, entity.fields.get(entity.title), drawing.values.get(entity.title))
    heading = f"Edit {ctx.snapshot.said(entity.label)}" if record else f"New {ctx.snapshot.said(entity.label)}"
    wrong = _wrong(shape, state)
    saved = drawing.values or _beginning(ctx, shape)
    page = EditPage(
        title=f"{heading}: {title}" if record else heading,
        entity=entity.name,
        heading=heading,
        plural=entity.plural or entity.label,
        label=ctx.snapshot.said(entity.label),
        action=edit_address(entity.name, record) if record else new_address(entity.name),
        cancel=record_address(entity.name, record) if record else list_address(entity.name),
        record=record,
        record_title=title,
        is_new=not record,
        tabs=_tabs(shape, wrong),
        states=state.states,
        tables=state.tables,
        before=json_text(state.before),
        version=state.version,
        token=state.token or new_id(ctx.clock),
        troubles=troubles,
        headline=headline_of(len(troubles), alike=bool(drawing.alike)),
        alike=drawing.alike,
        wrong=wrong,
        notice=drawing.notice,
        settled=drawing.settled,
        shown=holding(ctx, shape, state.states, saved, scope_of(ctx)),
        reacts=plan_text(ctx, shape, saved),
    )
    return render(shape.template(ctx), page, status=drawing.status)


def _beginning(ctx: Context, shape: FormShape) -> Mapping[str, Any]:
    """Return what a new record has in fields that its form does not hold, where conditions ask for them."""
    return initial_values(ctx, writer_for(ctx, shape.entity.name)) if needed_fields(ctx, shape) else {}


def _tabs(shape: FormShape, wrong: Mapping[str, int]) -> list[tuple[str, str, int, str]]:
    if len(shape.tabs) == 1:
        return []
    return [
        (tab.id, tab.label, sum(wrong.get(section_key(section), 0) for section in tab.sections), tab.when)
        for tab in shape.tabs
    ]


def _wrong(shape: FormShape, state: FormState) -> dict[str, int]:
    """Return how many problems each section has."""
    found: dict[str, int] = {}
    for tab in shape.tabs:
        for section in tab.sections:
            count = sum(
                bool(state.states[part.name].error or state.states[part.name].conflict) for part in section.fields
            )
            for part in section.parts:
                table = state.tables.get(getattr(part, "name", "")) if not isinstance(part, FieldPart) else None
                if table is not None:
                    count += sum(len(row.cards) + bool(row.card) for row in table.rows)
                    count += sum(bool(cell.error) for row in table.rows for cell in row.states.values())
            if count:
                found[section_key(section)] = count
    return found


def headline_of(count: int, *, alike: bool = False) -> str:
    """Return how many things are to be fixed, in words; ``alike`` ones may stay as they are."""
    words = _COUNTS[count] if count < len(_COUNTS) else str(count)
    things = "thing" if count == 1 else "things"
    return f"{words} {things} to look at" if alike else f"{words} {things} to fix, then it saves"
