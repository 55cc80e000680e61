"""PostgreSQL through psycopg 3: sessions in UTC, snapshots for readers, limits on every wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from kith_platform.database.backend import BEGIN_OPTION, ClosingPool, ConnectionSetup, Limits, begin_ourselves
from kith_platform.database.json_text import dump_json, load_json
from kith_platform.errors import DatabaseBusy, KithError, StorageFull, TooLarge

_NOTHING_CHANGED = "Nothing was changed. Try again."
_BUSY_STATES = {
    "55P03": ("database_busy", "Another change holds what this one needs."),
    "40P01": ("deadlock", "Two changes waited for each other, and this one was stopped."),
    "40001": ("serialization", "Another change was saved at the same moment."),
    "57014": ("database_slow", "The database took too long, and the work was stopped."),
    "53200": ("database_busy", "The database has no memory left for this."),
    "53300": ("no_connection", "The database accepts no more connections."),
    "57P01": ("database_away", "The database is being restarted."),
    "57P02": ("database_away", "The database is being restarted."),
    "57P03": ("database_away", "The database is starting."),
    "25P03": ("database_slow", "The work paused for too long, and was stopped."),
}
_FULL_STATE = "53100"
_TOO_LARGE_STATE = "54000"


class PostgresqlBackend:
    """Opens a PostgreSQL database; other ``options`` in the address are kept."""

    name = "postgresql"
    driver_error: type[Exception] = psycopg.Error
    one_writer = False

    def __init__(self, url: str, pool_size: int, setup: Sequence[ConnectionSetup], limits: Limits) -> None:
        address = make_url(url).set(drivername="postgresql+psycopg")
        options = " ".join([_options(limits), str(address.query.get("options", ""))]).strip()
        self.writer = create_engine(
            address,
            poolclass=ClosingPool,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=limits.pool,
            pool_use_lifo=True,
            query_cache_size=4096,
            json_serializer=dump_json,
            json_deserializer=load_json,
            connect_args={"autocommit": True, "options": options, "connect_timeout": 5},
            execution_options={BEGIN_OPTION: "BEGIN"},
        )
        begin_ourselves(self.writer, _send)

        @event.listens_for(self.writer, "connect")
        def prepare(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
            for each in setup:
                each(raw)

        self.reader = self.writer.execution_options(**{BEGIN_OPTION: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"})

    def fault(self, error: BaseException) -> KithError | None:
        """Translate by SQLSTATE; a connection that cannot be made has none."""
        state = getattr(error, "sqlstate", None)
        if state in _BUSY_STATES:
            code, message = _BUSY_STATES[state]
            return DatabaseBusy(code, message, _NOTHING_CHANGED)
        if state == _FULL_STATE:
            return StorageFull(
                "storage_full", "The disk of the database is full.", "Nothing was changed. Make room, then try again."
            )
        if state == _TOO_LARGE_STATE:
            return TooLarge(
                "too_large_to_store",
                "This has more filled fields, or longer values, than the database keeps in one record.",
                "Shorten the longest values, those of unique fields above all, or leave some fields blank.",
            )
        if state is None and isinstance(error, psycopg.OperationalError):
            return DatabaseBusy("database_away", "The database cannot be reached.", "Try again in a moment.")
        return None

    def limit(self, connection: Connection, lock: float | None, statement: float | None) -> None:
        """Send the limits of one transaction in one round trip."""
        parts = [
            sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), sql.Literal(int(seconds * 1000)))
            for name, seconds in (("lock_timeout", lock), ("statement_timeout", statement))
            if seconds is not None
        ]
        raw = connection.connection.dbapi_connection
        raw.execute(sql.SQL("; ").join(parts))  # type: ignore[union-attr]


def _send(raw: psycopg.Connection[Any], statement: str) -> None:
    """Send the begin of a transaction without the driver's cursor, which costs more than the statement does."""
    result = raw.pgconn.exec_(statement.encode())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise error_from_result(result)


def _options(limits: Limits) -> str:
    settings = {
        "timezone": "UTC",
        "lock_timeout": int(limits.lock * 1000),
        "statement_timeout": int(limits.statement * 1000),
        "idle_in_transaction_session_timeout": 120_000,
        # Short queries on many small tables: compiling them costs more than it gives.
        "jit": "off",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
