"""Indexes that come and go; a changed one goes and comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_metadata.changes.base import Change, Data


@dataclass(frozen=True)
class IndexAdded(Change):
    """A new index of an entity that is there already."""

    symbol: ClassVar[str] = "+"
    entity: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"index {self.entity}.{self.name} on {', '.join(self.data['fields'])}"

    def reverse(self) -> IndexRemoved:
        """Return the change that undoes this one."""
        return IndexRemoved(self.entity, self.name, self.data)


@dataclass(frozen=True)
class IndexRemoved(Change):
    """A index that is gone."""

    symbol: ClassVar[str] = "-"
    entity: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"index {self.entity}.{self.name} on {', '.join(self.data['fields'])}"

    def reverse(self) -> IndexAdded:
        """Return the change that undoes this one."""
        return IndexAdded(self.entity, self.name, self.data)
