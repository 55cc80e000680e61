"""The page of one record: who it is, where it stands, its fields, what happened, and what hangs on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request
from jinja2 import TemplateError
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_platform.errors import Forbidden, Invalid, NotFound
from kith_runtime import records
from kith_runtime.access import allows, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import count, get, select
from kith_runtime.records import Blocked, ValidationFailed, VersionConflict
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.addresses import edit_address, list_address, new_address, record_address
from kith_runtime.screens.blocks import Block, block
from kith_runtime.screens.list_state import ALL
from kith_runtime.screens.record_shape import RecordShape, RelatedBlock, SectionBlock, Stages, record_shape
from kith_runtime.screens.record_timeline import Timeline, timeline
from kith_runtime.screens.record_values import shown_text, text_scope, title_text
from kith_runtime.screens.rendering import Page, render, render_part, toast
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the path: ``done``, ``now`` or to come."""

    value: str
    label: str
    state: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """The path bar: the open stages, and the ends that a record may come to."""

    field: str
    label: str
    steps: Sequence[Step]
    ends: Sequence[Step]
    said: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class RelatedPart:
    """A related list as drawn: its rows, how many there are, and where to see all or make one."""

    rows: Markup
    total: str
    all: str
    create: str
    label: str
    none: bool


@dataclass(frozen=True, slots=True)
class RecordPage(Page):
    """A record. Each block may have failed alone."""

    record: str = ""
    version: int = 0
    plural: str = ""
    label: str = ""
    heading: str = ""
    subtitle: str = ""
    icon_name: str = ""
    is_person: bool = False
    back: Linked | None = None
    path_bar: Block[Path] | None = None
    highlights: Block[Markup] | None = None
    sections: Sequence[Block[Markup]] = ()
    timeline: Block[Timeline] | None = None
    related: Sequence[Block[RelatedPart]] = ()
    edit: str = ""
    may_delete: bool = False
    has_details: bool = True


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


@blueprint.get("/e/<entity>/<record>")
def show_record(entity: str, record: str) -> Response:
    """Show a record."""
    ctx = context()
    shape = _shape(ctx, entity)
    values = read_values(ctx, shape, record)
    return render("record.html", _page(ctx, shape, record, values))


def _shape(ctx: Context, entity: str) -> RecordShape:
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
    return record_shape(ctx, entity)


def read_values(ctx: Context, shape: RecordShape, record: str) -> dict[str, Any]:
    """Return the values that the page shows; fields that cannot be worked out for this record are missing."""
    found = block(ctx, "values", "", lambda: get(ctx, shape.entity.name, record, shape.reads, titles=True))
    if found.content is not None:
        return found.content
    plain = tuple(name for name in shape.reads if name not in shape.computed)
    return get(ctx, shape.entity.name, record, plain, titles=True)


def _page(ctx: Context, shape: RecordShape, record: str, values: Mapping[str, Any]) -> RecordPage:
    entity = shape.entity
    may_update = bool(shape.rights.editable) and allows(ctx, entity.name, "update", record)
    heading = title_text(ctx, entity.name, shape.title, values.get(shape.title.name) if shape.title else None)
    edit = edit_address(entity.name, record) if may_update else ""
    only, pages = request.args.get("show", ""), request.args.get("pages", 1, int)
    stages, highlights = shape.stages, shape.highlights
    return RecordPage(
        title=heading,
        entity=entity.name,
        record=record,
        version=values["version"],
        plural=entity.plural or entity.label,
        label=entity.label,
        heading=heading,
        subtitle=_subtitle(ctx, shape, values),
        icon_name=entity.icon,
        is_person=_names_a_person(shape),
        path_bar=_guarded(ctx, "path", "Path", lambda: _path(ctx, stages, values, may_update)) if stages else None,
        highlights=_drawn(ctx, "Highlights", highlights, values, edit) if highlights else None,
        sections=[_drawn(ctx, part.title, part, values, edit) for part in shape.sections],
        timeline=_guarded(
            ctx, "timeline", "Timeline", lambda: timeline(ctx, entity.name, record, only=only, pages=pages)
        ),
        related=[
            _guarded(ctx, part.name, part.title, lambda part=part: _related(ctx, part, record))
            for part in shape.related
        ],
        edit=edit,
        may_delete=allows(ctx, entity.name, "delete", record),
    )


def _guarded(ctx: Context, name: str, title: str, work: Any) -> Block[Any]:
    """Return a block of the page; a fault of its template is a fault of the block alone."""

    def run() -> Any:
        try:
            return work()
        except TemplateError as fault:
            raise RuntimeError(str(fault)) from fault

    return block(ctx, name, title, run)


def _drawn(ctx: Context, title: str, part: SectionBlock, values: Mapping[str, Any], edit: str) -> Block[Markup]:
    def draw() -> Markup:
        if part.broken:
            raise Invalid("broken_field", part.broken)
        cells = {f"v{number}": values[item.name] for number, item in enumerate(part.fields)}
        # Our own template, which escapes what it is given.
        return Markup(render_part(part.template, {**cells, "edit": edit}))  # noqa: S704

    return _guarded(ctx, title or "details", title or "Details", draw)


def _subtitle(ctx: Context, shape: RecordShape, values: Mapping[str, Any]) -> str:
    if shape.subtitle is None:
        return ""
    return shown_text(shape.subtitle, values.get(shape.subtitle.name), text_scope(ctx))


def _names_a_person(shape: RecordShape) -> bool:
    """Tell whether the record is a person, so that a round avatar fits: the names of people are personal."""
    title = shape.title
    return shape.entity.name == PERSON or (title is not None and title.sensitivity == "personal")


def _path(ctx: Context, stages: Stages, values: Mapping[str, Any], may_update: bool) -> Path:
    now = values.get(stages.field.name)
    open_ones = [
        name for name, option in stages.options.items() if not option.closed and (option.active or name == now)
    ]
    at = open_ones.index(now) if now in open_ones else len(open_ones) if now else -1
    steps = [
        Step(name, option_label(name, stages.options[name]), "done" if place < at else "now" if place == at else "",
             stages.options[name].description)
        for place, name in enumerate(open_ones)
    ]  # fmt: skip
    closed = [name for name, option in stages.options.items() if option.closed and (option.active or name == now)]
    if now in closed:
        steps.append(Step(now, option_label(now, stages.options[now]), "now", stages.options[now].description))
    ends = [Step(name, option_label(name, stages.options[name]), "") for name in closed if name != now]
    label = stages.field.label or stages.field.name.replace("_", " ").capitalize()
    said = option_label(now, stages.options.get(now)) if now else "none"
    return Path(stages.field.name, label, steps, ends, said, may_update and stages.editable)


def _related(ctx: Context, part: RelatedBlock, record: str) -> RelatedPart:
    declared = part.declared
    filters: tuple[Checked, ...] = ()
    if declared.where:
        filters = (checked_expression(ctx.published, declared.entity, declared.where, BOOLEAN),)
    names = tuple(item.name for item in part.fields)
    query = Query(
        declared.entity, names or ("id",), filters=filters, sort=declared.sort, limit=declared.limit,
        related=(declared.by, record), titles=True,
    )  # fmt: skip
    page = select(ctx, query)
    total = str(len(page.ids))
    if page.next is not None:
        found, capped = count(ctx, query)
        total = ctx.locale.number(found) + ("+" if capped else "")
    rows = render_part(
        part.template,
        {
            "rows": list(zip(page.ids, page.rows, strict=True)),
            "address": lambda key: record_address(declared.entity, key),
        },
    )
    condition = f"{declared.by} == {json.dumps(record)}" + (f" and ({declared.where})" if declared.where else "")
    return RelatedPart(
        rows=Markup(rows),  # noqa: S704  our own template, which escapes
        total=total,
        all=list_address(declared.entity, ALL, where=condition) if page.next is not None else "",
        create=new_address(declared.entity, **{part.prefill: record}) if part.prefill else "",
        label=part.label,
        none=not page.ids,
    )


# ---- what one can do with a record ----------------------------------------------------------------------------------


@blueprint.post("/e/<entity>/<record>/stage")
def send_stage(entity: str, record: str) -> BaseResponse:
    """Move a record to another stage of its path."""
    shape = _shape(context(), entity)
    if shape.stages is None:
        raise NotFound("no_path", "These records have no stages.")
    name = shape.stages.field.name
    version = request.form.get("version", type=int)
    try:
        saved = write(
            lambda ctx: records.update(ctx, entity, record, {name: request.form.get("stage") or None}, version=version)
        )
    except (ValidationFailed, VersionConflict) as refused:
        problems = refused.problems if isinstance(refused, ValidationFailed) else ()
        words = " ".join(f"{item.message} {item.hint}".strip() for item in problems) or str(refused)
        toast(words, icon="alert-triangle")
        return redirect(record_address(entity, record), 303)
    ctx = reopen()
    stages = record_shape(ctx, entity).stages
    value = saved.values.get(name)
    if stages is not None and value is not None:
        toast(f"{stages.field.label or 'Stage'} is now {option_label(value, stages.options.get(value))}.")
    return redirect(record_address(entity, record), 303)


@blueprint.get("/e/<entity>/<record>/delete")
def show_delete(entity: str, record: str) -> Response:
    """Ask before a delete, as a page of its own."""
    ctx = context()
    shape = _shape(ctx, entity)
    page = _delete_page(ctx, shape, record)
    if not allows(ctx, entity, "delete", record):
        raise Forbidden("delete_forbidden", f"You may not delete this {shape.entity.label.lower()}.", "Ask its owner.")
    return render("record_delete.html", page)


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
        label=entity.label.lower(),
        plural=entity.plural or entity.label,
        version=values["version"],
        message=message,
        blockers=blockers,
    )


@blueprint.post("/e/<entity>/<record>/delete")
def send_delete(entity: str, record: str) -> BaseResponse:
    """Delete a record and what belongs to it; the next page offers to take it back."""
    shape = _shape(context(), entity)
    version = request.form.get("version", type=int)
    title_name = shape.title.name if shape.title is not None else ""
    values = get(context(), entity, record, (title_name,) if title_name else ("id",))
    heading = title_text(context(), entity, shape.title, values.get(title_name))
    try:
        deletion = write(lambda ctx: records.delete(ctx, entity, record, version=version))
    except Blocked as blocked:
        ctx = reopen()
        page = _delete_page(ctx, record_shape(ctx, entity), record, blocked.message, blocked)
        return render("record_delete.html", page, status=409)
    except VersionConflict:
        ctx = reopen()
        message = "Somebody changed it while you were looking. Look at it once more, then delete it."
        return render("record_delete.html", _delete_page(ctx, record_shape(ctx, entity), record, message), status=409)
    others = deletion.count() - 1
    gone = f" and {others} {'record' if others == 1 else 'records'} that belong to it" if others else ""
    toast(f"{heading}{gone} deleted.", undo=f"{record_address(entity, record)}/restore", icon="trash")
    return redirect(list_address(entity), 303)
