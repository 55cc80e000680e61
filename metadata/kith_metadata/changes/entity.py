"""Entities that come, go, get another name, or change in properties of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_metadata.changes.base import Change, Data, listed


@dataclass(frozen=True)
class EntityAdded(Change):
    """A new entity with all its fields."""

    symbol: ClassVar[str] = "+"
    entity: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"entity {self.entity} with {len(self.data.get('fields', {}))} fields"

    def reverse(self) -> EntityRemoved:
        """Return the change that undoes this one."""
        return EntityRemoved(self.entity, self.data)


@dataclass(frozen=True)
class EntityRemoved(Change):
    """An entity that is gone; its records are set aside."""

    symbol: ClassVar[str] = "-"
    entity: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"entity {self.entity}"

    def reverse(self) -> EntityAdded:
        """Return the change that undoes this one."""
        return EntityAdded(self.entity, self.data)


@dataclass(frozen=True)
class EntityRenamed(Change):
    """An entity with another name and the same records; changes inside it follow under the new name."""

    entity: str
    old: str

    def describe(self) -> str:
        """Say the change in one line."""
        return f"entity {self.old} is now {self.entity}"

    def reverse(self) -> EntityRenamed:
        """Return the change that undoes this one."""
        return EntityRenamed(self.old, self.entity)


@dataclass(frozen=True)
class EntityChanged(Change):
    """Properties of the entity itself; ``before`` and ``after`` hold only those that differ."""

    entity: str
    paths: tuple[str, ...]
    before: Data
    after: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"entity {self.entity}: {listed(self.paths)}"

    def reverse(self) -> EntityChanged:
        """Return the change that undoes this one."""
        return EntityChanged(self.entity, self.paths, self.after, self.before)
