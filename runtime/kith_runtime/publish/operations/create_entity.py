"""Make the table of a new entity."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import MetaData
from sqlalchemy.schema import CreateTable

from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.storage import StoredEntity
from kith_runtime.tables import make_link_table, make_table


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEntity(Operation):
    """A new entity gets its table, with the link tables of its many-to-many lookups."""

    symbol = "+"
    kind = "create_entity"

    stored: StoredEntity

    def describe(self) -> str:
        """Say how many fields it starts with."""
        return f"new entity with {count_of(len(self.stored.fields), 'field')}"

    def run(self, work: Work) -> None:
        """Make the tables, unless an earlier step of a large publish has made them ahead."""
        metadata = MetaData()
        make_table(self.stored, metadata)
        for field in self.stored.fields.values():
            if field.link:
                make_link_table(field.link, metadata)
        for table in metadata.sorted_tables:
            work.connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                index.create(work.connection, checkfirst=True)
