"""Apply a plan: one transaction that ends with the old state or the new one, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from kith_metadata.snapshot import hash_of
from kith_platform.audit import AuditLog, Entry
from kith_platform.clock import Clock
from kith_platform.database import Database
from kith_platform.errors import Busy, Conflict, DatabaseBusy
from kith_platform.ids import new_id
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.context import Context
from kith_runtime.publish import store
from kith_runtime.publish.journal import build_later_if_possible, claim_ahead, make_ahead
from kith_runtime.publish.operations.base import PublishRefused, Work
from kith_runtime.publish.plan import Plan
from kith_runtime.publish.structure import storage_manifest
from kith_runtime.published import Published


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a publish waits for others.

    ``lock`` is the longest wait for one lock, in seconds: whoever reads the table meanwhile waits as long, so it is
    short, and the whole publish is tried again after a pause instead.
    """

    lock: float = 0.15
    pauses: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8, 1.2, 1.6)


class PublishBusy(Busy):
    """Somebody works with a table that has to change; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publish did: its number, and what it has to report (values that could not be converted)."""

    sequence: int
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Who publishes, why, and whether values may be lost."""

    actor: Actor
    note: str = ""
    accept_loss: bool = False


def apply_plan(
    database: Database, clock: Clock, plan: Plan, request: Request, patience: Patience | None = None
) -> Outcome:
    """Make the plan's snapshot live, or change nothing.

    Raises :class:`PublishRefused` when the data forbid it, Conflict when another publish was faster, and
    :class:`PublishBusy` when the tables stay in use.
    """
    if plan.blockers:
        raise PublishRefused(plan.blockers)
    if plan.losses and not request.accept_loss:
        raise PublishRefused(plan.losses, "Change these values first, or accept the loss with --accept-loss.")
    patience = patience or Patience()
    ahead = make_ahead(database, plan)
    for pause in (*patience.pauses, None):
        try:
            with _transaction(database, patience) as connection:
                outcome = _apply(_context(database, connection, clock, plan), plan, request, ahead)
            later = build_later_if_possible(database)
            return replace(outcome, reports=(*outcome.reports, later)) if later else outcome
        except DatabaseBusy as error:
            if pause is None:
                raise PublishBusy(
                    "publish_busy",
                    "The publish waited for people who work with the data it has to change, and gave up.",
                    "Nothing was changed. Try again in a moment, or end long reports first.",
                    retry_after=10,
                ) from error
            time.sleep(pause)
    raise AssertionError("the loop returns or raises")


@contextmanager
def _transaction(database: Database, patience: Patience) -> Iterator[Connection]:
    if database.dialect_name == "postgresql":
        with database.write(lock_timeout=patience.lock, statement_timeout=0) as connection:
            yield connection
        return
    with database.write() as connection:
        yield connection


def _context(database: Database, connection: Connection, clock: Clock, plan: Plan) -> Context:
    """Return the context of the system on the snapshot that goes live."""
    return Context(
        database=database,
        published=Published(plan.snapshot, plan.storage, plan.before.sequence + 1),
        actor=SYSTEM,
        connection=connection,
        clock=clock,
        door="system",
        trace=new_id(clock),
        now=clock.now(),
        writable=True,
    )


def _apply(ctx: Context, plan: Plan, request: Request, ahead: frozenset[str]) -> Outcome:
    connection, clock, sequence = ctx.connection, ctx.clock, ctx.published.sequence
    current = store.claim_current(connection)
    if current.sequence != plan.before.sequence:
        raise _overtaken(connection, plan, current)
    work = Work(
        connection=connection,
        before=plan.before,
        after=ctx.published,
        accept_loss=request.accept_loss,
        old_names=plan.old_names,
        context=ctx,
    )
    claim_ahead(connection, plan, ahead)
    _lock_tables(connection, plan)
    for operation in (*plan.operations, *plan.silent):
        if not (operation.subject in ahead and operation.kind in ("create_entity", "make_index")):
            operation.run(work)
    _save(connection, clock, plan, request, sequence)
    return Outcome(sequence, tuple(work.reports))


def _lock_tables(connection: Connection, plan: Plan) -> None:
    """Take every lock at the start and in one order: a reader in the way is met before any work is done."""
    if connection.dialect.name != "postgresql":
        return
    made = {item.subject for item in plan.operations if item.kind == "create_entity"}
    tables = sorted({item.table() for item in plan.operations if item.table() and item.subject not in made})
    quote = connection.dialect.identifier_preparer.quote
    for name in tables:
        connection.execute(text("LOCK TABLE " + quote(name) + " IN ACCESS EXCLUSIVE MODE"))


def _save(connection: Connection, clock: Clock, plan: Plan, request: Request, sequence: int) -> None:
    snapshot = plan.snapshot
    storage, stored = storage_manifest(plan.storage)
    documents: Mapping[str, str] = {hash_of(body): body for body in snapshot.documents.values()}
    known = set(plan.before.snapshot.manifest.values())
    store.save_documents(connection, {key: body for key, body in documents.items() if key not in known} | stored)
    store.save_snapshot(connection, snapshot.hash, snapshot.manifest)
    store.save_publish(
        connection,
        store.PublishRow(
            sequence=sequence,
            at=clock.now(),
            actor_id=request.actor.id,
            actor_name=request.actor.name,
            note=request.note,
            plan=plan.as_data(),
            snapshot_before=plan.before.snapshot.hash if plan.before.sequence else "",
            snapshot_after=snapshot.hash,
            storage=storage,
            reverses=plan.reverses,
        ),
    )
    store.move_current(connection, sequence, snapshot.hash)
    action = "publish.done" if plan.reverses is None else "publish.undone"
    detail = {"note": request.note, "reverses": plan.reverses, "snapshot": snapshot.hash}
    AuditLog(clock).append(connection, Entry(request.actor.id, action, str(sequence), detail))


def _overtaken(connection: Connection, plan: Plan, current: store.Current) -> Conflict:
    winner = store.load_publish(connection, current.sequence)
    if winner is None:
        return Conflict(
            "publish_overtaken", "The state that this plan was made for is not live any more.", "Plan again."
        )
    note = f" (“{winner.note}”)" if winner.note else ""
    return Conflict(
        "publish_overtaken",
        f"Publish {winner.sequence} by {winner.actor_name}{note} went live at {winner.at:%H:%M:%S} UTC, after this plan"
        f" was made for publish {plan.before.sequence}. Nothing was changed.",
        "Look at the new state, plan again and publish then.",
    )
