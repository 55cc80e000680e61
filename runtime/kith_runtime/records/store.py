"""The runtime's tables behind records: history, deletions, counters and idempotency keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_runtime.store import RUNTIME_TABLES

_Sequence = BigInteger().with_variant(Integer(), "sqlite")

HISTORY = Table(
    "kith_history",
    RUNTIME_TABLES,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("entity", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("actor_id", IdText(), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("door", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("changes", JsonValue(), nullable=False),
    Index("ix_kith_history_record", "entity", "record_id", "seq"),
    Index("ix_kith_history_trace", "trace"),
)
"""One row for each saved change of a record: ``changes`` maps a field to ``[from, to]`` as the API shows values."""

DELETION = Table(
    "kith_deletion",
    RUNTIME_TABLES,
    Column("id", IdText(), primary_key=True),
    Column("entity", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("title", Text, nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("actor_id", IdText(), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("taken", JsonValue(), nullable=False),
    Column("cleared", JsonValue(), nullable=False),
    Column("restored_at", UtcDateTime()),
    Index("ix_kith_deletion_record", "entity", "record_id"),
    Index("ix_kith_deletion_at", "at"),
)
"""One row for each delete: ``taken`` maps entities to the ids that went, ``cleared`` lists ``[entity, field, id]``."""

COUNTER = Table(
    "kith_counter",
    RUNTIME_TABLES,
    Column("entity", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""The last number given by an auto-number field, per period of its format (a year, a month, or always)."""

IDEMPOTENCY = Table(
    "kith_idempotency",
    RUNTIME_TABLES,
    Column("actor_id", IdText(), nullable=False),
    Column("key", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    UniqueConstraint("actor_id", "key"),
    Index("ix_kith_idempotency_at", "at"),
)
"""Keys that came with creates, so that a create that is sent again gives the record it made the first time."""
