"""The tables of publishing: what is live, every document and snapshot ever published, and the history.

``kith_current`` has one row; whoever reads it learns in one query whether the metadata or anybody's rights have moved.
Documents are kept once by hash, so a publish that changes one entity of 3,000 writes one document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, insert, select, update

from kith_platform.database.prepared import Prepared, last_row
from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_runtime.store import RUNTIME_TABLES

CURRENT = Table(
    "kith_current",
    RUNTIME_TABLES,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("snapshot_hash", IdText(), nullable=False),
    Column("access_stamp", BigInteger, nullable=False),
)
"""One row: the number of the publish that is live, its snapshot, and a number that moves when anybody's rights do."""

SNAPSHOT = Table(
    "kith_snapshot",
    RUNTIME_TABLES,
    Column("hash", IdText(), primary_key=True),
    Column("manifest", JsonValue(), nullable=False),
)
"""``manifest`` maps the keys of a snapshot's documents to their hashes."""

DOCUMENT = Table(
    "kith_document",
    RUNTIME_TABLES,
    Column("hash", IdText(), primary_key=True),
    Column("body", Text, nullable=False),
)

PUBLISH = Table(
    "kith_publish",
    RUNTIME_TABLES,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("actor_id", IdText(), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("plan", JsonValue(), nullable=False),
    Column("snapshot_before", IdText(), nullable=False),
    Column("snapshot_after", IdText(), nullable=False),
    Column("storage", JsonValue(), nullable=False),
    Column("reverses", BigInteger),
)
"""One row for each publish. ``storage`` maps entities in use and set aside to the hashes of their storage documents."""

JOURNAL = Table(
    "kith_publish_journal",
    RUNTIME_TABLES,
    Column("name", IdText(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("detail", JsonValue(), nullable=False),
    Index("ix_kith_publish_journal_kind", "kind"),
)
"""Work outside the one transaction: tables made ahead of it, and indexes still to be built after it."""

DATA_RECORD = Table(
    "kith_data_record",
    RUNTIME_TABLES,
    Column("entity", IdText(), primary_key=True),
    Column("name", IdText(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("record_id", IdText(), nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_kith_data_record_record", "entity", "record_id"),
)
"""Which record was made from which stable name of an app's data documents."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Current:
    """The row of ``kith_current``: what is live at this moment."""

    sequence: int
    snapshot_hash: str
    access_stamp: int


@dataclass(frozen=True, slots=True)
class PublishRow:
    """One publish of the history; ``plan`` is plain data as :mod:`kith_runtime.publish.plan` wrote it."""

    sequence: int
    at: datetime
    actor_id: str
    actor_name: str
    note: str
    plan: Mapping[str, Any]
    snapshot_before: str
    snapshot_after: str
    storage: Mapping[str, Mapping[str, str]]
    reverses: int | None


def current_columns() -> tuple[Column[Any], ...]:
    """Return the columns that tell a request whether the metadata or its rights have moved.

    Add them to the query that finds the session or token, joined with ``kith_current`` on true, and hand the row to
    ``Workspace.refresh``: a publish is then seen at the next request, at no cost.
    """
    return (CURRENT.c.sequence, CURRENT.c.snapshot_hash, CURRENT.c.access_stamp)


def ensure_current(connection: Connection) -> None:
    """Make the one row of ``kith_current`` in a new database."""
    if connection.execute(select(CURRENT.c.id)).first() is None:
        connection.execute(insert(CURRENT).values(id=1, sequence=0, snapshot_hash="", access_stamp=1))


_READ_CURRENT = Prepared(select(*current_columns()))


def read_current(connection: Connection) -> Current:
    """Return what is live."""
    row = _READ_CURRENT.first(connection, {})
    if row is None:
        raise _no_row()
    return current_of(row)


def _no_row() -> RuntimeError:
    return RuntimeError("The table kith_current has lost its one row.")


def current_of(row: Any) -> Current:
    """Return what is live from a row that holds :func:`current_columns`."""
    return Current(row.sequence, row.snapshot_hash, row.access_stamp)


_HOLD = "LOCK TABLE kith_current IN {} MODE; SELECT sequence, snapshot_hash, access_stamp FROM kith_current"
_SHARE, _EXCLUDE = _HOLD.format("ROW SHARE"), _HOLD.format("EXCLUSIVE")


def hold_current(connection: Connection) -> Current:
    """Return what is live and keep it so until the transaction ends; other writers are not held up.

    SQLite has one writer, so holding is free there. On PostgreSQL a table lock is used and no row lock: it queues
    fairly behind a waiting publish and writes nothing.
    """
    return _held(connection, _SHARE)


def claim_current(connection: Connection) -> Current:
    """Return what is live as the only one who may change it: waits for the writers that are at work."""
    return _held(connection, _EXCLUDE)


def _held(connection: Connection, script: str) -> Current:
    if connection.dialect.name != "postgresql":
        return read_current(connection)
    # Every save begins with it: lock and row come in one answer.
    row = last_row(connection, script)
    if row is None:
        raise _no_row()
    return Current(*row)


def move_current(connection: Connection, sequence: int, snapshot_hash: str) -> None:
    """Make a publish the live one."""
    connection.execute(update(CURRENT).values(sequence=sequence, snapshot_hash=snapshot_hash))


def bump_access(connection: Connection) -> None:
    """Tell every process that somebody's roles, teams or person record changed."""
    connection.execute(update(CURRENT).values(access_stamp=CURRENT.c.access_stamp + 1))


def save_documents(connection: Connection, documents: Mapping[str, str]) -> None:
    """Keep documents by hash; those that are there already are not written again."""
    missing = dict(documents)
    for batch in _batches(list(documents)):
        for (known,) in connection.execute(select(DOCUMENT.c.hash).where(DOCUMENT.c.hash.in_(batch))):
            del missing[known]
    rows = [{"hash": key, "body": body} for key, body in missing.items()]
    for start in range(0, len(rows), _BATCH):
        connection.execute(insert(DOCUMENT), rows[start : start + _BATCH])


def load_documents(connection: Connection, hashes: Iterable[str]) -> dict[str, str]:
    """Return the bodies of documents by hash."""
    found: dict[str, str] = {}
    for batch in _batches(sorted(set(hashes))):
        rows = connection.execute(select(DOCUMENT.c.hash, DOCUMENT.c.body).where(DOCUMENT.c.hash.in_(batch)))
        found.update((row.hash, row.body) for row in rows)
    return found


def save_snapshot(connection: Connection, snapshot_hash: str, manifest: Mapping[str, str]) -> None:
    """Keep the manifest of a snapshot."""
    if connection.execute(select(SNAPSHOT.c.hash).where(SNAPSHOT.c.hash == snapshot_hash)).first() is None:
        connection.execute(insert(SNAPSHOT).values(hash=snapshot_hash, manifest=dict(manifest)))


def load_manifest(connection: Connection, snapshot_hash: str) -> dict[str, str]:
    """Return the manifest of a snapshot; an empty one before the first publish."""
    if not snapshot_hash:
        return {}
    found: dict[str, str] = connection.execute(
        select(SNAPSHOT.c.manifest).where(SNAPSHOT.c.hash == snapshot_hash)
    ).scalar_one()
    return found


def save_publish(connection: Connection, row: PublishRow) -> None:
    """Add a publish to the history."""
    values = {name: getattr(row, name) for name in PublishRow.__dataclass_fields__}
    connection.execute(insert(PUBLISH).values(**values))


def load_publish(connection: Connection, sequence: int) -> PublishRow | None:
    """Return one publish of the history, or None."""
    row = connection.execute(select(PUBLISH).where(PUBLISH.c.sequence == sequence)).mappings().first()
    return PublishRow(**row) if row is not None else None


def load_history(connection: Connection, limit: int | None = None) -> list[PublishRow]:
    """Return the publishes, newest first."""
    query = select(PUBLISH).order_by(PUBLISH.c.sequence.desc())
    rows = connection.execute(query.limit(limit) if limit else query).mappings()
    return [PublishRow(**row) for row in rows]


def load_data_records(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the records made from data documents: ids by (entity, stable name)."""
    rows = connection.execute(select(DATA_RECORD.c.entity, DATA_RECORD.c.name, DATA_RECORD.c.record_id))
    return {(row.entity, row.name): row.record_id for row in rows}


def save_data_record(connection: Connection, key: tuple[str, str], document: str, record_id: str) -> None:
    """Note which record was made from a stable name, ``key`` being (entity, name)."""
    entity, name = key
    app = document.partition(".")[0]
    values = {"entity": entity, "name": name, "app": app, "document": document, "record_id": record_id}
    connection.execute(insert(DATA_RECORD).values(**values))


def _batches(items: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
