"""What happens to the storage of one entity that stays: fields that come, go, and change what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kith_metadata.changes import Change, FieldRenamed
from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish.operations.add_field import AddField
from kith_runtime.publish.operations.base import Operation
from kith_runtime.publish.operations.change_type import ChangeType
from kith_runtime.publish.operations.document import RequireField
from kith_runtime.publish.operations.number_records import NumberRecords
from kith_runtime.publish.operations.rename import RenameField
from kith_runtime.publish.operations.set_aside import SetAsideField, TakeBackField
from kith_runtime.publish.pointing import points_alike, renamed, targets_of
from kith_runtime.publish.storing import find_aside, kept_fields, new_field, same_shape
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap, StoredEntity


@dataclass(slots=True)
class Structure:
    """What is worked out: the storage of every entity, and the operations in the order in which they run.

    ``touched`` are the entities whose tables or indexes may change, ``old_names`` the former names of renamed ones.
    ``undoes`` is the publish that a rollback undoes.
    """

    entities: dict[str, str]
    aside: dict[str, str]
    operations: list[Operation] = field(default_factory=list)
    touched: dict[str, StoredEntity] = field(default_factory=dict)
    old_names: dict[str, str] = field(default_factory=dict)
    undoes: int | None = None

    def key_undone(self, name: str) -> str:
        """Return the key under which the publish that is undone set something aside; empty without one."""
        return "" if self.undoes is None else f"{name}@{self.undoes}"

    @property
    def storage(self) -> StorageMap:
        """The new storage map."""
        return StorageMap(dict(sorted(self.entities.items())), dict(sorted(self.aside.items())))


def add_or_take_back(structure: Structure, snapshot: Snapshot, name: str, declared: Field) -> None:
    """Give an entity a field that it has not: one set aside that means the same, or new columns."""
    stored, operations = structure.touched[name], structure.operations
    key = find_aside(stored.aside, declared, snapshot, structure.key_undone(declared.name))
    if key is not None:
        kept = replace(stored.aside[key], targets=())
        operations.append(TakeBackField(subject=name, field=declared.name, from_aside=key))
    else:
        kept = new_field(snapshot, name, declared, stored)
        first = not stored.has_overflow
        operations.append(AddField(subject=name, on=stored.table, field=declared.name, stored=kept, first=first))
    if declared.type == "auto_number":
        operations.append(NumberRecords(subject=name, on=stored.table, field=declared.name, stored=kept))
    structure.touched[name] = stored.with_field(declared.name, kept, key or "")


@dataclass(slots=True)
class EntityChanges:
    """One entity that was there before and is there afterwards, perhaps under another name."""

    before: Published
    snapshot: Snapshot
    changes: Sequence[Change]
    result: Structure
    name: str

    def work_out(self) -> None:
        """Add the operations of this entity and its new storage to the result."""
        stored = StoredEntity.from_json(self.result.entities[self.name])
        wanted = kept_fields(self.snapshot, self.name)
        sources = self._sources(stored, wanted)
        stored = self._rename(stored, sources)
        for declared in wanted.values():
            if declared.name not in sources:
                self.result.touched[self.name] = stored
                add_or_take_back(self.result, self.snapshot, self.name, declared)
                stored = self.result.touched[self.name]
            elif not self._holds_the_same(stored, declared, sources[declared.name]):
                stored = self._change_type(stored, declared, sources[declared.name])
        for gone in [name for name in stored.fields if name not in wanted]:
            self.result.operations.append(SetAsideField(subject=self.name, field=gone))
            stored = stored.without_field(gone, f"{gone}@{self._sequence}", self._targets(gone))
        self._require(wanted, sources)
        self.result.entities[self.name] = stored.to_json()
        self.result.touched[self.name] = stored

    @property
    def _sequence(self) -> int:
        return self.before.sequence + 1

    @property
    def _old(self) -> str:
        return self.result.old_names.get(self.name, self.name)

    def _targets(self, was: str) -> tuple[str, ...]:
        """Return where a field pointed to before, by the names of today."""
        declared = fields_of(self.before.snapshot, self._old)[was]
        names = {old: new for new, old in self.result.old_names.items()}
        return renamed(targets_of(declared, self.before.snapshot), names)

    def _holds_the_same(self, stored: StoredEntity, declared: Field, was: str) -> bool:
        if self.result.key_undone(was) in stored.aside:
            return False
        alike = same_shape(stored.fields[declared.name], declared)
        return alike and points_alike(self._targets(was), declared, self.snapshot)

    def _sources(self, stored: StoredEntity, wanted: Mapping[str, Field]) -> dict[str, str]:
        """Return, for each wanted field that has data already, the name under which they are stored now."""
        found = {name: name for name in wanted if name in stored.fields}
        renames = [item for item in self.changes if isinstance(item, FieldRenamed) and item.entity == self.name]
        for change in renames:
            if change.field in wanted and change.old in stored.fields:
                found[change.field] = change.old
        return found

    def _rename(self, stored: StoredEntity, sources: Mapping[str, str]) -> StoredEntity:
        fields = dict(stored.fields)
        for name, was in sources.items():
            if name != was:
                fields[name] = fields.pop(was)
                self.result.operations.append(RenameField(subject=self.name, field=name, was=was))
        return replace(stored, fields=fields)

    def _change_type(self, stored: StoredEntity, declared: Field, was: str) -> StoredEntity:
        source = stored.fields[declared.name]
        key = find_aside(stored.aside, declared, self.snapshot, self.result.key_undone(was))
        target = (
            replace(stored.aside[key], targets=()) if key else new_field(self.snapshot, self.name, declared, stored)
        )
        former = self._targets(was)
        change = ChangeType(
            subject=self.name,
            field=declared.name,
            was=was,
            old_type=source.type,
            stored=replace(stored, fields={}, aside={}),
            source=source,
            target=target,
            former=key is not None,
            first=not stored.has_overflow,
            pointed=former,
            points=targets_of(declared, self.snapshot),
        )
        self.result.operations.append(change)
        if declared.type == "auto_number":
            self.result.operations.append(
                NumberRecords(subject=self.name, on=stored.table, field=declared.name, stored=target)
            )
        stored = stored.without_field(declared.name, f"{declared.name}@{self._sequence}", former)
        return stored.with_field(declared.name, target, key or "")

    def _require(self, wanted: Mapping[str, Field], sources: Mapping[str, str]) -> None:
        """Note fields that become required, also new ones: the records that exist have them blank."""
        old: Entity = self.before.snapshot.entity(self._old)
        for declared in wanted.values():
            former = old.fields.get(sources.get(declared.name, ""))
            if declared.type == "auto_number" or not declared.required:
                continue
            if former is None or not former.required:
                default = declared.default is not None
                self.result.operations.append(RequireField(subject=self.name, field=declared.name, has_default=default))
