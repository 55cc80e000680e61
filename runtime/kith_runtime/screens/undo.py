"""Take the last saving back: everything that one request changed, as long as nobody has changed it since."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Conflict, NotFound
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.screens.addresses import list_address, safe_next
from kith_runtime.screens.rendering import toast
from kith_runtime.screens.store import Step, deleted_alone, steps_of
from kith_runtime.web.state import write

blueprint = Blueprint("undo", __name__)


@blueprint.post("/undo/<trace>")
def send_undo(trace: str) -> BaseResponse:
    """Take back what the person did in one request."""
    steps = write(lambda ctx: _take_back(ctx, trace))
    first = steps[-1]
    toast("Taken back.", icon="arrow-back-up")
    target = safe_next(request.form.get("next"))
    if first.action == "create" and f"/{first.record}" in target:
        target = list_address(first.entity)
    return redirect(target, 303)


def undo_address(trace: str) -> str:
    """Return the address whose POST takes back what a request did; nothing for a request that changed nothing."""
    return f"/undo/{trace}" if trace else ""


def undo_head(ctx: Context, entity: str, trace: str) -> dict[str, str]:
    """Return the head of an answer that says where a change in place is taken back, for Ctrl+Z."""
    return {"Kith-Undo": undo_address(trace)} if trace and ctx.snapshot.entity(entity).history else {}


def _take_back(ctx: Context, trace: str) -> Sequence[Step]:
    steps = [step for step in steps_of(ctx, trace) if ctx.snapshot.has("entity", step.entity)]
    if not steps:
        raise NotFound("nothing_to_undo", "There is nothing to take back here.", "It may have been taken back before.")
    undone: dict[tuple[str, str], int] = {}
    for step in steps:
        _reverse(ctx, step, undone)
    return steps


def _reverse(ctx: Context, step: Step, undone: dict[tuple[str, str], int]) -> None:
    """Take one step back; ``undone`` are the versions of records of which a later step was taken back already."""
    if step.action == "delete":
        if deleted_alone(ctx, step.entity, step.record):
            records.restore(ctx, step.entity, step.record)
        return
    label = ctx.snapshot.said(ctx.snapshot.entity(step.entity).label)
    now = records.read_record(ctx, step.entity, step.record).version
    if now != undone.get((step.entity, step.record), step.version):
        raise Conflict(
            "changed_since", f"This {label} was changed since, so it stays as it is.", "Look at its history to go on."
        )
    if step.action in ("create", "restore"):
        records.delete(ctx, step.entity, step.record, version=now)
    else:
        before = {name: change[0] for name, change in step.changes.items()}
        saved = records.update(ctx, step.entity, step.record, before, version=now)
        undone[step.entity, step.record] = saved.version
