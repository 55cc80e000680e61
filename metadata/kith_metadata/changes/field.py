"""Fields that come, go, get another name or type, or change in their options and properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_metadata.changes.base import Change, Data, listed


@dataclass(frozen=True)
class FieldAdded(Change):
    """A new field of an entity that is there already."""

    symbol: ClassVar[str] = "+"
    entity: str
    field: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.field} ({self.data['type']})"

    def reverse(self) -> FieldRemoved:
        """Return the change that undoes this one."""
        return FieldRemoved(self.entity, self.field, self.data)


@dataclass(frozen=True)
class FieldRemoved(Change):
    """A field that is gone; its values are set aside."""

    symbol: ClassVar[str] = "-"
    entity: str
    field: str
    data: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.field} ({self.data['type']})"

    def reverse(self) -> FieldAdded:
        """Return the change that undoes this one."""
        return FieldAdded(self.entity, self.field, self.data)


@dataclass(frozen=True)
class FieldRenamed(Change):
    """A field with another name and the same values; other changes of it follow under the new name."""

    entity: str
    field: str
    old: str

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.old} is now {self.field}"

    def reverse(self) -> FieldRenamed:
        """Return the change that undoes this one."""
        return FieldRenamed(self.entity, self.old, self.field)


@dataclass(frozen=True)
class FieldTypeChanged(Change):
    """A field of another type; values that convert are kept."""

    symbol: ClassVar[str] = "!"
    entity: str
    field: str
    before: Data
    after: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.field} from {self.before['type']} to {self.after['type']}"

    def reverse(self) -> FieldTypeChanged:
        """Return the change that undoes this one."""
        return FieldTypeChanged(self.entity, self.field, self.after, self.before)


@dataclass(frozen=True)
class FieldOptionsChanged(Change):
    """A field whose type's own options differ: limits, choices, the entity that a lookup points to."""

    entity: str
    field: str
    paths: tuple[str, ...]
    before: Data
    after: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.field}: {listed(self.paths)}"

    def reverse(self) -> FieldOptionsChanged:
        """Return the change that undoes this one."""
        return FieldOptionsChanged(self.entity, self.field, self.paths, self.after, self.before)


@dataclass(frozen=True)
class FieldChanged(Change):
    """A field whose common properties differ: label, required, unique, index and the like."""

    entity: str
    field: str
    paths: tuple[str, ...]
    before: Data
    after: Data

    def describe(self) -> str:
        """Say the change in one line."""
        return f"field {self.entity}.{self.field}: {listed(self.paths)}"

    def reverse(self) -> FieldChanged:
        """Return the change that undoes this one."""
        return FieldChanged(self.entity, self.field, self.paths, self.after, self.before)
