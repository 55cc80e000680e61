"""Many writes in one transaction, each by the same door as a single one, each with its own result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from kith_runtime.records.update import update
from kith_runtime.records.upsert import upsert

MOST_OPERATIONS = 1_000
"""Operations in one call: larger work is sent in parts, so that no transaction holds the database for long."""

_FEW = 4
"""Fewer deletes in a row are done one by one: to look at them together costs as much."""

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
    :class:`BulkRefused` is raised and the caller's transaction rolls back. Deletes of records at which nothing points
    are done together, with the results that they would have one by one.
    """
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(
            "too_many_operations",
            f"{len(operations)} operations are more than the {MOST_OPERATIONS} that one call may hold.",
            "Send them in several calls.",
        )
    results: list[Result] = []
    while len(results) < len(operations):
        results += [Result()] * _deleted(ctx, operations[len(results) :])
        if len(results) < len(operations):
            results.append(_one(ctx, operations[len(results)]))
    if all_or_nothing and any(result.error is not None for result in results):
        raise BulkRefused(results)
    return results


def _deleted(ctx: Context, operations: Sequence[Operation]) -> int:
    """Delete the records that the first operations name, as far as they can go together; return how many went."""
    entity = operations[0].entity
    alike = list(takewhile(lambda operation: operation.kind == "delete" and operation.entity == entity, operations))
    if len(alike) < _FEW or not ctx.snapshot.has("entity", entity):
        return 0
    savepoint = ctx.connection.begin_nested()
    try:
        found = delete_free(ctx, entity, [(operation.id, operation.version) for operation in alike])
    except Busy:
        raise
    except KithError:
        # One by one tells which of them it is.
        savepoint.rollback()
        return 0
    savepoint.commit()
    return found


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
