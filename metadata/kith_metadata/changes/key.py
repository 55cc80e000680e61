"""Keys (fields that together are unique) that come and go; a changed one goes and comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_metadata.changes.base import Change, Data


@dataclass(frozen=True)
class KeyAdded(Change):
    """A new key of an entity that is there already."""

    symbol: ClassVar[str] = "+"
    entity: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"key {self.entity}.{self.name} on {', '.join(self.data['fields'])}"

    def reverse(self) -> KeyRemoved:
        """Return the change that undoes this one."""
        return KeyRemoved(self.entity, self.name, self.data)


@dataclass(frozen=True)
class KeyRemoved(Change):
    """A key that is gone."""

    symbol: ClassVar[str] = "-"
    entity: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"key {self.entity}.{self.name} on {', '.join(self.data['fields'])}"

    def reverse(self) -> KeyAdded:
        """Return the change that undoes this one."""
        return KeyAdded(self.entity, self.name, self.data)
