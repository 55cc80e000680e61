"""The composer on a record's page: notes, tasks, calls and meetings in plain words, files by drop, paste or choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Invalid, KithError, NotFound
from kith_platform.ids import new_id
from kith_runtime import records
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.queries.reading import get
from kith_runtime.records import KeyReused, Save, ValidationFailed
from kith_runtime.records.idempotency import once
from kith_runtime.records.record import Record
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.compose_mentions import tell_mentioned, unheard
from kith_runtime.screens.compose_words import (
    Chip,
    Parts,
    Written,
    as_mapping,
    chips_of,
    parts_of,
    read_written,
    said_by,
    values_of,
)
from kith_runtime.screens.form_lookups import Target, suggestions
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.record_kinds import ActivityKind, activity_kinds, closed_of
from kith_runtime.screens.record_stream import timeline_part
from kith_runtime.screens.record_top import shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import toast, wants_part
from kith_runtime.screens.undo import undo_head
from kith_runtime.web.state import context, reopen, server, write

blueprint = Blueprint("record_compose", __name__)

MOST_FILES = 10
MOST_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice of the activity: its label, the options, and what stands until one chooses."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str


@dataclass(frozen=True, slots=True)
class Composer:
    """The composer as drawn: closed without a kind, else open with what was written so far."""

    at: str
    kinds: Sequence[tuple[str, str, str]]
    kind: str = ""
    label: str = ""
    plans: bool = False
    has_time: bool = False
    has_reminder: bool = False
    has_length: bool = False
    menus: Sequence[Menu] = ()
    attaches: bool = False
    written: Written = field(default_factory=Written)
    chips: Sequence[Chip] = ()
    token: str = ""
    error: str = ""


def composer_of(ctx: Context, entity: str, record: str, kind: str = "", **more: Any) -> Composer:
    """Return the composer of a record's page, open for a kind of activity that the person may make."""
    kinds = _choices(ctx, entity)
    at = record_address(entity, record)
    named = [(item.entity.name, item.entity.label, item.entity.icon) for item in kinds]
    chosen = next((item for item in kinds if item.entity.name == kind), None)
    if chosen is None:
        return Composer(at, named)
    parts = parts_of(ctx, chosen)
    return Composer(
        at=at,
        kinds=named,
        kind=kind,
        label=chosen.entity.label,
        plans=chosen.when is not None,
        has_time=parts.time is not None or parts.moment is not None,
        has_reminder=parts.reminder is not None,
        has_length=parts.end is not None or parts.length is not None,
        menus=_menus(ctx, parts),
        attaches=_file_kind(ctx, entity) is not None,
        token=more.pop("token", "") or new_id(ctx.clock),
        **more,
    )


def kinds_to_add(ctx: Context, entity: str) -> list[str]:
    """Return the entities of the activities that the actor may add to records of an entity."""
    return [item.entity.name for item in _choices(ctx, entity)]


def _choices(ctx: Context, entity: str) -> list[ActivityKind]:
    """Return the kinds that are written in words: a file alone is not."""
    return [kind for kind in activity_kinds(ctx, entity) if kind.creates and kind.first("file") is None]


def _file_kind(ctx: Context, entity: str) -> ActivityKind | None:
    return next((kind for kind in activity_kinds(ctx, entity) if kind.creates and kind.first("file")), None)


def _menus(ctx: Context, parts: Parts) -> list[Menu]:
    return [
        Menu(
            item.name,
            label_of(item),
            [
                (name, option_label(name, option))
                for name, option in options_of(item, ctx.snapshot).items()
                if option.active
            ],
            str(item.default or ""),
        )
        for item in parts.choices
    ]


@blueprint.get("/e/<entity>/<record>/add")
@blueprint.get("/e/<entity>/<record>/add/<kind>")
def show_composer(entity: str, record: str, kind: str = "") -> BaseResponse:
    """Show the composer for a kind of activity, or closed."""
    ctx = context()
    shape_of(ctx, entity)
    # Another kind keeps what was written for the one before.
    text = request.args.get("text", "")
    if not wants_part():
        asked = urlencode({"add": kind, **({"text": text} if text else {})})
        return redirect(f"{record_address(entity, record)}?{asked}#composer")
    written = Written(text)
    return Response(
        drawn_part("record_composer.html", composer=composer_of(ctx, entity, record, kind, written=written)),
        mimetype="text/html",
    )


@blueprint.get("/e/<entity>/<record>/people")
def show_people(entity: str, record: str) -> Response:
    """Answer a mention as it is typed: colleagues whose name holds the text."""
    ctx = context()
    shape_of(ctx, entity)
    found = suggestions(ctx, Target(PERSON), request.args.get("q", "")) if rights_for(ctx, PERSON).visible else []
    return jsonify({"data": found[:MOST_PEOPLE]})


@blueprint.get("/e/<entity>/<record>/unheard/<kind>")
def show_unheard(entity: str, record: str, kind: str) -> Response:
    """Answer, as it is typed, who of those that a text mentions gets no notice of it."""
    ctx = context()
    chosen = _kind(ctx, entity, kind)
    get(ctx, entity, record, ("id",))
    return jsonify({"words": unheard(ctx, (entity, record), chosen, request.args.get("text", ""))})


@blueprint.get("/e/<entity>/<record>/understand/<kind>")
def show_understood(entity: str, record: str, kind: str) -> Response:
    """Answer what was understood of a line so far: the stretches of it, and what they mean."""
    ctx = context()
    chosen = _kind(ctx, entity, kind)
    parts = parts_of(ctx, chosen)
    said = said_by(
        ctx, chosen, parts, Written(request.args.get("text", ""), {}, frozenset(request.args.getlist("not")))
    )
    found = [{"kind": item.kind, "start": item.start, "end": item.end} for item in said.found]
    return jsonify({"found": found, "chips": as_mapping(chips_of(ctx, parts, said)), "title": said.title})


def _kind(ctx: Context, entity: str, name: str) -> ActivityKind:
    shape_of(ctx, entity)
    found = next((kind for kind in activity_kinds(ctx, entity) if kind.entity.name == name), None)
    if found is None or not found.creates:
        raise NotFound("unknown_kind", "This cannot be added here.", "Choose from what the page offers.")
    return found


@blueprint.post("/e/<entity>/<record>/add/<kind>")
def send_composer(entity: str, record: str, kind: str) -> BaseResponse:
    """Make an activity of what was written, once, and show it in its place."""
    ctx = context()
    _kind(ctx, entity, kind)
    get(ctx, entity, record, ("id",))
    written, token = read_written(request.form), request.form.get("_token", "")[:64]
    try:
        uploads = _received(request.files.getlist("files"))
        made, trace = write(lambda ctx: _add(ctx, (entity, record), (kind, token), written, uploads))
    except KeyReused:
        words = "This was added before. Write it again to add another."
        return _again(reopen(), entity, record, kind, written=written, error=words)
    except (ValidationFailed, Invalid) as refused:
        problems = refused.problems if isinstance(refused, ValidationFailed) else ()
        words = " ".join(f"{item.message} {item.hint}".strip() for item in problems)
        words = words or f"{refused.message} {refused.hint}".strip()
        return _again(reopen(), entity, record, kind, written=written, token=token, error=words)
    ctx = reopen()
    words, missed = (
        _said(ctx, entity, kind, written, made),
        unheard(ctx, (entity, record), _kind(ctx, entity, kind), written.text),
    )
    if not wants_part():
        toast(f"{words} {missed}".strip())
        return redirect(f"{record_address(entity, record)}#timeline", 303)
    closed = drawn_part("record_composer.html", composer=composer_of(ctx, entity, record), said=words, missed=missed)
    heads = {"HX-Trigger": "kith-changed", **undo_head(ctx, kind, trace)}
    return Response(closed, mimetype="text/html", headers=heads)


def _again(ctx: Context, entity: str, record: str, kind: str, **more: Any) -> BaseResponse:
    if not wants_part():
        toast(more["error"], icon="alert-triangle")
        return redirect(f"{record_address(entity, record)}?add={kind}#composer", 303)
    drawn = composer_of(ctx, entity, record, kind, **more)
    return Response(drawn_part("record_composer.html", composer=drawn), mimetype="text/html")


def _said(ctx: Context, entity: str, kind: str, written: Written, made: int) -> str:
    chosen = _kind(ctx, entity, kind)
    if not written.text.strip():
        return f"{made} {'file' if made == 1 else 'files'} added."
    parts = parts_of(ctx, chosen)
    chips = chips_of(ctx, parts, said_by(ctx, chosen, parts, written))
    understood = "; ".join(f"{'reminder ' if chip.kind == 'reminder' else ''}{chip.label}" for chip in chips)
    return f"{chosen.entity.label} added{': ' + understood if understood else ''}."


def _received(uploads: Sequence[FileStorage]) -> list[tuple[str, Any]]:
    """Take in the bytes before anything is written."""
    named = [upload for upload in uploads if upload.filename]
    if len(named) > MOST_FILES:
        raise Invalid("too_many_files", f"{len(named)} files came at once.", f"Add up to {MOST_FILES} at a time.")
    files = server().services.files
    return [(upload.filename or "", files.receive(upload.stream, upload.filename or "")) for upload in named]


def _add(
    ctx: Context, about: tuple[str, str], what: tuple[str, str], written: Written, uploads: Sequence[tuple[str, Any]]
) -> tuple[int, str]:
    """Make the activity and the files that came along, once for each token.

    Returns how many files there were, and the trace by which all of it can be taken back.
    """
    kind, token = what
    chosen = _kind(ctx, about[0], kind)
    files = _file_kind(ctx, about[0])
    only_files = bool(uploads) and not written.text.strip() and files is not None
    entity = files.entity.name if only_files and files is not None else kind

    def make(new_id: str = "") -> Record:
        made: Record | None = None
        if not only_files:
            values = {**values_of(ctx, chosen, written), chosen.by: _pointer(ctx, chosen, about)}
            made = records.save(ctx, Save(kind, values, new_id=new_id), source="json")
            tell_mentioned(ctx, about, written.text)
        for name, content in uploads:
            file = _attach(ctx, about, name, content, new_id="" if made is not None else new_id)
            made = made or file
        if made is None:
            raise Invalid("nothing_written", "Nothing is written yet.", "Write a few words first.", "text")
        return made

    names = [name for name, _ in uploads]
    mark = {"text": written.text, "chosen": written.chosen, "about": list(about), "files": names}
    if token:
        once(ctx, entity, (f"add:{token}", mark), make)
    else:
        make()
    return len(uploads), ctx.trace


def _pointer(ctx: Context, kind: ActivityKind, about: tuple[str, str]) -> Any:
    declared = ctx.snapshot.entity(kind.entity.name).fields[kind.by]
    return {"entity": about[0], "id": about[1]} if declared.type == "any_lookup" else about[1]


def _attach(ctx: Context, about: tuple[str, str], name: str, content: Any, *, new_id: str) -> Record:
    kind = _file_kind(ctx, about[0])
    declared = kind.first("file") if kind is not None else None
    if kind is None or declared is None:
        raise Invalid("no_files", "Files cannot be added here.", "Ask an administrator for a role.")
    stored = server().services.files.add(ctx.connection, content, ctx.actor.id)
    title = kind.entity.fields[kind.entity.title]
    most = getattr(title.options, "max_length", None) or len(name)
    values = {kind.entity.title: name[:most], declared.name: stored.id, kind.by: _pointer(ctx, kind, about)}
    return records.save(ctx, Save(kind.entity.name, values, new_id=new_id), source="json")


@blueprint.post("/e/<entity>/<record>/done/<kind>/<activity>")
def send_done(entity: str, record: str, kind: str, activity: str) -> BaseResponse:
    """End an activity, or move it to tomorrow, where it stands in the timeline."""
    ctx = context()
    chosen = next((item for item in activity_kinds(ctx, entity) if item.entity.name == kind), None)
    if chosen is None:
        raise NotFound("unknown_kind", "There is no such activity here.")
    changes: dict[str, Any] = {}
    if request.form.get("to") == "tomorrow" and chosen.day is not None:
        changes[chosen.day.name] = (ctx.locale.dates.today(ctx.now) + timedelta(1)).isoformat()
    elif chosen.state is not None:
        changes[chosen.state.name] = next(iter(closed_of(ctx, chosen.state)), None)
    try:
        trace = write(lambda ctx: _change(ctx, kind, activity, changes))
    except KithError as refused:
        toast(f"{refused.message} {refused.hint}".strip(), icon="alert-triangle")
        if wants_part():
            return Response("", headers={"HX-Refresh": "true"})
        return redirect(record_address(entity, record), 303)
    ctx = reopen()
    if not wants_part():
        return redirect(f"{record_address(entity, record)}#timeline", 303)
    return Response(timeline_part(ctx, entity, record), mimetype="text/html", headers=undo_head(ctx, kind, trace))


def _change(ctx: Context, kind: str, activity: str, changes: Mapping[str, Any]) -> str:
    records.update(ctx, kind, activity, changes)
    return ctx.trace
