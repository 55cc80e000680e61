"""The tables of the search: one row for each searchable field of a record, and the full-text index over the rows."""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Column, Index, Integer, Table, Text, event

from kith_platform.database.types import IdText
from kith_runtime.store import RUNTIME_TABLES

SEARCH = Table(
    "kith_search",
    RUNTIME_TABLES,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("entity", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("field", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_kith_search_record", "record_id", "entity"),
    sqlite_autoincrement=True,
)
"""``body`` holds folded words; ``place`` is a word that stands for the entity, so that one entity can be searched.

A row that changes is written anew, so the highest ``seq`` belongs to what was touched last.
"""

WHOLE = ""
"""Stands in the place of a field for the row that holds the words of all searchable fields of a record together."""

FULL_TEXT = "kith_search_words"
"""SQLite's full-text index over ``place`` and ``body``; PostgreSQL has a generated column and a GIN index instead."""

# Words are cut before they arrive, so both databases only split at spaces.
event.listen(
    SEARCH,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "CREATE VIRTUAL TABLE kith_search_words USING fts5("
        "place, body, content='kith_search', content_rowid='seq', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    ).execute_if(dialect="sqlite"),
)
event.listen(
    SEARCH,
    "before_drop",
    DDL("DROP TABLE IF EXISTS kith_search_words").execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
)
event.listen(
    SEARCH,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "ALTER TABLE kith_search ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(place || ' ' || body, ' '))) STORED"
    ).execute_if(dialect="postgresql"),
)
event.listen(
    SEARCH,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "CREATE INDEX ix_kith_search_words ON kith_search USING gin (words) WITH (fastupdate = on)"
    ).execute_if(dialect="postgresql"),
)
