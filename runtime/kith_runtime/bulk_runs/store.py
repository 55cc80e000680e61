"""The tables of runs over many records: what is to be done, to which records, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, and_, bindparam, delete, insert, or_, select, update

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_runtime.context import Context
from kith_runtime.store import RUNTIME_TABLES

RUN = Table(
    "kith_bulk",
    RUNTIME_TABLES,
    Column("id", IdText(), primary_key=True),
    Column("person_id", IdText(), nullable=False),
    Column("entity", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settings", JsonValue(), nullable=False),
    Column("total", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("undoes", IdText(), nullable=False),
    Column("undone_by", IdText(), nullable=False),
    Column("made_at", UtcDateTime(), nullable=False),
    Index("ix_kith_bulk_person", "person_id", "id"),
)
"""One run: ``position`` is the part that comes next, ``undoes`` the run that it takes back."""

PART = Table(
    "kith_bulk_part",
    RUNTIME_TABLES,
    Column("run_id", IdText(), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("ids", JsonValue(), nullable=False),
    Column("results", JsonValue(), nullable=False),
    Column("failed", Integer, nullable=False),
)
"""Some of the records of a run, written in one transaction. ``results`` holds an :class:`Outcome` for each."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of work on many records, owned by one person. ``state`` is draft, running, cancelled or done."""

    id: str
    person_id: str
    entity: str
    kind: str
    state: str
    settings: dict[str, Any]
    total: int
    parts: int
    position: int
    done: int
    failed: int
    undoes: str
    undone_by: str
    made_at: datetime

    @property
    def tried(self) -> int:
        """How many records have been looked at."""
        return self.done + self.failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: the version it has since (0 when it was not changed), or why it was not."""

    id: str
    version: int = 0
    problem: str = ""
    before: dict[str, Any] = field(default_factory=dict)

    def written(self) -> list[Any]:
        """Return it as it is kept."""
        return [self.id, self.version, self.problem, self.before]


def add_run(ctx: Context, run: Run, parts: Sequence[Sequence[str]]) -> None:
    """Write a run with the ids of its records."""
    ctx.connection.execute(insert(RUN), asdict(run))
    rows = [
        {"run_id": run.id, "number": number, "ids": list(ids), "results": [], "failed": 0}
        for number, ids in enumerate(parts)
    ]
    if rows:
        ctx.connection.execute(insert(PART), rows)


_OPEN = Prepared(
    select(RUN)
    .where(RUN.c.person_id == bindparam("person"), RUN.c.entity == bindparam("entity"), RUN.c.state == "running")
    .order_by(RUN.c.id.desc())
    .limit(bindparam("most", type_=Integer()))
)
"""Asked for by every list."""


def run_of(ctx: Context, run: str, *, hold: bool = False) -> Run | None:
    """Return one of the actor's runs; ``hold`` keeps others from going on with it until the transaction ends."""
    query = select(RUN).where(RUN.c.id == run, RUN.c.person_id == ctx.actor.id)
    row = ctx.connection.execute(query.with_for_update() if hold else query).mappings().first()
    return None if row is None else Run(**row)


def open_runs(ctx: Context, entity: str, limit: int = 5) -> list[Run]:
    """Return the actor's runs over an entity that were begun and are not through, newest first."""
    asked = {"person": ctx.actor.id, "entity": entity, "most": limit}
    return [Run(**row) for row in _OPEN.mappings(ctx.connection, asked)]


def change_run(ctx: Context, run: str, **values: Any) -> None:
    """Change some columns of a run."""
    ctx.connection.execute(update(RUN).where(RUN.c.id == run).values(**values))


def part_of(ctx: Context, run: str, number: int) -> tuple[list[str], list[Outcome]]:
    """Return the ids of one part of a run, and what became of them."""
    query = select(PART.c.ids, PART.c.results).where(PART.c.run_id == run, PART.c.number == number)
    row = ctx.connection.execute(query).one()
    return list(row.ids), [Outcome(*item) for item in row.results]


def close_part(ctx: Context, run: str, number: int, results: Sequence[Outcome]) -> None:
    """Keep what became of the records of a part."""
    failed = sum(bool(item.problem) for item in results)
    here = update(PART).where(PART.c.run_id == run, PART.c.number == number)
    ctx.connection.execute(here.values(results=[item.written() for item in results], failed=failed))


def problems_of(ctx: Context, run: str, limit: int) -> list[Outcome]:
    """Return the records of a run that could not be changed, in its order."""
    query = select(PART.c.results).where(PART.c.run_id == run, PART.c.failed > 0).order_by(PART.c.number)
    found = (Outcome(*item) for (results,) in ctx.connection.execute(query.limit(limit)) for item in results)
    return [item for item in found if item.problem][:limit]


def drop_runs(ctx: Context, before: datetime, drafts_before: datetime) -> None:
    """Forget the actor's runs from before a moment, and drafts from before another."""
    stale = and_(RUN.c.state == "draft", RUN.c.made_at < drafts_before)
    old = and_(RUN.c.person_id == ctx.actor.id, or_(RUN.c.made_at < before, stale))
    ctx.connection.execute(delete(PART).where(PART.c.run_id.in_(select(RUN.c.id).where(old))))
    ctx.connection.execute(delete(RUN).where(old))


def drop_run(ctx: Context, run: str) -> None:
    """Forget one run."""
    ctx.connection.execute(delete(PART).where(PART.c.run_id == run))
    ctx.connection.execute(delete(RUN).where(RUN.c.id == run))
