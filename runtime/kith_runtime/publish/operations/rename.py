"""Rename fields and entities: the tables and columns keep their names, only the map learns new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table, select, update

from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.records.store import DELETION
from kith_runtime.store import RUNTIME_TABLES
from kith_runtime.tables.overflow import assignments, columns_of

_ENTITY_SUFFIX = "__entity"
_ENTITIES = (0, 3)
"""Where a lookup that a delete blanked names entities: its own, and that of the record it pointed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameField(Operation):
    """A declared rename (``was:``): no data move."""

    kind = "rename_field"

    field: str
    was: str

    def describe(self) -> str:
        """Say both names."""
        return f"rename field '{self.was}' to '{self.field}'; the data stay where they are"

    def run(self, work: Work) -> None:
        """Let the system's own notes follow, such as the counter of an auto number."""
        for known in RUNTIME_TABLES.tables.values():
            if {"entity", "field"} <= set(known.c.keys()):
                _rename(work, known, "field", (self.was, self.field), {"entity": self.subject})

    def as_data(self) -> dict[str, Any]:
        """Add the names, by which a rollback runs backwards."""
        return {**Operation.as_data(self), "was": self.was, "field": self.field}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameEntity(Operation):
    """A declared rename (``was:``) of an entity; history, recycle bin and references follow."""

    kind = "rename_entity"
    lock = "writers"

    was: str

    def describe(self) -> str:
        """Say both names."""
        return f"rename entity '{self.was}' to '{self.subject}'; the records stay where they are"

    def run(self, work: Work) -> None:
        """Write the new name wherever the old one is stored as data."""
        names = (self.was, self.subject)
        for known in RUNTIME_TABLES.tables.values():
            if "entity" in known.c:
                _rename(work, known, "entity", names, {})
        _rename_in_bin(work, names)
        for entity in work.after.storage.documents:
            stored = work.after.storage.entity(entity)
            for kept in stored.columns:
                if kept.name.endswith(_ENTITY_SUFFIX):
                    _rename(work, Table(stored.table, MetaData(), *columns_of((kept,))), kept.name, names, {})

    def as_data(self) -> dict[str, Any]:
        """Add the names, by which a rollback runs backwards."""
        return {**Operation.as_data(self), "was": self.was, "entity": self.subject}


def _rename(work: Work, target: Any, name: str, names: tuple[str, str], where: dict[str, str]) -> None:
    chosen = [target.c[name] == names[0], *(target.c[key] == value for key, value in where.items())]
    work.connection.execute(update(target).where(*chosen).values(assignments(target, {name: names[1]})))


def _rename_in_bin(work: Work, names: tuple[str, str]) -> None:
    """Let the deletions that can still be undone find their records under the new name."""
    old, new = names
    query = select(DELETION.c.id, DELETION.c.taken, DELETION.c.cleared).where(DELETION.c.restored_at.is_(None))
    for row in work.connection.execute(query).all():
        taken = {new if entity == old else entity: ids for entity, ids in row.taken.items()}
        cleared = [
            [new if part == old and at in _ENTITIES else part for at, part in enumerate(item)] for item in row.cleared
        ]
        if (taken, cleared) != (row.taken, row.cleared):
            changed = update(DELETION).where(DELETION.c.id == row.id).values(taken=taken, cleared=cleared)
            work.connection.execute(changed)
