"""The table of the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Row, Table, Text, func, insert, select

from kith_platform.database.metadata import PLATFORM_TABLES
from kith_platform.database.types import IdText, JsonValue, UtcDateTime

AUDIT = Table(
    "kith_audit",
    PLATFORM_TABLES,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("actor", IdText(), nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JsonValue(), nullable=False),
    Column("previous_hash", IdText(), nullable=False),
    Column("hash", IdText(), nullable=False),
    Index("ix_kith_audit_actor", "actor", "sequence"),
    Index("ix_kith_audit_subject", "subject", "sequence"),
    Index("ix_kith_audit_action", "action", "sequence"),
)


@dataclass(frozen=True)
class Page:
    """The part of a long list: at most ``limit`` rows older than sequence ``before``."""

    limit: int
    before: int | None = None


# Any fixed number; it only has to be the same for everyone who appends to this database.
_APPEND_LOCK = 0x6B6974685F617564


def hold_append_lock(connection: Connection) -> None:
    """Let one transaction append at a time; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_APPEND_LOCK)))


def last_row(connection: Connection) -> Row[Any] | None:
    """Return the newest row."""
    return connection.execute(select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(1)).one_or_none()


def add_rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert rows."""
    connection.execute(insert(AUDIT), rows)


def newest(
    connection: Connection, matches: Mapping[str, str], period: tuple[datetime | None, datetime | None], page: Page
) -> Sequence[Row[Any]]:
    """Return rows whose columns equal ``matches`` inside a period, newest first."""
    statement = select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(page.limit)
    for name, value in matches.items():
        statement = statement.where(AUDIT.c[name] == value)
    since, until = period
    if since is not None:
        statement = statement.where(AUDIT.c.at >= since)
    if until is not None:
        statement = statement.where(AUDIT.c.at < until)
    if page.before is not None:
        statement = statement.where(AUDIT.c.sequence < page.before)
    return connection.execute(statement).all()


def oldest_first(connection: Connection) -> Iterator[Row[Any]]:
    """Yield all rows in the order in which they were appended, a thousand at a time."""
    last = -1
    while rows := connection.execute(
        select(AUDIT).where(AUDIT.c.sequence > last).order_by(AUDIT.c.sequence).limit(1000)
    ).all():
        yield from rows
        last = rows[-1].sequence
