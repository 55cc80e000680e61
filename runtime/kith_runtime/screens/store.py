"""What screens read beside business data: which records one deletion took, and what a person changed lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.bulk_runs.store import RUN
from kith_runtime.context import Context
from kith_runtime.personal.store import unread_and_preferences
from kith_runtime.records.store import DELETION, HISTORY
from kith_runtime.saved_views.store import PLACE, VIEW

DATABASE_FAULTS = (SQLAlchemyError,)
"""What a statement raises that the database refuses, such as a sum too large for its column."""

_MOST_STEPS = 500
_LOOKED_THROUGH = 20_000
"""How many of the newest changes are searched for a person's own, so that no page waits for a long history."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a person at the list of an entity, and whether there is anything more to ask for.

    ``views`` tells whether anybody saved a view of it, ``places`` whether the person arranged theirs, ``runs`` whether
    a piece of work that they began is not through.
    """

    unread: int
    preferences: Mapping[str, str]
    views: bool
    places: bool
    runs: bool


def _desk() -> Prepared:
    """Every list asks for this, so it is one question instead of four; mostly the answer to the last three is no."""
    person, entity = bindparam("person", type_=IdText()), bindparam("entity", type_=Text())
    mine = PLACE.c.person_id == person, or_(PLACE.c.entity == "", PLACE.c.entity == entity)
    begun = RUN.c.person_id == person, RUN.c.entity == entity, RUN.c.state == "running"
    return Prepared(
        select(
            *unread_and_preferences(person),
            exists().where(VIEW.c.entity == entity).label("views"),
            exists().where(*mine).label("places"),
            exists().where(*begun).label("runs"),
        )
    )


_DESK = _desk()


def desk_of(ctx: Context, entity: str) -> Desk:
    """Return what waits for the actor at a list."""
    ((unread, chosen, views, places, runs),) = _DESK.rows(ctx.connection, {"person": ctx.actor.id, "entity": entity})
    return Desk(int(unread), dict(chosen or {}), bool(views), bool(places), bool(runs))


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


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one record within a request: ``changes`` maps fields to what they held before and after."""

    entity: str
    record: str
    version: int
    action: str
    changes: Mapping[str, Sequence[Any]]


def steps_of(ctx: Context, trace: str) -> list[Step]:
    """Return what the actor changed in one request, newest first; more than a form can change is not taken back."""
    query = (
        select(HISTORY.c.entity, HISTORY.c.record_id, HISTORY.c.version, HISTORY.c.action, HISTORY.c.changes)
        .where(HISTORY.c.trace == trace, HISTORY.c.actor_id == ctx.actor.id)
        .order_by(HISTORY.c.seq.desc())
        .limit(_MOST_STEPS + 1)
    )
    rows = ctx.connection.execute(query).all()
    return [Step(*row) for row in rows] if len(rows) <= _MOST_STEPS else []


def deleted_alone(ctx: Context, entity: str, record: str) -> bool:
    """Tell whether a record was deleted by itself and lies in the bin; what went with another comes back with it."""
    query = select(DELETION.c.id).where(
        DELETION.c.entity == entity, DELETION.c.record_id == record, DELETION.c.restored_at.is_(None)
    )
    return ctx.connection.execute(query).first() is not None
