"""A workspace whose metadata are written as plain data, for tests of publish."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select, text

from kith_metadata.snapshot import Snapshot, canonical
from kith_platform.clock import SystemClock
from kith_platform.database import Database
from kith_platform.settings import Settings
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.language import kith_language
from kith_runtime.publish.apply import Outcome, Patience, Request
from kith_runtime.publish.plan import Plan
from kith_runtime.publish.service import plan_publish, publish, rollback
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.tables.overflow import OVERFLOW
from kith_runtime.workspace import Workspace, open_workspace

Documents = Mapping[str, Mapping[str, Any]]

TEXT = {"type": "text"}
BRIEF = Patience(lock=0.05, pauses=(0.05, 0.05))


def entity(fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return an entity document without an owner, titled by ``name``."""
    return {"label": "Thing", "title": "name", "ownership": "none", "fields": dict(fields), **more}


def crm(**entities: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the documents of an app ``crm`` with these entities."""
    found: dict[str, Mapping[str, Any]] = {"app:crm": {"label": "CRM", "version": "1.0.0"}}
    found.update({f"entity:crm.{name}": body for name, body in entities.items()})
    return found


def snapshot(documents: Documents) -> Snapshot:
    """Return documents as a snapshot."""
    return Snapshot(kith_language(), {key: canonical(body) for key, body in documents.items()})


class Site:
    """A workspace in an empty database, with short ways to publish and to look at records."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.workspace: Workspace = open_workspace(Settings(database_url=url), prepare=True, clock=SystemClock())

    @property
    def database(self) -> Database:
        """The database of the workspace."""
        return self.workspace.database

    def publish(self, documents: Documents, *, accept_loss: bool = False, note: str = "") -> Outcome:
        """Publish documents as the system."""
        request = Request(SYSTEM, note, accept_loss)
        return publish(self.workspace, snapshot(documents), request, BRIEF)

    def plan(self, documents: Documents) -> Plan:
        """Plan a publish."""
        return plan_publish(self.workspace, snapshot(documents))

    def rollback(self, *, accept_loss: bool = False) -> Outcome:
        """Undo the last publish."""
        return rollback(self.workspace, Request(SYSTEM, "", accept_loss), BRIEF)

    def create(self, name: str, /, **values: Any) -> str:
        """Create a record of an entity of ``crm`` and return its id."""
        with self.workspace.write(SYSTEM, "api") as ctx:
            return records.create(ctx, f"crm.{name}", values).id

    def update(self, name: str, record: str, /, **values: Any) -> None:
        """Change a record."""
        with self.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, f"crm.{name}", record, values)

    def values(self, name: str, field: str) -> list[Any]:
        """Return a field's main column of all records, in the order of their making."""
        with self.database.read() as connection:
            published = self.workspace.refresh(connection)
            stored = published.storage.entity(f"crm.{name}").fields[field]
            if stored.link:
                link = link_table_of(published, f"crm.{name}", field)
                return list(
                    connection.execute(select(link.c.target_id).order_by(link.c.record_id, link.c.position)).scalars()
                )
            table = table_of(published, f"crm.{name}")
            column = table.c[stored.columns[0].name]
            return list(connection.execute(select(column).order_by(table.c.id)).scalars())

    def checksum(self) -> str:
        """Return a digest of all that the live metadata show: every record of every entity, field by field."""
        found = hashlib.sha256()
        with self.database.read() as connection:
            published = self.workspace.refresh(connection)
            for name in published.snapshot.entities():
                stored = published.storage.entity(name)
                table = table_of(published, name)
                names = [column.name for _, field in sorted(stored.fields.items()) for column in field.columns]
                columns = [table.c[column] for column in ("id", "version", *names)]
                found.update(f"{name}: {sorted(stored.fields)}".encode())
                for row in connection.execute(select(*columns).order_by(table.c.id)):
                    found.update(repr(tuple(row)).encode())
        return found.hexdigest()

    def consistent(self) -> None:
        """Assert that columns, storage map, pointer and history say the same."""
        with self.database.read() as connection:
            published = self.workspace.refresh(connection)
            present = inspect(connection)
            for name in published.snapshot.entities():
                stored = published.storage.entity(name)
                columns = {column["name"] for column in present.get_columns(stored.table)}
                mapped = {kept.name for kept in stored.columns if not kept.overflow}
                mapped |= {OVERFLOW} if stored.has_overflow else set()
                assert columns - mapped == {
                    "id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deletion",
                }, (name, columns ^ mapped)  # fmt: skip
                assert mapped <= columns
            newest = connection.execute(text("SELECT max(sequence) FROM kith_publish")).scalar_one()
            assert newest == published.sequence

    def close(self) -> None:
        """Close the workspace."""
        self.workspace.close()
