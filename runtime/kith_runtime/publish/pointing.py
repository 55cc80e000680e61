"""Which records the values of lookups may name, and which of those records there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, inspect, select

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import Reference
from kith_platform.database.types import IdText
from kith_platform.ids import ID_LENGTH
from kith_runtime.field_types.any_lookup import AnyLookup
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.storage import StorageMap

_BATCH = 500


def targets_of(field: Field, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the entities that a lookup of any kind may point to; none for other fields."""
    if field.type == "any_lookup":
        return AnyLookup().targets(field, snapshot)
    if field.type == "owner":
        return (PERSON,)
    return (str(field.options.to),) if field.type in ("lookup", "lookups") else ()


def points_alike(former: Iterable[str], field: Field, snapshot: Snapshot) -> bool:
    """Tell whether values that point to ``former`` entities can stand in the field as they are.

    A lookup to any of several may get more targets. An entity that is dropped takes nothing out of it: its records
    come back with a rollback, and so do the references to them.
    """
    now = targets_of(field, snapshot)
    if field.type == "any_lookup":
        return all(name in now or not snapshot.has("entity", name) for name in former)
    return not former or tuple(former) == now


class KnownRecords:
    """Looks up which ids there are, many at once; records in the recycle bin count."""

    def __init__(self, connection: Connection, storage: StorageMap, targets: Iterable[str]) -> None:
        self._connection = connection
        self._tables = {name: storage.entity(name).table for name in targets if name in storage}
        present = inspect(connection)
        self._tables = {name: table for name, table in self._tables.items() if present.has_table(table)}
        self._found: dict[str, set[str]] = {name: set() for name in self._tables}

    def learn(self, ids: Iterable[str]) -> None:
        """Ask which of these ids there are; forgets those of before."""
        wanted = sorted(set(ids))
        for name, table in self._tables.items():
            known = Table(table, MetaData(), Column("id", IdText()))
            self._found[name] = set()
            for start in range(0, len(wanted), _BATCH):
                query = select(known.c.id).where(known.c.id.in_(wanted[start : start + _BATCH]))
                self._found[name].update(self._connection.execute(query).scalars())

    def has(self, entity: str, record: str) -> bool:
        """Tell whether an entity has a record among the ids that were asked for last."""
        return record in self._found.get(entity, ())


def pointed_at(value: Any, targets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield entity and id of each record that a lookup's value names."""
    if isinstance(value, Reference):
        yield value.entity, value.id
        return
    for item in value if isinstance(value, tuple) else (value,):
        yield targets[0], item


def ids_in(stored: Iterable[Any]) -> Iterator[str]:
    """Yield what may be an id among stored columns."""
    for part in stored:
        items = part if isinstance(part, (list, tuple)) else (part,)
        yield from (item for item in items if isinstance(item, str) and len(item) == ID_LENGTH)


def renamed(targets: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return entities by their names of the other side of a publish."""
    return tuple(names.get(name, name) for name in targets)
