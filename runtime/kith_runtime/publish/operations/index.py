"""Make and drop indexes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, MetaData, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex as CreateIndexStatement

from kith_runtime.publish import store
from kith_runtime.publish.operations.base import Operation, PublishRefused, Work
from kith_runtime.storage import StoredEntity
from kith_runtime.tables import IndexDefinition, make_table, sql_index


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeIndex(Operation):
    """An index for a key, a lookup, a sort or a filter.

    With ``later`` it is built after the publish without holding anybody up (PostgreSQL, large tables).
    """

    symbol = "+"
    kind = "make_index"
    lock = "writers"

    stored: StoredEntity
    definition: IndexDefinition
    later: bool = False

    def describe(self) -> str:
        """Say what it is for."""
        columns = ", ".join(part.column for part in self.definition.columns if part.column != "id")
        word = "unique key over" if self.definition.unique else "index over"
        return f"{word} {columns or 'id'}" + ("; built after the publish" if self.later else "")

    def table(self) -> str:
        """Only building it now locks the table."""
        return "" if self.later else self.stored.table

    def run(self, work: Work) -> None:
        """Build the index, or note it for later."""
        index = self.sql()
        if self.later:
            statement = CreateIndexStatement(index, if_not_exists=True)
            index.dialect_options["postgresql"]["concurrently"] = True
            text = str(statement.compile(work.connection))
            work.connection.execute(
                insert(store.JOURNAL).values(name=index.name, kind="index", detail={"statement": text})
            )
            return
        try:
            index.create(work.connection)
        except IntegrityError as error:
            raise PublishRefused(
                (f"{self.subject}: some records share the same {self._fields()}, which is to be unique.",)
            ) from error

    def sql(self) -> Index:
        """Return the index for DDL."""
        return sql_index(make_table(self.stored, MetaData()), self.definition)

    def _fields(self) -> str:
        return " and ".join(part.column for part in self.definition.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(Operation):
    """An index that nothing needs any more."""

    symbol = "-"
    kind = "drop_index"
    lock = "instant"

    on: str
    name: str

    def describe(self) -> str:
        """Name it."""
        return f"drop index {self.name}"

    def table(self) -> str:
        """Dropping an index locks its table for an instant."""
        return self.on

    def run(self, work: Work) -> None:
        """Drop it."""
        quoted = work.connection.dialect.identifier_preparer.quote(self.name)
        work.connection.exec_driver_sql(f"DROP INDEX IF EXISTS {quoted}")
