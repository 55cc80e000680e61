"""A workspace: one database with the snapshot that is live in it.

A process may hold several. The current :class:`Published` is never changed: a publish makes a new one, which replaces
it for the requests that begin afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from kith_metadata.language import Language
from kith_metadata.snapshot import Snapshot
from kith_platform.clock import Clock, SystemClock
from kith_platform.database import Database, open_database
from kith_platform.database.system import prepare_system_tables, system_tables_are_ready
from kith_platform.errors import Conflict, DatabaseBusy, Misconfigured
from kith_platform.ids import new_id
from kith_platform.settings import Settings
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.context import Context, Door
from kith_runtime.language import kith_language
from kith_runtime.people import load_actor
from kith_runtime.publish import store
from kith_runtime.publish.loading import load_published
from kith_runtime.publish.system import runtime_part
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

_ACTORS_KEPT = 2048

TRIES = 3
"""So often a transaction that lost a race begins again before its error is told."""

LOST_RACES = ("deadlock", "serialization")
"""Why the database stops a transaction of which nothing was done, and which gets through when it runs again."""

PATIENT = (*LOST_RACES, "database_busy")
"""For whom a program waits: also for somebody who holds the database, or what it needs of it, for long."""


class SnapshotChanged(Conflict):
    """A publish went live between reading and writing; nothing was written, start over on the new snapshot."""

    def __init__(self, seen: int, current: int) -> None:
        self.seen, self.current = seen, current
        super().__init__(
            "snapshot_changed",
            "The system was changed by a publish while you were working, so nothing was saved yet.",
            "Look at the page again and save once more.",
        )


class Workspace:
    """One open database, its live snapshot and what is remembered about people; threads share it.

    Example::

        with workspace.write(SYSTEM, "cli") as ctx:
            records.create(ctx, "sales.account", {"name": "Acme"})
    """

    def __init__(self, settings: Settings, database: Database, language: Language, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.language = language
        self.clock = clock
        self._current = Published(Snapshot(language, {}), StorageMap({}), 0)
        self._swapping = threading.Lock()
        self._actors: dict[tuple[str, int, int], Actor] = {}

    @property
    def current(self) -> Published:
        """The newest snapshot that this process has seen."""
        return self._current

    @contextmanager
    def read(self, actor: Actor, door: Door, *, trace: str = "") -> Iterator[Context]:
        """Yield a context on the live snapshot that can only read."""
        with self.database.read() as connection:
            self.refresh(connection)
            yield self.context(connection, actor, door, trace=trace)

    @contextmanager
    def write(
        self, actor: Actor, door: Door, *, expects: Published | None = None, trace: str = ""
    ) -> Iterator[Context]:
        """Yield a context in a writing transaction on the live snapshot, which cannot move until it ends.

        ``expects`` is the snapshot by which the input was read; when another is live by now, :class:`SnapshotChanged`
        is raised after the swap and the caller starts over. Without it the work simply runs on the newest.
        """
        with self.database.write() as connection:
            current = store.hold_current(connection)
            published = self._swap(connection, current)
            if expects is not None and expects.sequence != published.sequence:
                raise SnapshotChanged(expects.sequence, published.sequence)
            ctx = self.context(connection, actor, door, trace=trace, published=published)
            yield replace(ctx, writable=True)

    def save(self, actor: Actor, door: Door, work: Callable[[Context], T], *, trace: str = "") -> T:
        """Run ``work`` in a writing transaction and return what it gives: the door for programs that must get through.

        Where several write at once, PostgreSQL stops one of two that wait for each other, and SQLite lets one write at
        a time; nothing was done then, and it runs again. So ``work`` may run several times and should touch nothing but
        the database.

        Example::

            workspace.save(SYSTEM, "import", lambda ctx: records.create(ctx, "sales.account", {"name": "Acme"}))
        """
        for _ in range(TRIES):
            try:
                with self.write(actor, door, trace=trace) as ctx:
                    return work(ctx)
            except DatabaseBusy as busy:
                if busy.code not in PATIENT:
                    raise
        with self.write(actor, door, trace=trace) as ctx:
            return work(ctx)

    def context(
        self,
        connection: Connection,
        actor: Actor,
        door: Door,
        *,
        trace: str = "",
        published: Published | None = None,
    ) -> Context:
        """Return a context on a connection that is already open, such as the one that found the session."""
        return Context(
            database=self.database,
            published=published or self._current,
            actor=actor,
            connection=connection,
            clock=self.clock,
            door=door,
            trace=trace or new_id(self.clock),
            now=self.clock.now(),
        )

    def refresh(self, connection: Connection, row: Any | None = None) -> Published:
        """Swap to the newest snapshot if the pointer moved, and return the one to work with.

        ``row`` is the row of a query on this connection that held ``publish.store.current_columns()``, such as the
        one that found the session: then nothing more is asked of the database unless the pointer moved.
        """
        current = store.read_current(connection) if row is None else store.current_of(row)
        return self._swap(connection, current)

    def actor_for(self, connection: Connection, person_id: str, access_stamp: int) -> Actor | None:
        """Return the person as an actor with roles, teams and locale, or None when there is no such active person.

        Remembered until the access stamp or the snapshot moves.
        """
        found = self._actors.get((person_id, access_stamp, self._current.sequence))
        if found is not None:
            return found
        # Another thread may have swapped already: this connection still sees the state in which it began.
        published = self.refresh(connection)
        found = load_actor(self.context(connection, SYSTEM, "system", published=published), person_id)
        if found is None:
            return None
        if len(self._actors) >= _ACTORS_KEPT:
            self._actors = {}
        self._actors[(person_id, access_stamp, published.sequence)] = found
        return found

    def close(self) -> None:
        """Close the idle connections."""
        self.database.dispose()

    def _swap(self, connection: Connection, current: store.Current) -> Published:
        held = self._current
        if held.sequence == current.sequence:
            return held
        with self._swapping:
            held = self._current
            if held.sequence == current.sequence:
                return held
            loaded = load_published(connection, self.language, current, held)
            # A slow reader must not put an older snapshot back.
            if loaded.sequence > held.sequence:
                self._current = loaded
            return loaded


def open_workspace(settings: Settings, *, prepare: bool = False, clock: Clock | None = None) -> Workspace:
    """Open the workspace that the settings name, on the snapshot that is live.

    ``prepare`` makes or upgrades the system tables; without it a database that has none is refused.
    """
    database = open_database(settings.database_url)
    parts = (runtime_part(),)
    with database.read() as connection:
        ready = system_tables_are_ready(connection, parts)
    if not ready and not prepare:
        database.dispose()
        raise Misconfigured(
            "not_initialised", "This database holds no Kith workspace of this version.", "Run: kith init"
        )
    if not ready:
        with database.write() as connection:
            prepare_system_tables(connection, parts)
            store.ensure_current(connection)
    workspace = Workspace(settings, database, kith_language(), clock or SystemClock())
    with database.read() as connection:
        workspace.refresh(connection)
    return workspace
