"""Rename options and roles: unlike fields, these names are stored as values, which follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table, Text, bindparam, delete, func, select, text, update

from kith_platform.identity.store import ROLE_ASSIGNMENT
from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.publish.operations.rename_in_runs import rename_in_runs
from kith_runtime.records.store import HISTORY
from kith_runtime.saved_views.store import SHARE
from kith_runtime.storage import StoredEntity
from kith_runtime.tables import make_table
from kith_runtime.tables.overflow import assignments

_BATCH = 1000
_HISTORY = {
    "sqlite": text(
        "UPDATE kith_history SET changes = json_set(changes, '$.\"' || :field || '\"[' || :side || ']', :name) "
        "WHERE entity = :entity AND json_extract(changes, '$.\"' || :field || '\"[' || :side || ']') = :was"
    ),
    "postgresql": text(
        "UPDATE kith_history SET changes = jsonb_set(changes, ARRAY[:field, CAST(:side AS text)], to_jsonb(:name)) "
        "WHERE entity = :entity AND changes -> :field ->> CAST(:side AS integer) = :was"
    ).bindparams(*(bindparam(name, type_=Text()) for name in ("field", "name", "entity", "was"))),
}
"""One of the two sides of a change, before (0) or after (1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameOptions(Operation):
    """Declared renames (``was:``) of options of one choice field; the values of records and of their history follow.

    ``names`` are pairs of the former name and the new one. A version does not move: nobody changed the record.
    """

    kind = "rename_options"
    lock = "writers"

    field: str
    names: tuple[tuple[str, str], ...]
    stored: StoredEntity
    several: bool = False

    def describe(self) -> str:
        """Say all names, and how many records have them."""
        pairs = ", ".join(f"'{was}' to '{name}'" for was, name in self.names)
        noun = "option" if len(self.names) == 1 else "options"
        return f"field '{self.field}': rename {noun} {pairs} in {count_of(self.rows, 'record')}"

    def run(self, work: Work) -> None:
        """Write the new names into the records, live and deleted, their history, and runs over many of them."""
        names = dict(self.names)
        rename_in_runs(work.connection, self.subject, self.field, names)
        if self.several:
            _rewrite_lists(work.connection, self, names)
            return
        table, column = _column(self)
        for was, name in self.names:
            changed = update(table).where(table.c[column] == was).values(assignments(table, {column: name}))
            work.connection.execute(changed)
            for side in (0, 1):
                values = {"entity": self.subject, "field": self.field, "side": side, "was": was, "name": name}
                work.connection.execute(_HISTORY[work.connection.dialect.name], values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRole(Operation):
    """A declared rename (``was:``) of a role: who holds it holds it still, and views stay shared with it."""

    kind = "rename_role"

    was: str

    def describe(self) -> str:
        """Say both names, and how many people hold the role."""
        held = "1 person holds" if self.rows == 1 else f"{self.rows:,} people hold"
        return f"rename role '{self.was}' to '{self.subject}'; {held} it"

    def run(self, work: Work) -> None:
        """Write the new name; what was left over from an earlier role of this name goes, for nobody was given it."""
        for table, column, chosen in (
            (ROLE_ASSIGNMENT, ROLE_ASSIGNMENT.c.role, ()),
            (SHARE, SHARE.c.target, (SHARE.c.kind == "role",)),
        ):
            work.connection.execute(delete(table).where(column == self.subject, *chosen))
            renamed = update(table).where(column == self.was, *chosen).values({column.name: self.subject})
            work.connection.execute(renamed)


def count_holders(connection: Connection, role: str) -> int:
    """Count the people who hold a role."""
    query = select(func.count()).select_from(ROLE_ASSIGNMENT).where(ROLE_ASSIGNMENT.c.role == role)
    return int(connection.execute(query).scalar_one())


def count_options(connection: Connection, item: RenameOptions) -> int:
    """Count the records that have one of the options under its former name."""
    table, column = _column(item)
    names = dict(item.names)
    if item.several:
        return sum(1 for _, value in _lists(connection, table, column) if not names.keys().isdisjoint(value))
    query = select(func.count()).select_from(table).where(table.c[column].in_(list(names)))
    return int(connection.execute(query).scalar_one())


def _column(item: RenameOptions) -> tuple[Table, str]:
    return make_table(item.stored, MetaData()), item.stored.fields[item.field].columns[0].name


def _lists(connection: Connection, table: Table, column: str) -> Iterator[tuple[str, list[str]]]:
    after = ""
    while True:
        query = select(table.c.id, table.c[column]).where(table.c.id > after, table.c[column].is_not(None))
        rows = connection.execute(query.order_by(table.c.id).limit(_BATCH)).all()
        yield from ((row[0], row[1]) for row in rows if isinstance(row[1], list))
        if len(rows) < _BATCH:
            return
        after = rows[-1][0]


def _rewrite_lists(connection: Connection, item: RenameOptions, names: Mapping[str, str]) -> None:
    table, column = _column(item)
    for record, value in _lists(connection, table, column):
        if not names.keys().isdisjoint(value):
            after = assignments(table, {column: [names.get(option, option) for option in value]})
            connection.execute(update(table).where(table.c.id == record).values(after))
    _rewrite_history(connection, item, names)


def _rewrite_history(connection: Connection, item: RenameOptions, names: Mapping[str, str]) -> None:
    last = 0
    while True:
        query = select(HISTORY.c.seq, HISTORY.c.changes).where(HISTORY.c.entity == item.subject, HISTORY.c.seq > last)
        rows = connection.execute(query.order_by(HISTORY.c.seq).limit(_BATCH)).all()
        for sequence, changes in rows:
            sides = changes.get(item.field)
            after = None if sides is None else [_renamed(side, names) for side in sides]
            if after != sides:
                written = update(HISTORY).where(HISTORY.c.seq == sequence)
                connection.execute(written.values(changes={**changes, item.field: after}))
        if len(rows) < _BATCH:
            return
        last = rows[-1][0]


def _renamed(side: Any, names: Mapping[str, str]) -> Any:
    return [names.get(option, option) for option in side] if isinstance(side, list) else side
