"""The audit log: who did what, in a chain of hashes that shows any later change.

Each row holds the hash of the row before. Entries are written as the last work of their transaction, so that the lock
that orders them is held only for a moment. Cutting off the newest rows cannot be seen from inside: keep ``head`` in
another place if that matters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kith_platform.audit import store
from kith_platform.clock import Clock
from kith_platform.database import Connection, before_commit, transaction_notes

FIRST_HASH = "0" * 64
_PENDING = "kith_audit"
_BIGGEST = 1 << 63


@dataclass(frozen=True)
class Entry:
    """Something that happened: ``action`` like ``session.begin``, ``subject`` the id or name it happened to.

    ``detail`` is plain data; decimals and dates become text. It must hold no secrets.
    """

    actor: str
    action: str
    subject: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """An entry as it is kept."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str

    def expected_hash(self) -> str:
        """Return the hash that this content must have."""
        content = [
            self.sequence,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor,
            self.action,
            self.subject,
            self.detail,
            self.previous_hash,
        ]
        text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; blank fields want all."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Appends, reads and verifies the log."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def append(self, connection: Connection, entry: Entry) -> None:
        """Add an entry to the writing transaction; it is written just before the commit, and only with it.

        Inside a savepoint it is written at once, so that it goes when the savepoint is undone.
        """
        stamped = (self._clock.now(), entry)
        if connection.in_nested_transaction():
            _write(connection, [stamped])
            return
        pending = transaction_notes(connection).data.get(_PENDING)
        if pending is None:
            pending = transaction_notes(connection).data[_PENDING] = []
            before_commit(connection, lambda same: _write(same, pending))
        pending.append(stamped)

    def entries(
        self, connection: Connection, wanted: Filter | None = None, *, before: int | None = None, limit: int = 50
    ) -> tuple[Record, ...]:
        """Return entries, newest first; ``before`` is the last sequence of the page above."""
        chosen = wanted or Filter()
        matches = {
            name: value
            for name, value in (("actor", chosen.actor), ("action", chosen.action), ("subject", chosen.subject))
            if value is not None
        }
        rows = store.newest(connection, matches, (chosen.since, chosen.until), store.Page(limit, before))
        return tuple(map(_record, rows))

    def head(self, connection: Connection) -> tuple[int, str]:
        """Return sequence and hash of the newest entry."""
        row = store.last_row(connection)
        return (0, FIRST_HASH) if row is None else (row.sequence, row.hash)

    def verify(self, connection: Connection) -> Record | None:
        """Return the first entry that was changed, or that follows a removed one; None when the chain is whole."""
        sequence, previous = 0, FIRST_HASH
        for row in store.oldest_first(connection):
            record = _record(row)
            follows = record.sequence == sequence + 1 and record.previous_hash == previous
            if not follows or record.hash != record.expected_hash():
                return record
            sequence, previous = record.sequence, record.hash
        return None


def _write(connection: Connection, entries: list[tuple[datetime, Entry]]) -> None:
    store.hold_append_lock(connection)
    last = store.last_row(connection)
    sequence, previous = (0, FIRST_HASH) if last is None else (last.sequence, last.hash)
    rows = []
    for at, entry in entries:
        sequence += 1
        actor, action, subject = _text(entry.actor), _text(entry.action), _text(entry.subject)
        record = Record(sequence, at, actor, action, subject, _plain(dict(entry.detail)), previous, "")
        previous = record.expected_hash()
        rows.append({**vars(record), "hash": previous})
    store.add_rows(connection, rows)


def _record(row: Any) -> Record:
    return Record(row.sequence, row.at, row.actor, row.action, row.subject, row.detail, row.previous_hash, row.hash)


def _plain(value: Any) -> Any:
    """Turn a detail into data that both databases give back exactly: no floats, no NUL, no huge numbers."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and -_BIGGEST <= value < _BIGGEST:
        return value
    if isinstance(value, (int, float, Decimal, date, time, timedelta)):
        return str(value)
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    raise TypeError(f"An audit detail cannot hold {type(value).__name__}; give plain data.")


def _text(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
