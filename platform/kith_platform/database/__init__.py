"""The database: one way to open it, one way to read, one way to write.

``open_database(url)`` gives a ``Database``; ``database.read()`` and ``database.write()`` yield a SQLAlchemy Core
connection inside a transaction that Kith itself begins, so that DDL is transactional on SQLite too.
"""

from __future__ import annotations

from sqlalchemy import Connection

from kith_platform.database.backend import Limits
from kith_platform.database.engine import (
    Database,
    TransactionNotes,
    before_commit,
    on_commit,
    open_database,
    transaction_notes,
)

__all__ = [
    "Connection",
    "Database",
    "Limits",
    "TransactionNotes",
    "before_commit",
    "on_commit",
    "open_database",
    "transaction_notes",
]
