"""What one request holds: its reading context, who asks, and the way to a writing context."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from flask import current_app, g

from kith_platform.errors import Busy, DatabaseBusy
from kith_platform.identity import Session, Token
from kith_runtime.actors import Actor
from kith_runtime.context import Context, Door
from kith_runtime.services import Services
from kith_runtime.web.icons import Assets
from kith_runtime.workspace import LOST_RACES, TRIES, SnapshotChanged, Workspace

if TYPE_CHECKING:
    from kith_platform.database import Connection

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """What an app object holds for all of its requests: the workspace, its services and the built front end."""

    workspace: Workspace
    services: Services
    assets: Assets


@dataclass(slots=True)
class RequestState:
    """The state of one request.

    ``context`` reads one consistent state of data and metadata until the answer is sent. ``after`` holds small notes,
    such as "seen now", that are written when the reading has ended. ``rested`` tells that the browser's session ended
    because nobody used it for too long.
    """

    stack: ExitStack = field(default_factory=ExitStack)
    context: Context | None = None
    session: Session | None = None
    rested: bool = False
    token: Token | None = None
    after: list[Callable[[Connection], object]] = field(default_factory=list)


def server() -> Server:
    """Return what the running app holds."""
    return cast("Server", current_app.extensions["kith"])


def state() -> RequestState:
    """Return the state of the running request, made on first use."""
    found = g.get("kith")
    if found is None:
        found = RequestState()
        g.kith = found
    return cast("RequestState", found)


def context() -> Context:
    """Return the reading context of the signed-in request; there is none before somebody is signed in."""
    found = state().context
    if found is None:
        raise RuntimeError(
            "This request has no context, because nobody is signed in. Public endpoints open their own; all others "
            "are reached only after the sign-in check."
        )
    return found


@contextmanager
def writing(actor: Actor | None = None, door: Door | None = None) -> Iterator[Context]:
    """Yield a writing context for the signed-in actor, or for ``actor`` where nobody is signed in yet.

    The reading transaction ends first: on SQLite a reader that wants to write would be refused, and on both databases
    it would hold an old state of the data. What the request reads afterwards is what it wrote.
    """
    held = state()
    before = held.context
    chosen = actor or (before.actor if before is not None else None)
    if chosen is None:
        raise RuntimeError("Nobody is signed in and no actor was given, so nothing can be written.")
    held.stack.close()
    through: Door = door or (before.door if before is not None else "screen")
    with server().workspace.write(chosen, through, expects=before.published if before is not None else None) as ctx:
        yield ctx


def write(work: Callable[[Context], T]) -> T:
    """Run ``work`` in a writing context.

    When a publish came between, it runs again on the new snapshot; so it does when the database stopped it because it
    and another writer waited for each other: nothing of it was done, and the other one is through by then.
    """
    for _ in range(TRIES):
        try:
            with writing() as ctx:
                return work(ctx)
        except SnapshotChanged:
            reopen()
        except DatabaseBusy as busy:
            if busy.code not in LOST_RACES:
                raise
            reopen()
    with writing() as ctx:
        return work(ctx)


def reopen() -> Context:
    """Begin a new reading transaction for the rest of the request, after something was written."""
    held = state()
    before = held.context
    if before is None:
        raise RuntimeError("This request has no context to open again, because nobody is signed in.")
    held.stack.close()
    held.stack = ExitStack()
    workspace = server().workspace
    connection = held.stack.enter_context(workspace.database.read())
    published = workspace.refresh(connection)
    held.context = workspace.context(connection, before.actor, before.door, trace=before.trace, published=published)
    return held.context


def finish() -> None:
    """End the request's reading and write its notes; a note that cannot be written now is left out."""
    held = state()
    held.stack.close()
    if held.after:
        try:
            with server().workspace.database.write(lock_timeout=0.2) as connection:
                for note in held.after:
                    note(connection)
        except Busy:
            logger.info("The database was busy; the time of last use was not noted.")
