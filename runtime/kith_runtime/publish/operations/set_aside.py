"""Set fields and entities aside with their data, and take them back."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideField(Operation):
    """A dropped field leaves the map; its columns stay with their data and can come back."""

    symbol = "-"
    kind = "set_aside_field"

    field: str
    was_added: bool = False

    def describe(self) -> str:
        """Say what becomes of the data."""
        kept = f"; {count_of(self.rows, 'value')} set aside" if self.rows else ""
        return f"drop field '{self.field}'{kept}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideEntity(Operation):
    """A dropped entity leaves the map; its table stays with its records and can come back."""

    symbol = "-"
    kind = "set_aside_entity"

    def describe(self) -> str:
        """Say what becomes of the records."""
        kept = f"; {count_of(self.rows, 'record')} set aside" if self.rows else ""
        return f"drop entity{kept}"


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
        return f"field '{self.field}' comes back with the data set aside at publish {since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackEntity(Operation):
    """An entity of the same name as one set aside gets that one's records back."""

    symbol = "+"
    kind = "take_back_entity"

    from_aside: str

    def describe(self) -> str:
        """Say where the records come from."""
        since = self.from_aside.rpartition("@")[2]
        return f"entity comes back with the records set aside at publish {since}"
