"""Rename fields and entities: the tables and columns keep their names, only the map learns new ones."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.notes import rename_entity_notes, rename_field_notes


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
        rename_field_notes(work.connection, self.subject, self.was, self.field)


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
        rename_entity_notes(work.connection, work.before.storage, self.was, self.subject)
