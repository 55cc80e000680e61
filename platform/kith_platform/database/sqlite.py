"""SQLite: one file in WAL mode, a pool that can only read and a pool that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from kith_platform.database.backend import BEGIN_OPTION, ClosingPool, ConnectionSetup, Limits, begin_ourselves
from kith_platform.database.json_text import dump_json, load_json
from kith_platform.database.letters import without_marks
from kith_platform.errors import DatabaseBusy, KithError, Misconfigured, StorageFull

FOLD, LOWER, ORDER = "KITH_FOLD", "kith_lower", "KITH_ORDER"
"""A collation that ignores case in every alphabet, the function beside it, and the collation that lists sort by.

SQLite's own know ASCII only.
"""

_BUSY_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
READ_ONLY = "database_read_only"
"""Code of the fault that the file may not be written."""
_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN: "cannot be opened as a database",
    sqlite3.SQLITE_NOTADB: "is not a database",
    sqlite3.SQLITE_READONLY: "cannot be written",
    sqlite3.SQLITE_CORRUPT: "is damaged",
}
_UNUSABLE_HINT = "Nothing was changed. Look at KITH_DATABASE_URL, and who may write the file and its folder."
# The write lock is waited for by the loop in engine.py, which knows the caller's patience.
_WRITER_BUSY_MILLISECONDS = 20
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
    "PRAGMA mmap_size=268435456",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA trusted_schema=OFF",
)


class SqliteBackend:
    """Opens a SQLite file; the folder is made when it is missing."""

    name = "sqlite"
    driver_error: type[Exception] = sqlite3.Error
    one_writer = True

    def __init__(self, url: str, pool_size: int, setup: Sequence[ConnectionSetup], limits: Limits) -> None:
        path = make_url(url).database
        if not path or path == ":memory:":
            raise Misconfigured(
                "database_url",
                "Kith keeps its data in a file, and this address names none.",
                "Use sqlite:///path/to/kith.db.",
            )
        Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
        self._url, self._path = url, path
        self._setup = tuple(setup)
        self._limits = limits
        self._patience = int(limits.lock * 1000)
        self.reader = self._engine(pool_size, "BEGIN", read_only=True)
        # One writes while others queue in engine.py; the rest is room for other code paths of the same moment.
        self.writer = self._engine(2, "BEGIN IMMEDIATE", read_only=False)

    def fault(self, error: BaseException) -> KithError | None:
        """Translate locks and a full disk."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return None
        if code & 0xFF in _BUSY_CODES:
            return DatabaseBusy("database_busy", "Another change is being saved.", "Nothing was changed. Try again.")
        if code & 0xFF == sqlite3.SQLITE_FULL:
            return StorageFull(
                "storage_full", "The disk of the database is full.", "Nothing was changed. Make room, then try again."
            )
        if code & 0xFF in _UNUSABLE:
            kind = READ_ONLY if code & 0xFF == sqlite3.SQLITE_READONLY else "database_file"
            return Misconfigured(kind, f"{self._path} {_UNUSABLE[code & 0xFF]}.", _UNUSABLE_HINT)
        return None

    def limit(self, connection: Connection, lock: float | None, statement: float | None) -> None:
        """Do nothing: the one lock is held once the transaction has begun."""

    def _engine(self, pool_size: int, begin: str, *, read_only: bool) -> Engine:
        engine = create_engine(
            self._url,
            poolclass=ClosingPool,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=self._limits.pool,
            pool_use_lifo=True,
            query_cache_size=4096,
            json_serializer=dump_json,
            json_deserializer=load_json,
            connect_args={
                "isolation_level": None,
                "cached_statements": 512,
                "check_same_thread": False,
                "timeout": self._limits.lock,
            },
            execution_options={BEGIN_OPTION: begin},
        )
        begin_ourselves(engine, lambda raw, statement: raw.execute(statement))

        @event.listens_for(engine, "connect")
        def prepare(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
            self._prepare(raw, read_only=read_only)

        return engine

    def _prepare(self, raw: DBAPIConnection, *, read_only: bool) -> None:
        cursor = raw.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        if isinstance(raw, sqlite3.Connection):
            raw.create_collation(FOLD, _compare)
            raw.create_collation(ORDER, _order)
            raw.create_function(LOWER, 1, _lower, deterministic=True)
        for setup in self._setup:
            setup(raw)
        # Last, because journal_mode writes: a reader that tried to write would fail in the middle of its snapshot.
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute(f"PRAGMA busy_timeout={_WRITER_BUSY_MILLISECONDS}")
        cursor.close()


def _compare(left: str, right: str) -> int:
    if left == right:
        return 0
    first, second = left.lower(), right.lower()
    return (first > second) - (first < second)


def _order(left: str, right: str) -> int:
    if left == right:
        return 0
    # Asked some eighty times for each record that is saved; nearly all of it is ASCII.
    first = left.lower() if left.isascii() else without_marks(left)
    second = right.lower() if right.isascii() else without_marks(right)
    return (first > second) - (first < second)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
