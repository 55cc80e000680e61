"""The table of stored files; the bytes lie in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Row, Table, Text, delete, insert, select, update

from kith_platform.database.metadata import PLATFORM_TABLES
from kith_platform.database.types import IdText, UtcDateTime

FILE = Table(
    "kith_file",
    PLATFORM_TABLES,
    Column("id", IdText(), primary_key=True),
    Column("key", IdText(), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", IdText(), nullable=False),
    Column("width", BigInteger),
    Column("height", BigInteger),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("created_by", IdText(), nullable=False),
    Column("entity", Text),
    Column("record_id", IdText()),
    Column("field", Text),
    Index("uq_kith_file_key", "key", unique=True),
    Index("ix_kith_file_record", "entity", "record_id"),
    Index("ix_kith_file_created_at", "created_at"),
)


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Insert a file."""
    connection.execute(insert(FILE).values(values))


def find(connection: Connection, file_id: str) -> Row[Any] | None:
    """Return a file."""
    return connection.execute(select(FILE).where(FILE.c.id == file_id)).one_or_none()


def of_record(connection: Connection, entity: str, record_id: str) -> Sequence[Row[Any]]:
    """Return the files of a record, oldest first."""
    statement = select(FILE).where(FILE.c.entity == entity, FILE.c.record_id == record_id).order_by(FILE.c.id)
    return connection.execute(statement).all()


def bind(connection: Connection, file_id: str, entity: str | None, record_id: str | None, field: str | None) -> bool:
    """Say where a file belongs; tell whether there is such a file."""
    statement = update(FILE).where(FILE.c.id == file_id).values(entity=entity, record_id=record_id, field=field)
    return connection.execute(statement).rowcount == 1


def remove(connection: Connection, file_id: str) -> str | None:
    """Delete a file's row and return its key."""
    statement = delete(FILE).where(FILE.c.id == file_id).returning(FILE.c.key)
    return connection.execute(statement).scalar_one_or_none()


def unbound_before(connection: Connection, moment: datetime) -> Sequence[str]:
    """Return the ids of files that belong nowhere since then."""
    statement = select(FILE.c.id).where(FILE.c.entity.is_(None), FILE.c.created_at < moment)
    return connection.scalars(statement).all()


def known_keys(connection: Connection, keys: Sequence[str]) -> frozenset[str]:
    """Return which of these keys have a row."""
    return frozenset(connection.scalars(select(FILE.c.key).where(FILE.c.key.in_(keys))))
