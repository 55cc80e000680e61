"""Work stored formulas and roll-ups out anew, as they would be on reading, and write those that differ."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, bindparam, select, true, update

from kith_metadata.kinds.entity import Field
from kith_platform.database.prepared import Prepared
from kith_runtime.access.rights import rights_key
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.queries.columns import stored_columns, surroundings_of
from kith_runtime.queries.expression_sql import to_sql
from kith_runtime.queries.expression_sql_values import SqlColumn
from kith_runtime.queries.expression_where import RuleBinding, rollup_limit
from kith_runtime.queries.outputs import Output, Reader, computed_output, maker_of, output_of
from kith_runtime.queries.plan import Statement, chosen_ids, given_chosen, statement_of
from kith_runtime.queries.rollups import points_to, rollup_figures
from kith_runtime.queries.source import Source
from kith_runtime.records.writer import Slot, writer_for
from kith_runtime.tables import table_of
from kith_runtime.tables.overflow import bound, parameters

BATCH = 1_000
"""Records that one statement works out."""

_RECORDS = "kith_records"


@dataclass(frozen=True, slots=True)
class _Statements:
    """What working out some fields of one entity needs, compiled once for each published snapshot."""

    slots: tuple[Slot, ...]
    lock: Prepared
    select: Statement
    reader: Reader
    update: Prepared
    table: Table

    def values(self, ctx: Context, records: Sequence[str]) -> Iterator[tuple[str, tuple[Any, ...], tuple[Any, ...]]]:
        """Yield each record with the values that its fields have to have, and those that they have."""
        rows = self.select.run(ctx.connection, {_RECORDS: given_chosen(records, ctx.database.dialect_name)})
        count = len(self.slots)
        for row in self.reader.rows(rows):
            yield row[0], row[1 : 1 + count], row[1 + count :]


def recompute(
    ctx: Context, entity: str, names: tuple[str, ...], records: Sequence[str], *, locked: bool = False
) -> dict[str, dict[str, Any]]:
    """Work out stored fields of some records and return the values that changed, by record and field.

    On PostgreSQL the records are locked first, and their figures read by a later statement: of two transactions that
    change the children of one record, the second waits and then counts what the first has saved. ``locked`` says that
    this transaction has written them already.
    """
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        statements = statements_of(ctx, entity, names, len(batch))
        if not locked and ctx.database.dialect_name == "postgresql":
            statements.lock.rows(ctx.connection, {_RECORDS: given_chosen(batch, "postgresql")})
        found |= _batch(ctx, statements, batch)
    return found


def differing(ctx: Context, entity: str, names: tuple[str, ...], records: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what :func:`recompute` would change, and change nothing."""
    statements = statements_of(ctx, entity, names, len(records))
    return _differing(statements, statements.values(ctx, records))


def record_pages(ctx: Context, entity: str) -> Iterator[list[str]]:
    """Yield the ids of all records of an entity, those in the bin too, a batch at a time."""
    after = ""
    while True:
        records = next_records(ctx, entity, after)
        if records:
            yield records
        if len(records) < BATCH:
            return
        after = records[-1]


def next_records(ctx: Context, entity: str, after: str) -> list[str]:
    """Return the ids of the batch that follows an id."""
    table = table_of(ctx.published, entity)
    query = select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(BATCH)
    return [row[0] for row in ctx.connection.execute(query)]


def statements_of(ctx: Context, entity: str, names: tuple[str, ...], count: int) -> _Statements:
    """Return the statements for some stored fields of so many records of an entity."""
    key = ("recompute", ctx.database.dialect_name, entity, names, count == 1)
    return ctx.published.compiled(key, lambda: _compile(ctx, entity, names, count))


def _batch(ctx: Context, statements: _Statements, records: Sequence[str]) -> dict[str, dict[str, Any]]:
    changed = _differing(statements, statements.values(ctx, records))
    rows = []
    for record, values in changed.items():
        row: dict[str, Any] = {}
        for slot in statements.slots:
            row.update(slot.store(values[slot.name]))
        rows.append({**parameters(statements.table, row), "kith_id": record})
    if rows:
        statements.update.execute_all(ctx.connection, rows)
    return changed


def _differing(
    statements: _Statements, values: Iterator[tuple[str, tuple[Any, ...], tuple[Any, ...]]]
) -> dict[str, dict[str, Any]]:
    return {
        record: {slot.name: value for slot, value in zip(statements.slots, right, strict=True)}
        for record, right, held in values
        if right != held
    }


def _compile(ctx: Context, entity: str, names: tuple[str, ...], count: int) -> _Statements:
    writer = writer_for(ctx, entity)
    declared = ctx.snapshot.entity(entity).fields
    source = Source(surroundings_of(ctx), rights_key(SYSTEM), entity)
    outputs: list[Output] = [output_of(source, "id", titles=False)]
    found = [computed_output(source, entity, source.table, declared[name]) for name in names]
    clause = source.clause
    if ctx.database.dialect_name == "postgresql":
        clause, found = _in_one_reading(source, entity, [declared[name] for name in names], found)
    outputs += found
    outputs += [output_of(source, name, titles=False) for name in names]
    dialect = ctx.connection.dialect
    elements: list[Any] = []
    makers = []
    for output in outputs:
        makers.append(maker_of(output, len(elements), dialect, as_json=False))
        elements += output.elements
    named = [element.label(f"c{number}") for number, element in enumerate(elements)]
    table = writer.table
    chosen = chosen_ids(table.c.id, _RECORDS, count, ctx.database.dialect_name)
    slots = tuple(writer.slots[name] for name in names)
    columns = tuple(parameters(table, {column: None for slot in slots for column in slot.columns}))
    return _Statements(
        slots=slots,
        lock=Prepared(_lock(table, chosen)),
        select=statement_of(select(*named).select_from(clause).where(chosen), dialect, functions=True),
        reader=Reader(tuple(makers), tuple(output.name for output in outputs)),
        update=Prepared(update(table).where(table.c.id == bindparam("kith_id")).values(bound(table, columns))),
        table=table,
    )


def _in_one_reading(
    source: Source, entity: str, fields: Sequence[Field], outputs: Sequence[Output]
) -> tuple[FromClause, list[Output]]:
    """Let the roll-ups over the same records be worked out from one reading of them.

    Apart, each would read them by the index that seems best for its own condition, often one over all records.
    """
    alike: dict[tuple[str, str], list[int]] = {}
    for number, field in enumerate(fields):
        if field.type == "rollup":
            alike.setdefault((field.options.over, field.options.by), []).append(number)
    clause, found = source.clause, list(outputs)
    for (over, by), numbers in alike.items():
        rolled = [fields[number] for number in numbers]
        children = _children(source, (entity, over, by), rolled)
        figures = [
            rollup_figures(source.surroundings, children, field, children.c.get(_condition(field))) for field in rolled
        ]
        named = [figure.label(f"f{place}") for place, figure in enumerate(chain(*figures))]
        read = select(*named).select_from(children).lateral()
        columns = iter(read.c)
        for number, elements in zip(numbers, figures, strict=True):
            found[number] = replace(found[number], elements=tuple(islice(columns, len(elements))))
        clause = clause.join(read, true())
    return clause, found


class _Unfolded(RuleBinding):
    """Compares texts as they are: the few records of a roll-up are read by their pointer, not by an index of texts."""

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        return replace(super().column(path), fold="")


def _children(source: Source, names: tuple[str, str, str], fields: Sequence[Field]) -> FromClause:
    """Return the live records of a roll-up with the columns that matter, and for each condition whether it holds.

    A condition is written once: the driver parses a statement of some thousand signs anew each time.
    """
    entity, over, by = names
    published, table = source.published, table_of(source.published, over).alias()
    binding = _Unfolded(source.surroundings, over, table)
    columns: dict[str, ColumnElement[Any]] = {"id": table.c.id}
    for field in fields:
        for name in stored_columns(published, over, field.options.field) if field.options.field else ():
            columns[name] = table.c[name]
        limit = rollup_limit(published, field)
        if limit is not None:
            columns[_condition(field)] = to_sql(limit, binding)
    query = select(*(element.label(name) for name, element in columns.items()))
    here = points_to(published, over, table, by, (entity, source.table))
    return query.where(here, table.c.deleted_at.is_(None)).correlate(source.table).lateral()


def _condition(field: Field) -> str:
    """Return the name of the column that says whether a record counts; equal conditions have one."""
    return f"kith_{zlib.crc32(field.options.where.encode()):08x}"


def _lock(table: Table, chosen: Any) -> Select[Any]:
    # In the order of the ids, so that two transactions never wait for each other.
    return select(table.c.id).where(chosen).order_by(table.c.id).with_for_update(key_share=True)
