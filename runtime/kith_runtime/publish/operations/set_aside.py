"""Set fields and entities aside with their data, and take them back."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.publish.operations.notes import rename_entity_notes, rename_field_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideField(Operation):
    """A dropped field leaves the map; its columns stay with their data and can come back."""

    symbol = "-"
    kind = "set_aside_field"

    field: str

    def describe(self) -> str:
        """Say what becomes of the data."""
        kept = f"; {count_of(self.rows, 'value')} set aside" if self.rows else ""
        return f"drop field '{self.field}'{kept}"

    def run(self, work: Work) -> None:
        """Set the notes of the field aside too."""
        rename_field_notes(work.connection, self.subject, self.field, f"{self.field}@{work.after.sequence}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideEntity(Operation):
    """A dropped entity leaves the map; its table stays with its records and can come back."""

    symbol = "-"
    kind = "set_aside_entity"

    def describe(self) -> str:
        """Say what becomes of the records."""
        kept = f"; {count_of(self.rows, 'record')} set aside" if self.rows else ""
        return f"drop entity{kept}"

    def run(self, work: Work) -> None:
        """Set the notes of the entity aside too, and the references to it."""
        aside = f"{self.subject}@{work.after.sequence}"
        rename_entity_notes(work.connection, work.before.storage, self.subject, aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackField(Operation):
    """A field of the same name and type as one set aside gets that one's data back."""

    symbol = "+"
    kind = "take_back_field"

    field: str
    from_aside: str

    def describe(self) -> str:
        """Say where the data come from."""
        since = self.from_aside.rpartition("@")[2]
        return f"field '{self.field}' comes back with {count_of(self.rows, 'value')} set aside at publish {since}"

    def run(self, work: Work) -> None:
        """Take the notes of the field back."""
        rename_field_notes(work.connection, self.subject, self.from_aside, self.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackEntity(Operation):
    """An entity of the same name as one set aside gets that one's records back."""

    symbol = "+"
    kind = "take_back_entity"

    from_aside: str

    def describe(self) -> str:
        """Say where the records come from."""
        since = self.from_aside.rpartition("@")[2]
        return f"entity comes back with {count_of(self.rows, 'record')} set aside at publish {since}"

    def run(self, work: Work) -> None:
        """Take the notes of the entity back, and the references to it."""
        rename_entity_notes(work.connection, work.before.storage, self.from_aside, self.subject)
