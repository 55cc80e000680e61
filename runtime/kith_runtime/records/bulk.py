"""Many writes in one transaction, each by the same door as a single one, each with its own result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Literal

from kith_metadata.registry import nearest
from kith_platform.errors import Busy, Invalid, KithError, NotFound, TooLarge
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.records.create import create
from kith_runtime.records.delete import delete
from kith_runtime.records.delete_free import delete_free
from kith_runtime.records.record import Record
from kith_runtime.records.restore import restore
from kith_runtime.records.restore_many import restore_many
from kith_runtime.records.update import Edit, update
from kith_runtime.records.update_many import can_change_together, update_many
from kith_runtime.records.upsert import upsert

MOST_OPERATIONS = 1_000
"""Operations in one call: larger work is sent in parts, so that no transaction holds the database for long."""

_FEW = 4
"""Fewer operations in a row are done one by one: to look at them together costs as much."""

Kind = Literal["create", "update", "delete", "restore", "upsert"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One write: ``id`` for update, delete and restore, ``key`` for upsert, ``values`` where something is set."""

    kind: Kind
    entity: str
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one operation: a record (none after a delete) or an error."""

    record: Record | None = None
    error: KithError | None = None


class BulkRefused(Invalid):
    """One operation failed and the caller wanted all or nothing; ``results`` says what each would have been."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = tuple(results)
        failed = sum(result.error is not None for result in results)
        super().__init__(
            "bulk_refused",
            f"{failed} of {len(results)} operations cannot be done, so none was.",
            "Mend those and send all of them again.",
        )


def bulk(ctx: Context, operations: Sequence[Operation], *, all_or_nothing: bool = False) -> list[Result]:
    """Do the operations in order and return a result for each.

    An operation that fails is undone alone; the others stand, unless ``all_or_nothing`` is asked for: then
    :class:`BulkRefused` is raised and the caller's transaction rolls back. Operations of one kind that stand together
    are done in sets where their results are those that they would have one by one.
    """
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(
            "too_many_operations",
            f"{len(operations)} operations are more than the {MOST_OPERATIONS} that one call may hold.",
            "Send them in several calls.",
        )
    results: list[Result] = []
    while len(results) < len(operations):
        rest = operations[len(results) :]
        results += _together(ctx, rest) or [_one(ctx, rest[0])]
    if all_or_nothing and any(result.error is not None for result in results):
        raise BulkRefused(results)
    return results


def _together(ctx: Context, operations: Sequence[Operation]) -> list[Result]:
    """Do as many of the first operations as are alike and can go in one set; return their results, maybe none."""
    kind, entity = operations[0].kind, operations[0].entity
    work = _IN_SETS.get(kind)
    alike = list(takewhile(lambda operation: (operation.kind, operation.entity) == (kind, entity), operations))
    if work is None or len(alike) < _FEW or not ctx.snapshot.has("entity", entity):
        return []
    savepoint = ctx.connection.begin_nested()
    try:
        found = work(ctx, entity, alike)
    except Busy:
        raise
    except KithError:
        found = None
    if found is None:
        # One by one tells which of them it is.
        savepoint.rollback()
        return [_one(ctx, operation) for operation in alike]
    savepoint.commit()
    return found


def _changed(ctx: Context, entity: str, operations: Sequence[Operation]) -> list[Result] | None:
    edits = [Edit(operation.id, operation.values, operation.version) for operation in operations]
    if not can_change_together(ctx, entity, edits):
        return None
    return [_result(outcome) for outcome in update_many(ctx, entity, edits)]


def _deleted(ctx: Context, entity: str, operations: Sequence[Operation]) -> list[Result]:
    """Delete the records that the first operations name, as far as they can go together."""
    return [Result()] * delete_free(ctx, entity, [(operation.id, operation.version) for operation in operations])


def _restored(ctx: Context, entity: str, operations: Sequence[Operation]) -> list[Result] | None:
    found = restore_many(ctx, entity, [operation.id for operation in operations])
    return None if found is None else [_result(outcome) for outcome in found]


def _result(outcome: Record | KithError) -> Result:
    return Result(error=outcome) if isinstance(outcome, KithError) else Result(record=outcome)


_IN_SETS: Mapping[Kind, Callable[[Context, str, Sequence[Operation]], list[Result] | None]] = {
    "delete": _deleted,
    "restore": _restored,
    "update": _changed,
}


def _one(ctx: Context, operation: Operation) -> Result:
    savepoint = ctx.connection.begin_nested()
    try:
        record = _do(ctx, operation)
    except Busy:
        raise
    except KithError as error:
        savepoint.rollback()
        return Result(error=error)
    savepoint.commit()
    return Result(record=record)


def _do(ctx: Context, operation: Operation) -> Record | None:
    if not ctx.snapshot.has("entity", operation.entity):
        raise _unknown(ctx, operation.entity)
    if operation.kind == "create":
        return create(ctx, operation.entity, operation.values)
    if operation.kind == "update":
        return update(ctx, operation.entity, operation.id, operation.values, version=operation.version)
    if operation.kind == "upsert":
        return upsert(ctx, operation.entity, operation.key, operation.values)
    if operation.kind == "restore":
        return restore(ctx, operation.entity, operation.id)
    delete(ctx, operation.entity, operation.id, version=operation.version)
    return None


def _unknown(ctx: Context, entity: str) -> NotFound:
    """The error for an entity that does not exist; no name is suggested that the actor may not know of."""
    known = [name for name in ctx.snapshot.entities() if not rights_for(ctx, name).read.nothing]
    suggestion = nearest(entity, tuple(known))
    return NotFound(
        "unknown_entity",
        f"There is no entity '{entity[:80]}'.",
        f"Did you mean '{suggestion}'?" if suggestion else "Look at the names of the entities.",
        "entity",
    )
