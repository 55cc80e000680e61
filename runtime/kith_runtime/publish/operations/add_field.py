"""Give an entity a new field."""

from __future__ import annotations

from dataclasses import dataclass

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData

from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.storage import StoredField
from kith_runtime.tables import make_link_table
from kith_runtime.tables.overflow import OVERFLOW, OverflowColumn, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AddField(Operation):
    """New columns, blank in every record: instant whatever the number of records.

    ``first`` says that the table has no overflow column yet; a field that goes there brings it.
    """

    symbol = "+"
    kind = "add_field"
    lock = "instant"

    on: str
    field: str
    stored: StoredField
    first: bool = False

    def describe(self) -> str:
        """Say which field of which type."""
        return f"new field '{self.field}' ({self.stored.type.replace('_', ' ')})"

    def table(self) -> str:
        """Adding a column locks the table for an instant; a link table locks nothing."""
        return "" if self.stored.link else self.on

    def run(self, work: Work) -> None:
        """Add the columns, or make the link table."""
        add_storage(work, self.on, self.stored, first=self.first)


def add_storage(work: Work, table: str, stored: StoredField, *, first: bool) -> None:
    """Make the columns or the link table of a stored field."""
    if stored.link:
        link = make_link_table(stored.link, MetaData())
        link.create(work.connection)
        return
    operations = Operations(MigrationContext.configure(work.connection))
    for column in columns_of(stored.columns):
        if not isinstance(column, OverflowColumn) and (first or column.name != OVERFLOW):
            operations.add_column(table, column)
