"""What screens read beside business data: which records one deletion took, and what a person changed lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from kith_runtime.context import Context
from kith_runtime.records.store import DELETION, HISTORY

DATABASE_FAULTS = (SQLAlchemyError,)
"""What a statement raises that the database refuses, such as a sum too large for its column."""

_LOOKED_THROUGH = 20_000
"""How many of the newest changes are searched for a person's own, so that no page waits for a long history."""


def deletions_at(ctx: Context, entity: str, at: datetime) -> list[str]:
    """Return the records of an entity that the actor deleted at a moment and nobody has restored since."""
    query = select(DELETION.c.record_id).where(
        DELETION.c.at == at,
        DELETION.c.entity == entity,
        DELETION.c.actor_id == ctx.actor.id,
        DELETION.c.restored_at.is_(None),
    )
    return list(ctx.connection.execute(query.order_by(DELETION.c.id)).scalars())


def own_changes(ctx: Context, limit: int) -> list[tuple[str, str, datetime, str]]:
    """Return the actor's newest changes as entity, record, moment and action, each record once."""
    newest = ctx.connection.execute(select(func.max(HISTORY.c.seq))).scalar() or 0
    query = (
        select(HISTORY.c.entity, HISTORY.c.record_id, HISTORY.c.at, HISTORY.c.action)
        .where(HISTORY.c.actor_id == ctx.actor.id, HISTORY.c.seq > newest - _LOOKED_THROUGH)
        .order_by(HISTORY.c.seq.desc())
        .limit(limit * 5)
    )
    found: dict[tuple[str, str], tuple[str, str, datetime, str]] = {}
    for entity, record, at, action in ctx.connection.execute(query):
        found.setdefault((entity, record), (entity, record, at, action))
    return list(found.values())[:limit]
