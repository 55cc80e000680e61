"""Read what happened to a record: every change the actor may know of, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from kith_platform.errors import NotFound
from kith_runtime.access import record_filter, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.change import Change, without_hidden
from kith_runtime.queries.compile import closed
from kith_runtime.queries.query import COUNT_CAP
from kith_runtime.records.store import HISTORY
from kith_runtime.tables import table_of

MOST_CHANGES = 200


def history(ctx: Context, entity: str, id: str, *, limit: int = 50, before: int | None = None) -> list[Change]:
    """Return the changes of a record, newest first; with ``before`` those earlier. Deleted records have theirs too.

    Fields that the actor may not read are left out and only counted; records that they may not see stand in lookups as
    words without an id. Raises NotFound for a record that is not there or
    not for these eyes.
    """
    rights = rights_for(ctx, entity)
    if rights.read.nothing:
        raise closed()
    _require(ctx, entity, id)
    query = select(HISTORY).where(HISTORY.c.entity == entity, HISTORY.c.record_id == id)
    if before is not None:
        query = query.where(HISTORY.c.seq < before)
    query = query.order_by(HISTORY.c.seq.desc()).limit(max(1, min(limit, MOST_CHANGES)))
    known = fields_of(ctx.snapshot, entity)
    shown = frozenset(name for name in rights.readable if name in known)
    return without_hidden(ctx, entity, [_change(row, shown) for row in ctx.connection.execute(query).mappings()])


def count_changes(ctx: Context, entity: str, id: str) -> int:
    """Return how many changes a record has that may be read; counting stops above the cap."""
    rows = select(HISTORY.c.seq).where(HISTORY.c.entity == entity, HISTORY.c.record_id == id).limit(COUNT_CAP + 1)
    return int(ctx.connection.execute(select(func.count()).select_from(rows.subquery())).scalar() or 0)


def _require(ctx: Context, entity: str, record: str) -> None:
    table = table_of(ctx.published, entity)
    query = select(table.c.id).where(table.c.id == record.replace("\0", ""))
    allowed = record_filter(ctx, entity, "read")
    if allowed is not None:
        query = query.where(allowed)
    if ctx.connection.execute(query).first() is None:
        label = ctx.snapshot.said(ctx.snapshot.entity(entity).label)
        raise NotFound("not_found", f"This {label} does not exist, or you may not see it.", "Look in the list.")


def _change(row: Mapping[Any, Any], shown: frozenset[str]) -> Change:
    changes = {name: (pair[0], pair[1]) for name, pair in row["changes"].items() if name in shown}
    return Change(
        seq=row["seq"],
        at=row["at"],
        actor_id=row["actor_id"],
        actor_name=row["actor_name"],
        door=row["door"],
        action=row["action"],
        version=row["version"],
        changes=changes,
        hidden=len(row["changes"]) - len(changes),
    )
