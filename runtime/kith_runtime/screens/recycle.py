"""The recycle bin of an entity: what was deleted, by whom and when, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Forbidden, Invalid, NotFound
from kith_runtime import records
from kith_runtime.access import may, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.queries.record_values import load_values
from kith_runtime.records import ValidationFailed
from kith_runtime.records.standing import restored_with
from kith_runtime.screens.addresses import bin_address, list_address, record_address, safe_next
from kith_runtime.screens.parameters import Unfit
from kith_runtime.screens.record_values import title_text
from kith_runtime.screens.rendering import Page, render, toast
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("recycle", __name__)

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class BinRow:
    """A deleted record: its title, who deleted it and when."""

    id: str
    title: str
    by: str
    ago: str
    full: str


@dataclass(frozen=True, slots=True)
class BinPage(Page):
    """Deleted records of one entity that the person may bring back."""

    plural: str = ""
    label: str = ""
    rows: Sequence[BinRow] = ()
    previous: str = ""
    next: str = ""
    problem: str = ""


@blueprint.get("/e/<entity>/bin")
def show_bin(entity: str) -> Response:
    """Show what was deleted, newest first."""
    return render("recycle.html", _page(context(), entity))


def _page(ctx: Context, entity: str, problem: str = "") -> BinPage:
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
    declared = ctx.snapshot.entity(entity)
    plural = declared.plural or declared.label
    if rights_for(ctx, entity).delete.nothing:
        raise Forbidden(
            "bin_forbidden",
            f"You may not delete {ctx.snapshot.said(plural)}, nor bring them back.",
            "Ask an administrator.",
        )
    title = declared.title if declared.title in rights_for(ctx, entity).readable else "id"
    query = Query(
        entity,
        (title, "deleted_at", "updated_by"),
        sort=("-deleted_at",),
        limit=PAGE_SIZE,
        after=request.args.get("after") or None,
        before=request.args.get("before") or None,
        deleted=True,
        titles=True,
    )
    try:
        page = select(ctx, query)
    except Invalid as fault:
        if fault.code != "cursor_unfit":
            raise
        raise Unfit("before" if query.before else "after", fault.message, fault.hint) from fault
    field = fields_of(ctx.snapshot, entity).get(title) if title != "id" else None
    rows = [
        _row(ctx, entity, record, (title_text(ctx, entity, field, name if field else None), at, by))
        for record, (name, at, by) in zip(page.ids, page.rows, strict=True)
        if _may_restore(ctx, entity, record)
    ]
    base = bin_address(entity)
    return BinPage(
        title=f"Deleted {ctx.snapshot.said(plural)}",
        entity=entity,
        plural=plural,
        label=ctx.snapshot.said(declared.label),
        rows=rows,
        previous=f"{base}?before={page.previous}" if page.previous else "",
        next=f"{base}?after={page.next}" if page.next else "",
        problem=problem,
    )


def _may_restore(ctx: Context, entity: str, record: str) -> bool:
    if rights_for(ctx, entity).delete.everything:
        return True
    values = load_values(ctx, entity, record)
    return values is not None and may(ctx, entity, "delete", values)


def _row(ctx: Context, entity: str, record: str, found: tuple[str, datetime, Linked | None]) -> BinRow:
    title, at, by = found
    dates = ctx.locale.dates
    who = (by.title or "Hidden record") if isinstance(by, Linked) else "the system"
    return BinRow(record, title, who, dates.ago(at, ctx.now), dates.full(at))


@blueprint.post("/e/<entity>/<record>/restore")
def send_restore(entity: str, record: str) -> BaseResponse:
    """Bring a record back with everything that went with it."""
    try:
        restored, others = write(lambda ctx: _restore(ctx, entity, record))
    except ValidationFailed as refused:
        words = " ".join(f"{item.message} {item.hint}".strip() for item in refused.problems)
        return render("recycle.html", _page(reopen(), entity, words), status=409)
    ctx = reopen()
    declared = ctx.snapshot.entity(entity)
    title = title_text(ctx, entity, declared.fields.get(declared.title), restored.values.get(declared.title))
    with_it = f" with {others} {'record' if others == 1 else 'records'} that belong to it" if others else ""
    toast(f"{title} is back{with_it}.", icon="arrow-back-up")
    target = request.form.get("next")
    return redirect(safe_next(target) if target else record_address(entity, record), 303)


def _restore(ctx: Context, entity: str, record: str) -> tuple[records.Record, int]:
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", list_address(entity))
    others = restored_with(ctx, entity, record)
    return records.restore(ctx, entity, record), others
