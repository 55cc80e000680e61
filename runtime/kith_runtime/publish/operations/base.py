"""What every operation of a plan says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Connection

from kith_platform.clock import Clock
from kith_platform.database import Database
from kith_platform.errors import Conflict
from kith_runtime.context import Context
from kith_runtime.published import Published

EXAMPLES = 5
"""How many values are shown as examples."""


class PublishRefused(Conflict):
    """The publish cannot be made as the data stand; nothing was changed. ``reasons`` are whole sentences."""

    def __init__(
        self, reasons: tuple[str, ...], hint: str = "Mend the records or the metadata, then publish again."
    ) -> None:
        self.reasons = reasons
        super().__init__("publish_refused", " ".join(reasons), hint)


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation is run with: the one writing transaction, and the states before and after."""

    connection: Connection
    before: Published
    after: Published
    accept_loss: bool = False
    reports: list[str] = field(default_factory=list)
    old_names: Mapping[str, str] = field(default_factory=dict)
    context: Context | None = None
    database: Database | None = None
    clock: Clock | None = None

    def old_name(self, entity: str) -> str:
        """Return the name that an entity had before the publish."""
        return self.old_names.get(entity, entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of a plan, as data.

    ``symbol`` is ``+`` (adds), ``-`` (sets aside), ``~`` (changes) or ``!`` (may lose something). ``rows`` counts the
    records that it touches. ``lock`` says what waits: ``none``, ``instant`` (a lock for milliseconds), ``writers``
    (saving waits) or ``all`` (reading the entity waits too).
    """

    symbol: ClassVar[str] = "~"
    kind: ClassVar[str] = ""
    lock: ClassVar[str] = "none"

    subject: str
    rows: int = 0

    def describe(self) -> str:
        """Return the operation as a sentence without its subject."""
        raise NotImplementedError

    @property
    def mark(self) -> str:
        """The symbol of this very operation."""
        return self.symbol

    @property
    def reversible(self) -> bool:
        """Whether a rollback brings everything back."""
        return True

    @property
    def destroys(self) -> str:
        """What is lost, in words; empty when nothing is."""
        return ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before they agree."""
        return ()

    def run(self, work: Work) -> None:
        """Do it, inside the transaction of the publish."""

    def table(self) -> str:
        """Return the table that is altered and exists already, or nothing; it is locked first."""
        return ""

    def as_data(self) -> dict[str, Any]:
        """Return the operation as plain data for the history and for ``kith plan --format json``."""
        return {
            "symbol": self.mark,
            "kind": self.kind,
            "subject": self.subject,
            "words": self.describe(),
            "rows": self.rows,
            "reversible": self.reversible,
            "destroys": self.destroys,
            "lock": self.lock,
            "warnings": list(self.warnings),
        }


def count_of(number: int, noun: str) -> str:
    """Return a count with its noun.

    >>> count_of(1, "record"), count_of(12000, "record")
    ('1 record', '12,000 records')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
