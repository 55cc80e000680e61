"""What the data say to the operations of a plan: how many records each touches, and what it would lose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, MetaData, func, select

from kith_metadata.changes import Change, DocumentChanged
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types._options import options_of
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish.entity_changes import Structure
from kith_runtime.publish.facts import count_rows
from kith_runtime.publish.operations.add_field import AddField
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.change_type import ChangeType, probe
from kith_runtime.publish.operations.document import DropOptions, RequireField
from kith_runtime.publish.operations.number_records import NumberRecords
from kith_runtime.publish.operations.rename import RenameField
from kith_runtime.publish.operations.set_aside import SetAsideEntity, SetAsideField, TakeBackEntity, TakeBackField
from kith_runtime.publish.renaming import CHOICES, holder_of, renamed_options
from kith_runtime.storage import StoredEntity, StoredField
from kith_runtime.tables import make_link_table, make_table


def counted(work: Work, structure: Structure, item: Operation) -> Operation:
    """Return the operation with what the data say: how many records it touches, and what it would lose."""
    connection = work.connection
    if isinstance(item, ChangeType):
        rows, loss = probe(connection, item, *item.sides(work))
        return replace(item, rows=rows, loss=loss)
    if isinstance(item, SetAsideEntity):
        return replace(item, rows=count_rows(connection, work.before.storage.entity(item.subject).table))
    if isinstance(item, TakeBackEntity):
        return replace(item, rows=count_rows(connection, structure.touched[item.subject].table))
    if isinstance(item, SetAsideField):
        stored = structure.touched[item.subject]
        return replace(item, rows=_filled(connection, stored, stored.aside[f"{item.field}@{work.after.sequence}"]))
    if isinstance(item, TakeBackField):
        stored = structure.touched[item.subject]
        return replace(item, rows=_filled(connection, stored, stored.fields[item.field]))
    if isinstance(item, NumberRecords):
        return replace(item, rows=_count_without(work, structure, item.subject, item.field, live=False))
    if isinstance(item, RequireField):
        return replace(item, rows=_count_without(work, structure, item.subject, item.field, live=True))
    return item


def _filled(connection: Connection, stored: StoredEntity, kept: StoredField) -> int:
    if not kept.link:
        return count_rows(connection, stored.table, filled=kept.columns[0])
    link = make_link_table(kept.link, MetaData())
    return int(connection.execute(select(func.count(func.distinct(link.c.record_id)))).scalar_one())


def _count_without(work: Work, structure: Structure, entity: str, field: str, *, live: bool) -> int:
    """Count the records that have no value of a field before the publish; all of them when the field is new."""
    stored = structure.touched[entity]
    kept = stored.fields[field]
    blank = kept.columns[0] if kept.columns else None
    for other in structure.operations:
        if other.subject != entity:
            continue
        if isinstance(other, ChangeType) and other.field == field:
            blank = other.source.columns[0] if other.source.columns else None
        elif isinstance(other, AddField) and other.field == field:
            blank = None
    return count_rows(work.connection, stored.table, blank=blank, live=live)


def dropped_options(work: Work, structure: Structure, changes: Sequence[Change]) -> Iterator[Operation]:
    """Yield the choice fields that lose options which records have: their own, or those of their option set."""
    sets = any(isinstance(change, DocumentChanged) and change.kind == "option_set" for change in changes)
    renamed = renamed_options(changes)
    before, after = work.before.snapshot, work.after.snapshot
    for name in after.entities() if sets else structure.touched:
        old = work.old_name(name)
        if not before.has("entity", old):
            continue
        was = {
            item.field: item.was
            for item in structure.operations
            if isinstance(item, RenameField) and item.subject == name
        }
        for declared in after.entity(name).fields.values():
            former = fields_of(before, old).get(was.get(declared.name, declared.name))
            if former is not None and former.type == declared.type in CHOICES:
                kept = renamed.get(holder_of(name, declared), {})
                used = _used(work, name, (former, before), (declared, after), kept)
                if used:
                    rows = sum(count for _, count in used)
                    yield DropOptions(subject=name, rows=rows, field=declared.name, options=used)


def _used(
    work: Work, entity: str, old: tuple[Field, Snapshot], new: tuple[Field, Snapshot], kept: Collection[str]
) -> tuple[tuple[str, int], ...]:
    """Return the options that are gone, with how many records have them."""
    gone = set(options_of(*old)) - set(options_of(*new)) - set(kept)
    if not gone:
        return ()
    stored = work.after.storage.entity(entity)
    column = make_table(stored, MetaData()).c[stored.fields[new[0].name].columns[0].name]
    found: dict[str, int] = {}
    for value, count in work.connection.execute(select(column, func.count()).group_by(column)):
        for option in gone.intersection(value if isinstance(value, list) else (value,)):
            found[option] = found.get(option, 0) + count
    return tuple(sorted(found.items()))
