"""Changes that need nothing of the database: labels, forms, views, roles and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kith_runtime.publish.operations.base import Operation, count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDocument(Operation):
    """A change of the metadata that leaves the tables as they are."""

    kind: ClassVar[str] = "document"

    change: str
    words: str

    @property
    def mark(self) -> str:
        """Whether it is new, gone or changed."""
        return self.change

    def describe(self) -> str:
        """Name what differs."""
        return self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOptions(Operation):
    """Options leave a choice field while records have them: these keep the value until somebody chooses another."""

    kind = "drop_options"

    field: str
    options: tuple[tuple[str, int], ...]

    def describe(self) -> str:
        """Name the options that records have."""
        named = ", ".join(f"'{name}' ({count_of(count, 'record')})" for name, count in self.options)
        return f"field '{self.field}' loses options that are in use: {named}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Say what becomes of the records."""
        return ("They keep what they have until somebody chooses another option.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireField(Operation):
    """A field becomes required while records have it blank; they stay, and ask for it when next saved."""

    kind = "require_field"

    field: str
    has_default: bool = False

    def describe(self) -> str:
        """Say of which field."""
        return f"field '{self.field}' becomes required"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Count the records that will ask for it."""
        if not self.rows:
            return ()
        have = "has" if self.rows == 1 else "have"
        records = count_of(self.rows, "record")
        default = "The default is for new records only. " if self.has_default else ""
        return (f"{default}{records} {have} no '{self.field}'; nothing changes there until somebody saves the record.",)
