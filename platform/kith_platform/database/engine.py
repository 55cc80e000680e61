"""Transactions on SQLite and PostgreSQL behind one small interface.

The driver is in autocommit mode and the BEGIN is ours. A transaction is retried only while it begins, when nothing
can have happened yet; every later lock, deadlock or lost connection ends as ``DatabaseBusy``.
"""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import Any, cast

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kith_platform.database.backend import BEGIN_OPTION, Backend, ConnectionSetup, Limits
from kith_platform.database.sqlite import READ_ONLY, SqliteBackend
from kith_platform.errors import DatabaseBusy, Misconfigured

_NOTES = "kith_transaction"
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.05


@dataclass
class TransactionNotes:
    """What a writing transaction has to remember until it ends; ``data`` is free for services, by their own key."""

    before: list[Callable[[Connection], object]] = field(default_factory=list)
    after: list[Callable[[], object]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


class Database:
    """One open database; threads share it, processes do not (open it after a fork).

    Example::

        with database.write() as connection:
            connection.execute(insert(table).values(id="1"))
    """

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._writing = Lock()
        self._writer: int | None = None

    @property
    def dialect_name(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self._backend.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state of the data and cannot change it.

        Raises DatabaseBusy when no connection is free in time or the database is away.
        """
        connection, transaction = self._begin(self._backend.reader, self._limits.lock)
        try:
            with connection, transaction:
                yield connection
        except DBAPIError as error:
            self._raise_fault(error, reading=True)
            raise

    @contextmanager
    def write(
        self, *, lock_timeout: float | None = None, statement_timeout: float | None = None
    ) -> Iterator[Connection]:
        """Yield a connection in a writing transaction: committed at the end, rolled back on any exception.

        On SQLite one writer works at a time, and writers of this process queue without polling. The timeouts are
        seconds and replace the database's own limits (``statement_timeout=0`` is none). Raises DatabaseBusy.
        """
        patience = self._limits.lock if lock_timeout is None else lock_timeout
        notes = TransactionNotes()
        with self._turn(patience):
            connection, transaction = self._begin(self._backend.writer, patience)
            try:
                with connection, transaction:
                    if lock_timeout is not None or statement_timeout is not None:
                        self._backend.limit(connection, lock_timeout, statement_timeout)
                    # Held aside: a connection that dies in the transaction cannot be asked for its notes again.
                    info = connection.info
                    info[_NOTES] = notes
                    try:
                        yield connection
                        for prepare in notes.before:
                            prepare(connection)
                    finally:
                        info.pop(_NOTES, None)
            except DBAPIError as error:
                self._raise_fault(error)
                raise
        if notes.after:
            _run_all(notes.after)

    @contextmanager
    def outside_transaction(self) -> Iterator[Connection]:
        """Yield a writing connection on which each statement is committed at once, without limits of time.

        For the few statements that refuse a transaction, such as PostgreSQL's ``CREATE INDEX CONCURRENTLY``.
        """
        engine = self._backend.writer.execution_options(**{BEGIN_OPTION: "SELECT 1"})
        connection, transaction = self._begin(engine, self._limits.lock)
        try:
            with connection, transaction:
                yield connection
        except DBAPIError as error:
            self._raise_fault(error)
            raise

    def dispose(self) -> None:
        """Close the idle connections; those in use close when they are given back."""
        self._backend.reader.dispose()
        self._backend.writer.dispose()

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        """Queue the writers of this process where the database lets only one work."""
        if not self._backend.one_writer:
            yield
            return
        me = get_ident()
        if self._writer == me:
            raise RuntimeError(
                "write() was called inside write() on the same thread; hand the open connection on instead."
            )
        if not self._writing.acquire(timeout=patience):
            raise _busy()
        self._writer = me
        try:
            yield
        finally:
            self._writer = None
            self._writing.release()

    def _begin(self, engine: Engine, patience: float) -> tuple[Connection, RootTransaction]:
        deadline = time.monotonic() + patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._try_to_begin(engine)
            except DatabaseBusy:
                if time.monotonic() + pause >= deadline:
                    raise
                # Jitter: clients that collided once should not collide again in step.
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _try_to_begin(self, engine: Engine) -> tuple[Connection, RootTransaction]:
        try:
            connection = engine.connect()
        except PoolTimeout as error:
            raise DatabaseBusy(
                "no_connection", "All connections to the database are in use.", "Try again in a moment."
            ) from error
        except DBAPIError as error:
            self._raise_fault(error)
            raise
        try:
            return connection, connection.begin()
        except self._backend.driver_error as error:
            raise self._failed_begin(engine, connection, error) from error

    def _failed_begin(self, engine: Engine, connection: Connection, error: Exception) -> Exception:
        raw = connection.connection.dbapi_connection
        if raw is None or engine.dialect.is_disconnect(error, raw, None):  # type: ignore[arg-type]
            connection.invalidate()
            # One dead connection means that its idle neighbours died too: a restart of the server.
            engine.dispose()
            connection.close()
            return DatabaseBusy("database_away", "The database cannot be reached.", "Try again in a moment.")
        connection.close()
        return self._backend.fault(error) or error

    def _raise_fault(self, error: DBAPIError, *, reading: bool = False) -> None:
        if error.connection_invalidated:
            raise DatabaseBusy(
                "database_lost",
                "The connection to the database was lost.",
                "Look whether the change is there, then try again.",
            ) from error
        fault = self._backend.fault(error.orig) if isinstance(error.orig, Exception) else None
        # To write while reading is a fault of the program, not of the file.
        if fault is not None and not (reading and fault.code == READ_ONLY):
            raise fault from error


def on_commit(connection: Connection, callback: Callable[[], object]) -> None:
    """Call a function after the connection's writing transaction has been committed, and not if it rolls back.

    Callbacks run in order, outside the transaction, on the same thread; all run, then the first failure is raised.
    """
    transaction_notes(connection).after.append(callback)


def before_commit(connection: Connection, callback: Callable[[Connection], object]) -> None:
    """Call a function as the last work inside the writing transaction, for what must hold its locks only briefly.

    An exception in it rolls everything back.
    """
    transaction_notes(connection).before.append(callback)


def transaction_notes(connection: Connection) -> TransactionNotes:
    """Return the notes of the connection's writing transaction; raises RuntimeError for one that only reads."""
    notes = connection.info.get(_NOTES)
    if notes is None:
        raise RuntimeError("This needs a connection from database.write(); the one at hand only reads.")
    return cast("TransactionNotes", notes)


def open_database(
    url: str,
    *,
    pool_size: int = 10,
    connection_setup: Sequence[ConnectionSetup] = (),
    limits: Limits | None = None,
) -> Database:
    """Open ``sqlite:///path`` or ``postgresql://…``; connections are made when first needed.

    ``connection_setup`` functions receive each new driver connection, for example to add SQLite functions.
    Raises Misconfigured for any other address.
    """
    chosen = limits or Limits()
    if url.startswith("sqlite:"):
        backend: Backend = SqliteBackend(url, pool_size, connection_setup, chosen)
    elif url.startswith("postgresql:"):
        backend = _postgresql().PostgresqlBackend(url, pool_size, connection_setup, chosen)
    else:
        raise Misconfigured(
            "database_url",
            f"Kith cannot use a database of the kind {url.split(':', 1)[0]!r}.",
            "Use sqlite:///path or postgresql://user@host/name.",
        )
    return Database(backend, chosen)


def _postgresql() -> Any:
    # psycopg is an extra: whoever keeps to SQLite need not have it.
    try:
        return importlib.import_module("kith_platform.database.postgresql")
    except ModuleNotFoundError as error:
        raise Misconfigured(
            "no_driver", f"PostgreSQL needs the package {error.name}.", 'Run: pip install "kith-crm[postgres]"'
        ) from error


def _run_all(callbacks: Sequence[Callable[[], object]]) -> None:
    with ExitStack() as stack:
        for callback in reversed(callbacks):
            stack.callback(callback)


def _busy() -> DatabaseBusy:
    return DatabaseBusy("database_busy", "Another change is being saved.", "Nothing was changed. Try again.")
