"""Uniqueness of many records that are written one after the other: the database is asked once for each key.

What the database says is kept up while records are accepted: a value that one gives up is free for the next, and one
that it takes is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, and_, cast, column, select, values

from kith_runtime.context import Context
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.unique import UniqueKey, fields_of_key, folds_case, keys_of, taken_problem, too_long
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.tables.folding import folded, lowered

BATCH = 200
"""Records of one question: each brings as many binds as a key has fields."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that is about to be saved: its values, and the fields that changed."""

    id: str
    values: Mapping[str, Any]
    changed: frozenset[str]


@dataclass(slots=True)
class _Holders:
    """Who has the values of one key: ``same`` gives records with equal values the same number, ``by_value`` its holder.

    ``of_record`` is the way back.
    """

    same: dict[str, int] = field(default_factory=dict)
    by_value: dict[int, str] = field(default_factory=dict)
    of_record: dict[str, int] = field(default_factory=dict)

    def hold(self, value: int, record: str) -> None:
        self.by_value[value] = record
        self.of_record[record] = value

    def let_go(self, record: str) -> None:
        value = self.of_record.pop(record, None)
        if value is not None and self.by_value.get(value) == record:
            del self.by_value[value]


def can_be_asked_together(ctx: Context, entity: str, changed: frozenset[str]) -> bool:
    """Tell whether no key with a condition of its own is concerned: such a key waits for each of its values."""
    return all(key.where is None or changed.isdisjoint(fields_of_key(key)) for key in keys_of(ctx, entity))


class UniqueOfMany:
    """Answers for each of some records what :func:`~kith_runtime.records.unique.check_unique` would at its turn."""

    def __init__(self, ctx: Context, writer: EntityWriter, candidates: Sequence[Candidate]) -> None:
        self._ctx, self._writer = ctx, writer
        self._holders: dict[str, tuple[UniqueKey, _Holders]] = {}
        for key in keys_of(ctx, writer.name):
            concerned = [item for item in candidates if _concerned(key, item)]
            if concerned:
                self._holders[key.name] = (key, _asked(ctx, writer, key, concerned))

    def problems(self, item: Candidate) -> list[FieldProblem]:
        """Return a problem for each key whose values another record has by now."""
        found = []
        for key, holders in self._holders.values():
            if item.changed.isdisjoint(fields_of_key(key)):
                continue
            longest = too_long(key, item.values)
            if longest is not None:
                found.append(longest)
            elif holders.by_value.get(holders.same.get(item.id, -1), item.id) != item.id:
                found.append(taken_problem(self._ctx, self._writer, key))
        return found

    def saved(self, item: Candidate) -> None:
        """Note that a record will be saved."""
        for key, holders in self._holders.values():
            if not item.changed.isdisjoint(fields_of_key(key)):
                holders.let_go(item.id)
                if item.id in holders.same:
                    holders.hold(holders.same[item.id], item.id)


def _concerned(key: UniqueKey, item: Candidate) -> bool:
    return not item.changed.isdisjoint(fields_of_key(key))


def _asked(ctx: Context, writer: EntityWriter, key: UniqueKey, items: Sequence[Candidate]) -> _Holders:
    whole = [item for item in items if _is_whole(key, item)]
    found = _Holders()
    numbers: dict[tuple[Any, ...], int] = {}
    for record, equal, holder in _rows(ctx, writer, key, whole):
        number = numbers.setdefault(equal, len(numbers))
        found.same[record] = number
        if holder is not None:
            found.hold(number, holder)
    return found


def _is_whole(key: UniqueKey, item: Candidate) -> bool:
    """Tell whether a record has all values of a key; blank values are held by nobody."""
    return all(item.values.get(slot.name) is not None for slot in key.slots) and too_long(key, item.values) is None


def _rows(
    ctx: Context, writer: EntityWriter, key: UniqueKey, items: Sequence[Candidate]
) -> Iterator[tuple[str, tuple[Any, ...], str | None]]:
    """Yield each record, what is equal where its values are, and who has them."""
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        yield from _batch(ctx, writer, key, batch)


def _batch(
    ctx: Context, writer: EntityWriter, key: UniqueKey, items: Sequence[Candidate]
) -> Iterator[tuple[str, tuple[Any, ...], str | None]]:
    table = writer.table
    kinds = [table.c[slot.columns[0]].type for slot in key.slots]
    columns = [column(f"k{place}", kind) for place, kind in enumerate(kinds)]
    rows = [(number, *_stored(key.slots, item)) for number, item in enumerate(items)]
    asked = values(column("n", Integer), *columns, name="asked").data(rows).cte("asked")
    equal, shown = [], []
    for slot, one in zip(key.slots, columns, strict=True):
        given, held = cast(asked.c[one.name], one.type), table.c[slot.columns[0]]
        equal.append(folded(held) == folded(given) if folds_case(slot) else held == given)
        shown.append(lowered(given) if folds_case(slot) else given)
    live = asked.outerjoin(table, and_(*equal, table.c.deleted_at.is_(None)))
    query = select(asked.c.n, *shown, table.c.id).select_from(live)
    for row in ctx.connection.execute(query):
        yield items[row[0]].id, tuple(row[1:-1]), row[-1]


def _stored(slots: Sequence[Slot], item: Candidate) -> Iterator[Any]:
    for slot in slots:
        yield slot.type.store(item.values[slot.name], slot.field)[0]
