"""Changes that need nothing of the database: labels, forms, views, roles and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_runtime.publish.operations.base import Operation, count_of

_WORDS = {"+": "new", "-": "removed", "~": "changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDocument(Operation):
    """A document that is new, changed or gone. ``changed`` names the properties that differ."""

    kind: ClassVar[str] = "document"

    change: str
    changed: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Whether it is new, gone or changed."""
        return self.change

    def describe(self) -> str:
        """Name what differs."""
        return f"changed: {', '.join(self.changed)}" if self.changed else _WORDS[self.change]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireField(Operation):
    """A field becomes required while records have it blank; they stay, and ask for it when next saved."""

    kind = "require_field"

    field: str

    def describe(self) -> str:
        """Say what becomes of the records that have none."""
        return f"field '{self.field}' becomes required"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Count the records that will ask for it."""
        if not self.rows:
            return ()
        have = "has" if self.rows == 1 else "have"
        records = count_of(self.rows, "record")
        return (f"{records} {have} no '{self.field}'; nothing changes there until somebody saves the record.",)
