"""Work that does not fit into the one transaction, with a journal so that a killed process leaves nothing behind.

PostgreSQL holds a lock for each new table and index until the transaction ends, and has room for some thousands. A
publish of very many new entities therefore makes their tables ahead, in parts; nobody sees them before the pointer
moves, and the next publish removes those of one that never arrived. Indexes of large tables are built afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select, text

from kith_platform.database import Database
from kith_platform.errors import Conflict, DatabaseBusy
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.create_entity import CreateEntity
from kith_runtime.publish.operations.index import MakeIndex
from kith_runtime.publish.plan import Plan
from kith_runtime.publish.store import JOURNAL
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap, StoredEntity

T = TypeVar("T")

MOST_AT_ONCE = 300
"""New entities in one transaction on PostgreSQL: with indexes each takes about ten of some 6,400 locks."""

PART = 100


def make_ahead(database: Database, plan: Plan) -> frozenset[str]:
    """Make the tables of very many new entities in parts and return the entities that are ready."""
    if database.dialect_name != "postgresql":
        return frozenset()
    new = [item for item in plan.operations if isinstance(item, CreateEntity)]
    if len(new) <= MOST_AT_ONCE:
        return frozenset()
    _remove_leftovers(database, plan.before.storage)
    indexes: dict[str, list[Operation]] = {}
    for item in plan.operations:
        if isinstance(item, MakeIndex):
            indexes.setdefault(item.subject, []).append(item)
    after = Published(plan.snapshot, plan.storage, plan.before.sequence + 1)
    for part in _parts(new):
        with database.write(statement_timeout=0) as connection:
            work = Work(connection=connection, before=plan.before, after=after)
            for item in part:
                connection.execute(insert(JOURNAL).values(name=item.stored.table, kind="table", detail=_links(item)))
                for step in (item, *indexes.get(item.subject, ())):
                    step.run(work)
    return frozenset(item.subject for item in new)


def claim_ahead(connection: Connection, plan: Plan, ahead: frozenset[str]) -> None:
    """Take the tables made ahead out of the journal; raises Conflict when another publish has removed them."""
    if not ahead:
        return
    removed = connection.execute(delete(JOURNAL).where(JOURNAL.c.kind == "table")).rowcount
    if removed != len(ahead):
        raise Conflict(
            "publish_overtaken",
            "Another publish began meanwhile and cleaned up the tables of this one.",
            "Publish again.",
        )


def build_later(database: Database) -> int:
    """Build the indexes that publishes left for later, without holding anybody up; return how many."""
    if database.dialect_name != "postgresql":
        return 0
    with database.read() as connection:
        rows = connection.execute(select(JOURNAL.c.name, JOURNAL.c.detail).where(JOURNAL.c.kind == "index")).all()
    for name, detail in rows:
        with database.outside_transaction() as connection:
            connection.execute(text("SET statement_timeout = 0"))
            try:
                # One that was broken off is there already, but no query uses it.
                quoted = connection.dialect.identifier_preparer.quote(name)
                connection.execute(text("DROP INDEX CONCURRENTLY IF EXISTS " + quoted))
                connection.execute(text(_without_binds(detail["statement"])))
            finally:
                connection.execute(text("RESET statement_timeout"))
        with database.write() as connection:
            connection.execute(delete(JOURNAL).where(JOURNAL.c.name == name))
    return len(rows)


def build_later_if_possible(database: Database) -> str:
    """Build the indexes left for later and return nothing, or a sentence when the database was too busy for it."""
    try:
        build_later(database)
    except DatabaseBusy:
        return "Some indexes could not be built yet because the database is busy; the next publish builds them."
    return ""


def _remove_leftovers(database: Database, storage: StorageMap) -> None:
    """Drop tables that were made ahead by a publish that never went live."""
    used = {storage.entity(name).table for name in storage.documents}
    used |= {StoredEntity.from_json(document).table for document in storage.aside.values()}
    with database.read() as connection:
        rows = connection.execute(select(JOURNAL.c.name, JOURNAL.c.detail).where(JOURNAL.c.kind == "table")).all()
    for part in _parts(rows):
        with database.write() as connection:
            quote = connection.dialect.identifier_preparer.quote
            for name, detail in part:
                for table in (name, *detail["links"]) if name not in used else ():
                    connection.execute(text("DROP TABLE IF EXISTS " + quote(table)))
                connection.execute(delete(JOURNAL).where(JOURNAL.c.name == name))


def _links(item: CreateEntity) -> dict[str, list[str]]:
    return {"links": [field.link for field in item.stored.fields.values() if field.link]}


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), PART):
        yield items[start : start + PART]


def _without_binds(statement: str) -> str:
    return statement.replace(":", "\\:")
