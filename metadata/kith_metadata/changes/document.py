"""Documents of all kinds but entities: forms, views, menus, roles, option sets, data and apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_metadata.changes.base import Change, Data, listed


@dataclass(frozen=True)
class DocumentAdded(Change):
    """A new document."""

    symbol: ClassVar[str] = "+"
    kind: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"{self.kind.replace('_', ' ')} {self.name}"

    def reverse(self) -> DocumentRemoved:
        """Return the change that undoes this one."""
        return DocumentRemoved(self.kind, self.name, self.data)


@dataclass(frozen=True)
class DocumentRemoved(Change):
    """A document that is gone."""

    symbol: ClassVar[str] = "-"
    kind: str
    name: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"{self.kind.replace('_', ' ')} {self.name}"

    def reverse(self) -> DocumentAdded:
        """Return the change that undoes this one."""
        return DocumentAdded(self.kind, self.name, self.data)


@dataclass(frozen=True)
class DocumentChanged(Change):
    """A document that differs; ``paths`` names the properties, ``before`` and ``after`` hold the whole document."""

    kind: str
    name: str
    paths: tuple[str, ...]
    before: Data
    after: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"{self.kind.replace('_', ' ')} {self.name}: {listed(self.paths)}"

    def reverse(self) -> DocumentChanged:
        """Return the change that undoes this one."""
        return DocumentChanged(self.kind, self.name, self.paths, self.after, self.before)
