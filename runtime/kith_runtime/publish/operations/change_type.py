"""Change the type of a field: new columns, filled from the old ones; the old ones are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, MetaData, Select, Table, bindparam, insert, or_, select, update

from kith_runtime.field_types.base import InvalidValue
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish.convert import Side, convert, show
from kith_runtime.publish.operations.add_field import add_storage
from kith_runtime.publish.operations.base import EXAMPLES, Operation, PublishRefused, Work, count_of
from kith_runtime.publish.pointing import KnownRecords, ids_in, targets_of
from kith_runtime.published import Published
from kith_runtime.storage import StoredEntity, StoredField
from kith_runtime.tables import make_link_table, make_table
from kith_runtime.tables.overflow import bound, parameters

BATCH = 1000
_Row = tuple[str, tuple[Any, ...], tuple[Any, ...]]
"""A record's id, the columns of its present value and those of the former one."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Values that the new type cannot hold: in how many records, and examples as ``(value, reason, records)``."""

    records: int = 0
    examples: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeType(Operation):
    """Convert a field's values into columns of the new type.

    ``former`` is true when ``target`` was set aside earlier by a change the other way: a record whose value has not
    changed since then gets exactly what it had before. ``pointed`` and ``points`` are the entities to which a lookup
    pointed and will point.
    """

    kind = "change_type"
    lock = "all"

    field: str
    was: str
    old_type: str
    stored: StoredEntity
    source: StoredField
    target: StoredField
    former: bool = False
    first: bool = False
    pointed: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    loss: Loss = Loss()

    @property
    def mark(self) -> str:
        """A change that loses something is marked."""
        return "!" if self.loss.records else "~"

    def describe(self) -> str:
        """Say both types and how many values there are."""
        old, new = _kind(self.old_type, self.pointed), _kind(self.target.type, self.points)
        words = f"field '{self.field}' changes from {old} to {new}"
        return f"{words}; {count_of(self.rows, 'value')} to convert"

    @property
    def destroys(self) -> str:
        """Count what the new type cannot hold; the old values stay set aside."""
        if not self.loss.records:
            return ""
        return f"{count_of(self.loss.records, 'value')} cannot be converted and would be blank"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Give examples of what cannot be converted."""
        return tuple(
            f"{value!r} ({count_of(count, 'record')}): {reason}" for value, reason, count in self.loss.examples
        )

    def table(self) -> str:
        """The table gets columns and new values."""
        return self.stored.table

    def run(self, work: Work) -> None:
        """Make the columns and convert every value; refuse what cannot be converted unless loss was accepted."""
        if not self.former:
            add_storage(work, self.stored.table, self.target, first=self.first)
        failed = _convert_all(work, self, *self.sides(work))
        if not failed:
            return
        words = "; ".join(f"{value!r}: {reason}" for value, reason in list(failed.values())[:EXAMPLES])
        message = f"{self.subject}.{self.field}: {count_of(len(failed), 'value')} cannot be converted ({words})."
        if not work.accept_loss:
            raise PublishRefused((message,), "Change these values first, or accept the loss with --accept-loss.")
        work.reports.append(message)

    def sides(self, work: Work) -> tuple[Side, Side]:
        """Return the field before and after."""
        return (self._side(work, work.before, back=True), self._side(work, work.after, back=False))

    def _side(self, work: Work, published: Published, *, back: bool) -> Side:
        """Return one side, which looks records up when the values would point elsewhere than they did."""
        entity, name = (work.old_name(self.subject), self.was) if back else (self.subject, self.field)
        names = work.old_names if back else {old: new for new, old in work.old_names.items()}
        declared = fields_of(published.snapshot, entity)[name]
        targets = targets_of(declared, published.snapshot)
        known = None
        if targets and self.pointed != self.points:
            known = KnownRecords(work.connection, published.storage, targets)
        return Side(declared, published.snapshot, known, names)


def probe(connection: Connection, change: ChangeType, source: Side, target: Side) -> tuple[int, Loss]:
    """Return how many records have a value, and what of it the new type cannot hold; changes nothing."""
    total = records = 0
    examples: dict[str, tuple[str, int]] = {}
    for _, old, _ in _known(_rows(connection, change), source, target):
        value = _load(change.source, source, old)
        if value is None:
            continue
        total += 1
        try:
            convert(value, source, target)
        except InvalidValue as problem:
            records += 1
            text = show(value, source)
            if text in examples or len(examples) < EXAMPLES:
                examples[text] = (problem.message, examples.get(text, ("", 0))[1] + 1)
    shown = tuple((text, reason, count) for text, (reason, count) in examples.items())
    return total, Loss(records, shown)


def _convert_all(work: Work, change: ChangeType, source: Side, target: Side) -> dict[str, tuple[str, str]]:
    """Convert in batches; return the value and reason of each record that could not be converted, by id."""
    failed: dict[str, tuple[str, str]] = {}
    batch: list[tuple[str, Any]] = []
    for record, old, former in _known(_rows(work.connection, change), source, target):
        value = _load(change.source, source, old)
        if change.former and _unchanged(value, former, change, (source, target)):
            continue
        try:
            batch.append((record, None if value is None else convert(value, source, target)))
        except InvalidValue as problem:
            failed[record] = (show(value, source), problem.message)
            batch.append((record, None))
        if len(batch) >= BATCH:
            _write(work.connection, change, target, batch)
            batch = []
    if batch:
        _write(work.connection, change, target, batch)
    return failed


def _unchanged(value: Any, former: tuple[Any, ...], change: ChangeType, sides: tuple[Side, Side]) -> bool:
    """Tell whether a value is what the former one was converted to, so that the former one can stay as it is."""
    source, target = sides
    before = _load(change.target, target, former)
    if before is None:
        return value is None
    try:
        return bool(convert(before, target, source) == value)
    except InvalidValue:
        # It could not be converted then, so the change left the field blank.
        return value is None


def _rows(connection: Connection, change: ChangeType) -> Iterator[_Row]:
    """Yield the id, the present value's columns and those of the former one, for records that have either."""
    if change.source.link or change.target.link:
        yield from _linked_rows(connection, change)
        return
    table = _table(change)
    old = [table.c[column.name] for column in change.source.columns]
    new = [table.c[column.name] for column in change.target.columns] if change.former else []
    query = select(table.c.id, *old, *new).where(or_(*(column.is_not(None) for column in (*old, *new))))
    for row in _pages(connection, table, query):
        yield row[0], tuple(row[1 : 1 + len(old)]), tuple(row[1 + len(old) :])


def _known(rows: Iterator[_Row], source: Side, target: Side) -> Iterator[_Row]:
    """Yield rows, having looked up the records that those of each batch may point to."""
    asked = [side.known for side in (source, target) if side.known is not None]
    while batch := list(islice(rows, BATCH if asked else 1)):
        ids = [found for row in batch for found in ids_in((*row[1], *row[2]))] if asked else []
        for known in asked:
            known.learn(ids)
        yield from batch


def _pages(connection: Connection, table: Table, query: Select[Any]) -> Iterator[Sequence[Any]]:
    """Read by key, a batch at a time: the rows just read are changed between two batches."""
    after = ""
    while True:
        rows = connection.execute(query.where(table.c.id > after).order_by(table.c.id).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _linked_rows(connection: Connection, change: ChangeType) -> Iterator[_Row]:
    old = _values_of(connection, change, change.source)
    new = _values_of(connection, change, change.target) if change.former else {}
    for record in sorted(old.keys() | new.keys()):
        yield record, old.get(record, (None,)), new.get(record, (None,))


def _values_of(connection: Connection, change: ChangeType, stored: StoredField) -> Mapping[str, tuple[Any, ...]]:
    if not stored.link:
        table = _table(change)
        columns = [table.c[column.name] for column in stored.columns]
        query = select(table.c.id, *columns).where(or_(*(column.is_not(None) for column in columns)))
        return {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    link = make_link_table(stored.link, MetaData())
    found: dict[str, tuple[Any, ...]] = {}
    for record, target in connection.execute(select(link.c.record_id, link.c.target_id).order_by(link.c.position)):
        found[record] = (*found.get(record, ()), target)
    return found


def _load(stored: StoredField, side: Side, columns: tuple[Any, ...]) -> Any:
    if stored.link:
        return tuple(part for part in columns if part is not None) or None
    return side.load(columns) if columns else None


def _write(connection: Connection, change: ChangeType, target: Side, batch: Sequence[tuple[str, Any]]) -> None:
    if change.target.link:
        link = make_link_table(change.target.link, MetaData())
        if change.former:
            connection.execute(link.delete().where(link.c.record_id.in_([record for record, _ in batch])))
        rows = [
            {"record_id": record, "target_id": item, "position": position}
            for record, value in batch
            for position, item in enumerate(dict.fromkeys(value or ()))
        ]
        if rows:
            connection.execute(insert(link), rows)
        return
    table = _table(change)
    names = [column.name for column in change.target.columns]
    blank = (None,) * len(names)
    given = [
        (record, parameters(table, dict(zip(names, blank if value is None else target.store(value), strict=True))))
        for record, value in batch
    ]
    statement = update(table).where(table.c.id == bindparam("record_to_change")).values(bound(table, given[0][1]))
    connection.execute(statement, [{"record_to_change": record, **row} for record, row in given])


def _table(change: ChangeType) -> Table:
    stored = StoredEntity(change.stored.table, {"source": change.source, "target": change.target})
    return make_table(stored, MetaData())


def _kind(type: str, points: tuple[str, ...]) -> str:
    words = type.replace("_", " ")
    return f"{words} to {' or '.join(points)}" if points and type != "owner" else words
