"""Number the records that are there when an entity gets an automatic number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, MetaData, Table, bindparam, select, update

from kith_metadata.kinds.entity import Field
from kith_runtime.field_types.auto_number import format_number, period_of, read_number
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.records.counters import continue_from, last_given
from kith_runtime.storage import StoredEntity, StoredField
from kith_runtime.tables import make_table
from kith_runtime.tables.overflow import bound, parameters

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRecords(Operation):
    """Records without a number get one in the order in which they were made; new records count on from there."""

    symbol = "+"
    kind = "number_records"
    lock = "all"

    on: str
    field: str
    stored: StoredField

    def describe(self) -> str:
        """Say how many records get a number."""
        return f"field '{self.field}' numbers {count_of(self.rows, 'record')} in the order of their making"

    def table(self) -> str:
        """Every record is written."""
        return self.on

    def run(self, work: Work) -> None:
        """Give the numbers and leave the counters where new records go on."""
        if work.context is None:
            return
        declared = fields_of(work.after.snapshot, self.subject)[self.field]
        table = make_table(StoredEntity(self.on, {self.field: self.stored}), MetaData())
        zone = ZoneInfo(work.context.locale.time_zone)
        run = _Numbering(work, self, declared, table, zone)
        run.note_those_given()
        run.number_the_rest()


@dataclass(slots=True)
class _Numbering:
    work: Work
    operation: NumberRecords
    declared: Field
    table: Table
    zone: ZoneInfo

    def note_those_given(self) -> None:
        """Raise the counters above every number that records have already: none is given twice."""
        column = self.table.c[self.operation.stored.columns[0].name]
        highest: dict[str, int] = {}
        given = select(self.table.c.created_at, column).where(column.is_not(None))
        for made, text in self.work.connection.execute(given):
            found = read_number(self.declared, text, made.astimezone(self.zone))
            if found is not None:
                highest[found[0]] = max(highest.get(found[0], 0), found[1])
        self._save(highest)

    def number_the_rest(self) -> None:
        """Give numbers to the records that have none, deleted ones too: they may come back."""
        column = self.table.c[self.operation.stored.columns[0].name]
        names = parameters(self.table, {column.name: None})
        statement = update(self.table).where(self.table.c.id == bindparam("record")).values(bound(self.table, names))
        last: dict[str, int] = {}
        for page in _blank(self.work.connection, self.table, column):
            rows = [
                {"record": record, **parameters(self.table, {column.name: self._next(last, made)})}
                for record, made in page
            ]
            self.work.connection.execute(statement, rows)
        self._save(last)

    def _next(self, last: dict[str, int], made: datetime) -> str:
        local = made.astimezone(self.zone)
        period = period_of(self.declared, local)
        if period not in last:
            last[period] = last_given(self._context, self._key(period), self.declared.options.start)
        last[period] += 1
        return format_number(self.declared, last[period], local)

    def _save(self, numbers: dict[str, int]) -> None:
        for period, number in numbers.items():
            continue_from(self._context, self._key(period), number)

    @property
    def _context(self) -> Any:
        return self.work.context

    def _key(self, period: str) -> tuple[str, str, str]:
        return (self.operation.subject, self.operation.field, period)


def _blank(connection: Connection, table: Table, column: Any) -> Iterator[list[tuple[str, datetime]]]:
    """Yield records without a number, oldest first: an id begins with the moment at which it was made."""
    after = ""
    while True:
        query = select(table.c.id, table.c.created_at).where(table.c.id > after, column.is_(None))
        rows = [(row[0], row[1]) for row in connection.execute(query.order_by(table.c.id).limit(BATCH))]
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = rows[-1][0]
