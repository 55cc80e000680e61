"""Bring the indexes of tables that no publish touches up to what this version of the program derives."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from kith_runtime.publish import store
from kith_runtime.publish.journal import build_later
from kith_runtime.publish.operations.base import Work
from kith_runtime.publish.plan import plan_indexes
from kith_runtime.published import Published
from kith_runtime.tables import indexes as rules
from kith_runtime.workspace import Workspace

_NAME, _KIND = "index rules", "rules"


def bring_indexes(workspace: Workspace) -> int:
    """Make the indexes that are missing and drop those that nothing needs any more; return how many changed.

    Asked at every start and cheap then: the tables are looked at only when the rules differ from those by which the
    database was looked at last. Unique indexes are left to the publish of their key, which looks at the records first.
    On PostgreSQL those of large tables are noted only: :func:`kith_runtime.publish.journal.build_later` makes them
    while people work. Raises DatabaseBusy when a table stays in use.
    """
    mark = _mark()
    with workspace.database.read() as connection:
        if _known(connection) == mark:
            return 0
    # What an earlier publish left for later is not to be noted twice.
    build_later(workspace.database)
    with workspace.database.write(statement_timeout=0) as connection:
        current = store.claim_current(connection)
        changed = _bring(connection, workspace.refresh(connection)) if current.sequence else 0
        connection.execute(delete(store.JOURNAL).where(store.JOURNAL.c.name == _NAME))
        connection.execute(insert(store.JOURNAL).values(name=_NAME, kind=_KIND, detail={"mark": mark}))
    return changed


def _bring(connection: Connection, published: Published) -> int:
    work = Work(connection=connection, before=published, after=published)
    operations = plan_indexes(work)
    for operation in operations:
        operation.run(work)
    return len(operations)


def _mark() -> str:
    """Return what the rules of indexes are known by: the text of the module that derives them."""
    return hashlib.sha256(Path(rules.__file__).read_bytes()).hexdigest()


def _known(connection: Connection) -> str:
    query = select(store.JOURNAL.c.detail).where(store.JOURNAL.c.name == _NAME)
    found = connection.execute(query).scalar()
    return str(found["mark"]) if found else ""
