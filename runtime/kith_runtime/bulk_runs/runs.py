"""Begin a run, do its next part, stop it, and take it back. Each record goes through the records door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kith_platform.errors import Conflict, KithError, NotFound, TooLarge
from kith_platform.ids import new_id
from kith_runtime import records
from kith_runtime.bulk_runs.store import (
    Outcome,
    Run,
    add_run,
    change_run,
    close_part,
    drop_run,
    drop_runs,
    part_of,
    run_of,
)
from kith_runtime.context import Context
from kith_runtime.queries import Query
from kith_runtime.queries.many import json_by_id
from kith_runtime.queries.reading import select_all_ids
from kith_runtime.records import Operation, Result, ValidationFailed, VersionConflict

MOST_RECORDS = 100_000
PART = 500
"""Records of one transaction: no more than a second or so, because on SQLite it keeps others from writing."""
KEPT = timedelta(days=30)
DRAFTS_KEPT = timedelta(days=1)

_BACKWARDS = {"update": "update", "delete": "restore", "restore": "delete"}


def ids_of(ctx: Context, query: Query) -> Sequence[str]:
    """Return the ids of all records of a question as they are now; raises TooLarge above the most."""
    found, more = select_all_ids(ctx, query, MOST_RECORDS)
    if more:
        raise TooLarge(
            "too_many_records",
            f"More than {ctx.locale.number(MOST_RECORDS)} records match, which is the most for one run.",
            "Narrow the filter and do it in several runs.",
        )
    return found


def draft(ctx: Context, entity: str, ids: Sequence[str], back: str) -> Run:
    """Fix the records of a run; what is to be done with them is said by :func:`begin`."""
    drop_runs(ctx, ctx.now - KEPT, ctx.now - DRAFTS_KEPT)
    parts = [ids[first : first + PART] for first in range(0, len(ids), PART)]
    run = replace(_new(ctx, entity, {"back": back}), total=len(ids), parts=len(parts))
    add_run(ctx, run, parts)
    return run


def _new(ctx: Context, entity: str, settings: dict[str, Any]) -> Run:
    return Run(
        id=new_id(ctx.clock),
        person_id=ctx.actor.id,
        entity=entity,
        kind="",
        state="draft",
        settings=settings,
        total=0,
        parts=0,
        position=0,
        done=0,
        failed=0,
        undoes="",
        undone_by="",
        made_at=ctx.now,
    )


def held(ctx: Context, entity: str, run: str, *, hold: bool = False) -> Run:
    """Return one of the actor's runs over an entity; raises NotFound for all others."""
    found = run_of(ctx, run, hold=hold)
    if found is None or found.entity != entity:
        raise NotFound("unknown_run", "There is no such change of many records that is yours.", "Go back to the list.")
    return found


def begin(ctx: Context, entity: str, run: str, kind: str, settings: dict[str, Any]) -> Run:
    """Say what a draft does: ``update`` with ``field`` and ``value`` among the settings, ``delete`` or ``restore``."""
    found = held(ctx, entity, run, hold=True)
    if found.state != "draft":
        raise Conflict("already_begun", "This was begun already.", "Look at how far it is.")
    state = "running" if found.total else "done"
    change_run(ctx, run, kind=kind, state=state, settings={**found.settings, **settings})
    return held(ctx, entity, run)


def cancel(ctx: Context, entity: str, run: str) -> Run:
    """Stop a run; what it has done stands, and can be taken back. A draft is forgotten."""
    found = held(ctx, entity, run, hold=True)
    if found.state == "draft":
        drop_run(ctx, run)
        return replace(found, state="cancelled")
    if found.state == "running":
        change_run(ctx, run, state="cancelled")
    return held(ctx, entity, run)


def take_back(ctx: Context, entity: str, run: str) -> Run:
    """Return a new run that takes back what another one did, last part first; raises Conflict when it cannot be."""
    found = held(ctx, entity, run, hold=True)
    if found.state not in ("done", "cancelled") or found.undoes or not found.kind:
        raise Conflict("not_through", "This cannot be taken back now.", "Wait until it is through, or stop it first.")
    if found.undone_by:
        return held(ctx, entity, found.undone_by)
    made = replace(
        _new(ctx, entity, found.settings),
        kind=_BACKWARDS[found.kind],
        state="running" if found.position else "done",
        total=found.done,
        parts=found.position,
        undoes=found.id,
    )
    add_run(ctx, made, [() for _ in range(found.position)])
    change_run(ctx, found.id, undone_by=made.id)
    return made


def advance(ctx: Context, entity: str, run: str) -> Run:
    """Do the next part of a run and return how far it is; one that is through, or was stopped, stays as it is.

    All changes of a run carry its id as their trace in the history.
    """
    found = held(ctx, entity, run, hold=True)
    if found.state != "running":
        return found
    work = replace(ctx, trace=found.id)
    results = _taken_back(work, found) if found.undoes else _done(work, found)
    close_part(ctx, run, found.position, results)
    failed = sum(bool(item.problem) for item in results)
    position = found.position + 1
    change_run(
        ctx,
        run,
        position=position,
        done=found.done + len(results) - failed,
        failed=found.failed + failed,
        state="done" if position >= found.parts else "running",
    )
    return held(ctx, entity, run)


def _done(ctx: Context, run: Run) -> list[Outcome]:
    ids, _ = part_of(ctx, run.id, run.position)
    if run.kind != "update":
        operations = [Operation("delete" if run.kind == "delete" else "restore", run.entity, item) for item in ids]
        return [_outcome(item, result) for item, result in zip(ids, records.bulk(ctx, operations), strict=True)]
    name = run.settings["field"]
    before = json_by_id(ctx, Query(run.entity, (name,)), ids)
    operations = [Operation("update", run.entity, item, {name: run.settings["value"]}) for item in ids]
    found = []
    for item, result in zip(ids, records.bulk(ctx, operations), strict=True):
        was = before.get(item, {})
        same = result.record is not None and result.record.version == was.get("version")
        found.append(Outcome(item) if same else replace(_outcome(item, result), before={name: was.get(name)}))
    return found


def _taken_back(ctx: Context, run: Run) -> list[Outcome]:
    _, done = part_of(ctx, run.undoes, run.parts - 1 - run.position)
    changed = [item for item in reversed(done) if item.version and not item.problem]
    same = [item for item in done if not item.version and not item.problem]
    operations = [_backwards(run, item) for item in changed]
    results = records.bulk(ctx, operations)
    return [
        *(Outcome(item.id) for item in same),
        *(_outcome(item.id, result, "was changed since") for item, result in zip(changed, results, strict=True)),
    ]


def _backwards(run: Run, item: Outcome) -> Operation:
    if run.kind == "update":
        return Operation("update", run.entity, item.id, item.before, version=item.version)
    if run.kind == "delete":
        return Operation("delete", run.entity, item.id, version=item.version)
    return Operation("restore", run.entity, item.id)


def _outcome(record: str, result: Result, stale: str = "") -> Outcome:
    if result.error is not None:
        return Outcome(record, problem=_words(result.error, stale))
    return Outcome(record, version=1 if result.record is None else result.record.version)


def _words(error: KithError, stale: str) -> str:
    """Return why a record stays as it is, in a sentence or two."""
    if isinstance(error, VersionConflict) and stale:
        by = next((item.by for item in error.fields if item.by), "")
        return f"{by} changed it since, so it stays as it is." if by else f"It {stale}, so it stays as it is."
    if isinstance(error, ValidationFailed):
        return " ".join(f"{item.message} {item.hint}".strip() for item in error.problems[:3])
    return str(error)
