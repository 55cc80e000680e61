"""Work on many records of a list: choose what to do, go on part by part with progress, stop it, take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, jsonify, redirect, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.kinds.entity import Entity
from kith_platform.errors import Forbidden, Invalid, NotFound
from kith_runtime import bulk_runs
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.bulk_runs import Run
from kith_runtime.bulk_runs.store import part_of
from kith_runtime.context import Context
from kith_runtime.queries import Query, titles
from kith_runtime.records import FieldProblem
from kith_runtime.records.going import MOST, Going, what_goes
from kith_runtime.records.values import parse_values
from kith_runtime.records.writer import writer_for
from kith_runtime.screens.addresses import record_address, safe_next
from kith_runtime.screens.controls import FieldState
from kith_runtime.screens.desk import desk_here
from kith_runtime.screens.field_alone import alone, drawn_input, editable_parts
from kith_runtime.screens.form_save import Sending, take_in
from kith_runtime.screens.form_shape import FieldPart, must_have
from kith_runtime.screens.form_state import state_of
from kith_runtime.screens.going_words import along_words, holding_words
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_seen import book_here, opened
from kith_runtime.screens.list_shape import plural_of, shape_of
from kith_runtime.screens.list_state import read_state
from kith_runtime.screens.parameters import one_of
from kith_runtime.screens.record_history import past_texts
from kith_runtime.screens.record_shape import record_shape
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("list_bulk", __name__)

MOST_TICKED = 200
MOST_SHOWN = 200
WITHOUT_SCRIPT = 8
"""Parts that one press of the button Continue does, where no script asks for them one by one."""

_FILES = frozenset({"file_input"})
_DOINGS = ("change", "owner", "stage", "delete")
_DONE_WORDS = {"update": "changed", "delete": "deleted", "restore": "restored"}


@dataclass(frozen=True, slots=True)
class RunPage(Page):
    """A run: what is to be done, how far it is, or what it came to."""

    run: Run | None = None
    at: str = ""
    back: str = ""
    doing: str = ""
    counted: str = ""
    label: str = ""
    words: str = ""
    did: str = ""
    fields: Sequence[tuple[str, str]] = ()
    part: FieldPart | None = None
    input: str = ""
    error: str = ""
    changes: bool = False
    deletes: bool = False
    along: str = ""
    holding: str = ""
    failures: Sequence[tuple[str, str, str]] = ()
    percent: int = 0


@blueprint.post("/e/<entity>/runs")
def choose(entity: str) -> BaseResponse:
    """Fix the records that are ticked, or all that match, and ask what to do with them."""
    ctx = context()
    declared = _entity(ctx, entity)
    back = safe_next(request.form.get("next"))
    action = request.form.get("action", "")
    in_bin = request.form.get("from") == "bin"
    if request.form.get("all") or action == "all":
        ids = bulk_runs.ids_of(ctx, Query(entity, ("id",), deleted=True) if in_bin else _question(ctx, entity, back))
    else:
        ids = list(dict.fromkeys(item[:40] for item in request.form.getlist("id")))[:MOST_TICKED]
    if not ids:
        toast("Nothing was selected.", icon="info-circle")
        return redirect(back, 303)
    if action == "delete" and not request.form.get("all") and wants_part():
        going = what_goes(ctx, entity, ids)
        if going == Going():
            return Response(status=204)
    run = write(lambda ctx: bulk_runs.draft(ctx, entity, ids, back))
    if in_bin:
        _require(not rights_for(ctx, entity).delete.nothing, f"restore {ctx.snapshot.said(plural_of(declared))}")
        run = write(lambda ctx: bulk_runs.begin(ctx, entity, run.id, "restore", {}))
        return _answer(run)
    ctx = reopen()
    if wants_part():
        return render("list_run_part.html", _draft_page(ctx, run, action, request.values.get("field", "")))
    field = request.values.get("field", "")
    return redirect(f"{_at(run)}?do={action}" + (f"&field={field}" if field else ""), 303)


def _question(ctx: Context, entity: str, back: str) -> Query:
    """Return the question of the list that somebody comes from, read from its address."""
    parts = urlsplit(back)
    arguments = MultiDict(parse_qsl(parts.query, keep_blank_values=True)) if parts.path == f"/e/{entity}" else None
    if arguments is None:
        raise Invalid("no_list", "It is not known which list was meant.", "Go back to the list and select again.")
    state = opened(ctx, book_here(ctx, entity), read_state(entity, arguments)).state
    shape = shape_of(ctx, entity, state.view)
    found = read_filter(ctx, state)
    if shape is None or found.problem:
        raise Invalid("filter_unfit", "This list cannot be read as it is.", found.problem or "Choose another view.")
    return query_of(shape, Question(state, found))


@blueprint.get("/e/<entity>/runs/<run>")
def show_run(entity: str, run: str) -> Response:
    """Show a run: the choice of what to do, its progress, or what it came to."""
    ctx = context()
    _entity(ctx, entity)
    found = bulk_runs.held(ctx, entity, run)
    if found.state == "draft":
        doing = one_of("do", request.args.get("do", ""), _DOINGS, "change of many records")
        name = one_of("field", request.args.get("field", ""), _fields(ctx, entity), "field that you may change in many")
        page = _draft_page(ctx, found, doing, name)
        return render("list_run_part.html" if wants_part() else "list_run.html", page)
    return render("list_run.html", _run_page(ctx, found))


@blueprint.post("/e/<entity>/runs/<run>/begin")
def begin(entity: str, run: str) -> BaseResponse:
    """Begin a run: set a field, or delete."""
    ctx = context()
    _entity(ctx, entity)
    found = bulk_runs.held(ctx, entity, run)
    doing, name = request.form.get("_do", ""), request.form.get("_field", "")
    if doing == "delete":
        _require(not rights_for(ctx, entity).delete.nothing, f"delete {_plural(ctx, entity)}")
        return _answer(write(lambda ctx: bulk_runs.begin(ctx, entity, run, "delete", {})))
    settings, state, problem = _read(ctx, entity, name)
    if problem:
        page = _draft_page(ctx, found, doing, name, (state, problem))
        return render("list_run_part.html" if wants_part() else "list_run.html", page, status=422)
    return _answer(write(lambda ctx: bulk_runs.begin(ctx, entity, run, "update", settings)))


@blueprint.post("/e/<entity>/runs/<run>/next")
def go_on(entity: str, run: str) -> BaseResponse:
    """Do the next part of a run; without a script, the next few."""
    ctx = context()
    _entity(ctx, entity)
    found = bulk_runs.held(ctx, entity, run)
    for _ in range(1 if wants_part() else WITHOUT_SCRIPT):
        if found.state != "running":
            break
        found = write(lambda ctx: bulk_runs.advance(ctx, entity, run))
    return _answer(found)


@blueprint.post("/e/<entity>/runs/<run>/cancel")
def cancel(entity: str, run: str) -> BaseResponse:
    """Stop a run where it is."""
    _entity(context(), entity)
    found = write(lambda ctx: bulk_runs.cancel(ctx, entity, run))
    if not found.kind and not wants_part():
        return redirect(found.settings["back"], 303)
    return _answer(found)


@blueprint.post("/e/<entity>/runs/<run>/undo")
def undo(entity: str, run: str) -> BaseResponse:
    """Begin to take back what a run did."""
    _entity(context(), entity)
    return _answer(write(lambda ctx: bulk_runs.take_back(ctx, entity, run)))


def _answer(run: Run) -> BaseResponse:
    if not wants_part():
        return redirect(_at(run), 303)
    ctx = reopen()
    return jsonify(progress_of(ctx, run))


def progress_of(ctx: Context, run: Run) -> dict[str, Any]:
    """Return how far a run is, as the list's bar shows it."""
    return {
        "at": _at(run),
        "state": run.state,
        "tried": run.tried,
        "total": run.total,
        "failed": run.failed,
        "words": words_of(ctx, run),
        "undo": f"{_at(run)}/undo" if _can_undo(run) else "",
        "show": f"Show the {ctx.locale.number(run.failed)}" if run.failed else "",
        "kind": run.kind,
    }


def _can_undo(run: Run) -> bool:
    return run.state in ("done", "cancelled") and run.done > 0 and not run.undoes and not run.undone_by


def _done_words(run: Run) -> str:
    return "taken back" if run.undoes else _DONE_WORDS.get(run.kind, "changed")


def words_of(ctx: Context, run: Run) -> str:
    """Return what a run is doing, or what it came to: “96 deals changed, 4 not.”"""
    entity = ctx.snapshot.entity(run.entity)
    number = ctx.locale.number
    what = _done_words(run)
    if run.state == "running":
        return f"{number(run.tried)} of {_counted(ctx, entity, run.total)} {what}"
    said = f"{_counted(ctx, entity, run.done)} {what}" if run.done else f"Nothing was {what}"
    if run.failed and not run.done:
        said = f"{_counted(ctx, entity, run.failed)} {'was' if run.failed == 1 else 'were'} not {what}"
    elif run.failed:
        said += f", {number(run.failed)} not"
    rest = run.total - run.tried
    return f"{said}. Stopped; {number(rest)} were not looked at." if run.state == "cancelled" and rest else f"{said}."


def _counted(ctx: Context, entity: Entity, count: int) -> str:
    return f"{ctx.locale.number(count)} {ctx.snapshot.said(entity.label if count == 1 else plural_of(entity))}"


def _draft_page(
    ctx: Context, run: Run, doing: str, name: str, refused: tuple[FieldState | None, str] = (None, "")
) -> RunPage:
    entity = ctx.snapshot.entity(run.entity)
    parts = _fields(ctx, run.entity)
    name = name or ("owner" if doing == "owner" else "")
    part = parts.get(name)
    counted = _counted(ctx, entity, run.total)
    title = f"Delete {counted}" if doing == "delete" else f"Change {counted}"
    going = what_goes(ctx, run.entity, _first_ids(ctx, run)) if doing == "delete" else Going()
    going = replace(going, more=going.more or run.total > MOST)
    return RunPage(
        title=title,
        along=along_words(ctx, going, several=run.total > 1),
        holding=holding_words(ctx, going, several=run.total > 1),
        entity=run.entity,
        run=run,
        at=_at(run),
        back=run.settings["back"],
        doing=doing if doing in _DOINGS else "",
        counted=counted,
        label=plural_of(entity),
        fields=[(item.name, item.label) for item in parts.values()],
        part=part,
        input=_input(ctx, run.entity, name, refused[0]) if part is not None else "",
        error=refused[1],
        changes=bool(parts),
        deletes=not rights_for(ctx, run.entity).delete.nothing,
    )


def _first_ids(ctx: Context, run: Run) -> list[str]:
    """Return so many records of a run as are looked at before a delete."""
    found: list[str] = []
    for number in range(run.parts):
        if len(found) >= MOST:
            break
        found += part_of(ctx, run.id, number)[0]
    return found[:MOST]


def _run_page(ctx: Context, run: Run) -> RunPage:
    entity = ctx.snapshot.entity(run.entity)
    found = bulk_runs.problems_of(ctx, run.id, MOST_SHOWN) if run.failed else []
    named = titles(ctx, run.entity, [item.id for item in found])
    untitled = f"Untitled {ctx.snapshot.said(entity.label)}"
    failures = [
        (
            record_address(run.entity, item.id) if item.id in named else "",
            (named[item.id] or untitled) if item.id in named else "Hidden record",
            item.problem,
        )
        for item in found
    ]
    return RunPage(
        title=f"Change {_counted(ctx, entity, run.total)}" if run.kind == "update" else words_of(ctx, run),
        entity=run.entity,
        run=run,
        at=_at(run),
        back=run.settings["back"],
        doing=_doing(run),
        counted=_counted(ctx, entity, run.total),
        label=plural_of(entity),
        words=words_of(ctx, run),
        did=_done_words(run),
        failures=failures,
        changes=_can_undo(run),
        percent=100 if not run.total else min(100, run.tried * 100 // run.total),
    )


def _doing(run: Run) -> str:
    if run.kind != "update":
        return ""
    value = run.settings["shown"]
    if run.undoes:
        return f"{run.settings['label']} goes back to what it was."
    return f"{run.settings['label']} becomes {value}." if value else f"{run.settings['label']} becomes empty."


def _fields(ctx: Context, entity: str) -> Mapping[str, FieldPart]:
    """Return the fields that many records can be given at once: a file, or a value that must be unique, cannot."""
    keys = ctx.snapshot.entity(entity).keys.values()
    single = {key.fields[0] for key in keys if len(key.fields) == 1}
    parts = editable_parts(ctx, entity)
    return {
        name: part
        for name, part in parts.items()
        if part.control.macro not in _FILES and name not in single and not getattr(part.field, "unique", False)
    }


def _input(ctx: Context, entity: str, name: str, state: FieldState | None) -> Markup:
    shape = alone(ctx, entity, name)
    return drawn_input(ctx, shape, state or state_of(ctx, shape, {}).states[name], "m")


def _read(ctx: Context, entity: str, name: str) -> tuple[dict[str, Any], FieldState | None, str]:
    """Return what was chosen as the settings of a run, or the input as it was sent with what is wrong with it."""
    if name not in _fields(ctx, entity):
        return {}, None, "Choose the field to change."
    shape = alone(ctx, entity, name)
    part = shape.fields[name]
    state, problems = take_in(ctx, shape, Sending(entity, "", request.form))
    raw = state.states[name].raw
    writer = writer_for(ctx, entity)
    if not problems:
        parsed = parse_values(ctx, writer, {name: raw}, frozenset({name}), "form")
        problems = parsed.problems
        value = writer.slots[name].json(parsed.values.get(name))
        if not problems and value is None and must_have(part.field):
            problems = [FieldProblem(name, "required", f"{part.label} is missing.", "Fill it in.")]
        if not problems:
            shown = past_texts(ctx, [(part.field, value)])[0]
            return {"field": name, "value": value, "label": part.label, "shown": shown}, None, ""
    words = " ".join(f"{item.message} {item.hint}".strip() for item in problems)
    state.states[name].error = words
    return {}, state.states[name], words


@dataclass(frozen=True, slots=True)
class Actions:
    """What the bar over a list's rows offers; ``stage`` and ``owner`` name fields, blank where there are none."""

    changes: bool
    owner: str
    stage: str
    stage_label: str
    deletes: bool
    begun: Sequence[tuple[str, str]] = ()


def actions_of(ctx: Context, entity: str) -> Actions:
    """Return what the actor may do with many records of an entity at once, and what they began and is not through."""
    found = ctx.published.compiled(("bulk actions", rights_key(ctx.actor), entity), lambda: _actions(ctx, entity))
    if not (found.changes or found.deletes) or not desk_here(ctx, entity).runs:
        return found
    begun = bulk_runs.open_runs(ctx, entity)
    return replace(found, begun=[(_at(run), words_of(ctx, run)) for run in begun])


def _actions(ctx: Context, entity: str) -> Actions:
    parts = _fields(ctx, entity)
    stages = record_shape(ctx, entity).stages
    stage = stages.field.name if stages is not None and stages.field.name in parts else ""
    return Actions(
        changes=bool(parts),
        owner="owner" if "owner" in parts else "",
        stage=stage,
        stage_label=ctx.snapshot.said(parts[stage].label) if stage else "",
        deletes=not rights_for(ctx, entity).delete.nothing,
    )


def _entity(ctx: Context, entity: str) -> Entity:
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
    return ctx.snapshot.entity(entity)


def _plural(ctx: Context, entity: str) -> str:
    return ctx.snapshot.said(plural_of(ctx.snapshot.entity(entity)))


def _require(allowed: bool, what: str) -> None:
    if not allowed:
        raise Forbidden("bulk_forbidden", f"You may not {what}.", "Ask an administrator for a role.")


def _at(run: Run) -> str:
    return f"/e/{run.entity}/runs/{run.id}"
