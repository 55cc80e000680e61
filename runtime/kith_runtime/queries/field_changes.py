"""Read what one field of a record held over time, without looking through the changes of all others in Python."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.change import Change, without_hidden
from kith_runtime.queries.reading import get
from kith_runtime.records.store import HISTORY

MOST_CHANGES = 50


def field_changes(ctx: Context, entity: str, record: str, name: str, *, limit: int = MOST_CHANGES) -> list[Change]:
    """Return the changes of one field, newest first; each holds that field alone.

    Raises NotFound for a field or a record that is not there or not for these eyes.
    """
    if name not in rights_for(ctx, entity).readable or name not in fields_of(ctx.snapshot, entity):
        raise NotFound("unknown_field", f"There is no field '{name[:60]}' here.")
    get(ctx, entity, record, ("id",))
    query = (
        select(HISTORY)
        .where(HISTORY.c.entity == entity, HISTORY.c.record_id == record, _touches(ctx, name))
        .order_by(HISTORY.c.seq.desc())
        .limit(max(1, min(limit, MOST_CHANGES)))
    )
    return without_hidden(ctx, entity, [_change(row, name) for row in ctx.connection.execute(query).mappings()])


def times_of(changes: list[Change], now: datetime) -> dict[Any, float]:
    """Return how many seconds a field held each of its values, as far as its changes tell; ``changes`` newest first."""
    found: dict[Any, float] = {}
    until = now
    for change in changes:
        for _, value in change.changes.values():
            found[value] = found.get(value, 0.0) + max(0.0, (until - change.at).total_seconds())
        until = change.at
    return found


def _touches(ctx: Context, name: str) -> ColumnElement[bool]:
    """Return the condition for changes of a field; field names are letters, digits and low lines alone."""
    if ctx.database.dialect_name == "postgresql":
        return func.jsonb_exists(HISTORY.c.changes, name)
    return func.json_type(HISTORY.c.changes, f"$.{name}").is_not(None)


def _change(row: Any, name: str) -> Change:
    before, after = row["changes"][name]
    return Change(
        seq=row["seq"],
        at=row["at"],
        actor_id=row["actor_id"],
        actor_name=row["actor_name"],
        door=row["door"],
        action=row["action"],
        version=row["version"],
        changes={name: (before, after)},
    )
