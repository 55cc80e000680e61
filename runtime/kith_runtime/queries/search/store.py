"""The table of the search: one row for each record, and the indexes over its words and their parts."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import DDL, BigInteger, Column, Connection, Index, Integer, Table, Text, event, text
from sqlalchemy.exc import DBAPIError

from kith_platform.database.types import IdText, JsonValue
from kith_runtime.store import RUNTIME_TABLES

SEARCH = Table(
    "kith_search",
    RUNTIME_TABLES,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("entity", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("place", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("fields", JsonValue(), nullable=False),
    Index("ix_kith_search_record", "record_id", "entity", unique=True),
    sqlite_autoincrement=True,
)
"""``fields`` holds the folded words of each searchable field, ``body`` those of all of them, a space around each word.

``place`` is a mark of three signs that nobody can type and stands for the entity, so that one entity can be searched.
A record that changes is written anew, so the highest ``seq`` belongs to what was touched last.
"""

PARTS = "kith_search_parts"
"""SQLite's index of all runs of three characters: it finds words by their beginning and by any part of them."""

PARTS_INDEX = "ix_kith_search_parts"
"""The same on PostgreSQL, where the extension pg_trgm is there; the index of whole words always is."""

_SQLITE = (
    "CREATE VIRTUAL TABLE kith_search_parts USING fts5("
    "body, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')"
)
# Words are cut before they arrive, so the database only splits at spaces.
_POSTGRESQL = (
    (
        "ALTER TABLE kith_search ADD COLUMN words tsvector GENERATED ALWAYS AS "
        "(array_to_tsvector(array_remove(string_to_array(place || body, ' '), ''))) STORED"
    ),
    "CREATE INDEX ix_kith_search_words ON kith_search USING gin (words) WITH (fastupdate = on)",
)
_HAS_EXTENSION = text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
_ADD_EXTENSION = text("CREATE EXTENSION IF NOT EXISTS pg_trgm")
_ADD_PARTS = text("CREATE INDEX IF NOT EXISTS ix_kith_search_parts ON kith_search USING gin (body gin_trgm_ops)")
_HAS_PARTS = text("SELECT to_regclass('ix_kith_search_parts') IS NOT NULL")

_LOG = logging.getLogger("kith.search")


def _listen(event_name: str, statement: str, dialect: str) -> None:
    event.listen(SEARCH, event_name, DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


_listen("after_create", _SQLITE, "sqlite")
for _statement in _POSTGRESQL:
    _listen("after_create", _statement, "postgresql")
_listen("before_drop", "DROP TABLE IF EXISTS kith_search_parts", "sqlite")


@event.listens_for(SEARCH, "after_create")
def _index_parts(target: Table, connection: Connection, **_: Any) -> None:
    index_parts(connection)


def index_parts(connection: Connection) -> None:
    """Make PostgreSQL's index of parts of words if the extension can be had; without it whole words are searched."""
    if connection.dialect.name == "sqlite" or parts_are_indexed(connection):
        return
    if not connection.execute(_HAS_EXTENSION).scalar():
        _LOG.warning(
            "The search finds words by their beginning only: PostgreSQL has no extension pg_trgm here. "
            "Install it (package postgresql-contrib), then run: kith search rebuild"
        )
        return
    try:
        with connection.begin_nested():
            connection.execute(_ADD_EXTENSION)
    except DBAPIError as error:
        _LOG.warning(
            "The search finds words by their beginning only: the extension pg_trgm cannot be made (%s). "
            "Let an administrator of the database run CREATE EXTENSION pg_trgm, then run: kith search rebuild",
            str(error.orig).strip().splitlines()[0],
        )
        return
    connection.execute(_ADD_PARTS)


def parts_are_indexed(connection: Connection) -> bool:
    """Tell whether parts of words can be found: always on SQLite, with pg_trgm on PostgreSQL."""
    return connection.dialect.name == "sqlite" or bool(connection.execute(_HAS_PARTS).scalar())
