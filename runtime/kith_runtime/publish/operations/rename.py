"""Rename fields and entities: the tables and columns keep their names, only the map learns new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, table, update

from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.store import RUNTIME_TABLES

_ENTITY_SUFFIX = "__entity"


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
        for entity in work.after.storage.documents:
            stored = work.after.storage.entity(entity)
            for field in (*stored.fields.values(), *stored.aside.values()):
                for kept in field.columns:
                    if kept.name.endswith(_ENTITY_SUFFIX):
                        target = table(stored.table, column(kept.name))
                        _rename(work, target, kept.name, names, {})

    def as_data(self) -> dict[str, Any]:
        """Add the names, by which a rollback runs backwards."""
        return {**Operation.as_data(self), "was": self.was, "entity": self.subject}


def _rename(work: Work, target: Any, name: str, names: tuple[str, str], where: dict[str, str]) -> None:
    chosen = [target.c[name] == names[0], *(target.c[key] == value for key, value in where.items())]
    work.connection.execute(update(target).where(*chosen).values({name: names[1]}))
