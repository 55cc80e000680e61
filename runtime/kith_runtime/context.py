"""The context of one piece of work: who, with which snapshot, on which connection, when, through which door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from kith_metadata.snapshot import Snapshot
from kith_platform.clock import Clock
from kith_platform.locale import PersonLocale
from kith_runtime.actors import Actor
from kith_runtime.published import Published

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kith_platform.database import Database

Door = Literal["screen", "api", "cli", "import", "system"]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that logic may depend on; the first argument of every function that reads or writes.

    It holds one snapshot and one connection for its whole life, so a request never sees two states of the metadata.
    ``trace`` joins all that one request or job did, in history and audit. ``writable`` is true inside a writing
    transaction, which has checked that ``published`` is still the current one.
    """

    database: Database
    published: Published
    actor: Actor
    connection: Connection
    clock: Clock
    door: Door
    trace: str
    now: datetime
    writable: bool = False
    pending: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    """Records by entity and id as they are about to be saved: expressions see these instead of what is stored."""
    coming: frozenset[tuple[str, str]] = frozenset()
    """Lists, by entity and lookup, whose records are saved right after their record: what looks at them waits."""

    @property
    def snapshot(self) -> Snapshot:
        """The metadata that this work runs on."""
        return self.published.snapshot

    @property
    def locale(self) -> PersonLocale:
        """How the actor reads and writes numbers, dates and times."""
        return self.actor.locale
