"""What a database must offer to be used by ``Database``, and the limits it keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from kith_platform.errors import KithError

ConnectionSetup = Callable[[DBAPIConnection], None]

BEGIN_OPTION = "kith_begin"


@dataclass(frozen=True)
class Limits:
    """How long the database is waited for, in seconds, before ``DatabaseBusy`` is raised.

    ``statement`` holds on PostgreSQL only; SQLite has no clock inside a statement.
    """

    lock: float = 5.0
    statement: float = 30.0
    pool: float = 2.0


class ClosingPool(QueuePool):
    """Closes what is given back after ``dispose``; the library would keep it open until the pool is collected."""

    _is_disposed = False

    def dispose(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._is_disposed = True
        super().dispose()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        # Asked after it was given back: a dispose of the same moment closes it, or this does.
        if self._is_disposed:
            super().dispose()


class Backend(Protocol):
    """What differs between the databases; ``one_writer`` says that only one transaction can write at a time."""

    name: str
    reader: Engine
    writer: Engine
    driver_error: type[Exception]
    one_writer: bool

    def fault(self, error: BaseException) -> KithError | None:
        """Return the error that people should see for a driver error, or None to let it through."""
        ...

    def limit(self, connection: Connection, lock: float | None, statement: float | None) -> None:
        """Set other waiting times, in seconds, for the transaction that has just begun."""
        ...


def begin_ourselves(engine: Engine, execute: Callable[[Any, str], object]) -> None:
    """Send the engine's ``kith_begin`` option as the first statement of each of its transactions.

    ``execute`` sends a statement on a driver's connection. The driver's own transaction handling is off; pysqlite's
    would leave DDL outside the transaction.
    """

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        execute(connection.connection.dbapi_connection, connection.get_execution_options()[BEGIN_OPTION])
