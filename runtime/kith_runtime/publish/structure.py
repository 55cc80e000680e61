"""From two states of the metadata to a new storage map and the operations that lead there; asks no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.snapshot import Snapshot, hash_of
from kith_runtime.publish.operations.add_field import AddField
from kith_runtime.publish.operations.base import Operation
from kith_runtime.publish.operations.change_type import ChangeType
from kith_runtime.publish.operations.create_entity import CreateEntity
from kith_runtime.publish.operations.document import RequireField
from kith_runtime.publish.operations.rename import RenameEntity, RenameField
from kith_runtime.publish.operations.set_aside import SetAsideEntity, SetAsideField, TakeBackEntity, TakeBackField
from kith_runtime.publish.storing import (
    find_aside,
    find_entity_aside,
    kept_fields,
    new_entity,
    new_field,
    same_shape,
)
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap, StoredEntity, StoredField

FieldKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Renames:
    """The renames of a rollback, which turns those of the undone publish around; what ``was:`` declares is older.

    ``entities`` maps new names to old ones; ``fields`` maps (new entity, new field) to the old field.
    """

    entities: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[FieldKey, str] = field(default_factory=dict)


@dataclass(slots=True)
class Structure:
    """What is worked out: the storage of every entity, and the operations in the order in which they run.

    ``touched`` are the entities whose tables or indexes may change, ``old_names`` the former names of renamed ones.
    """

    entities: dict[str, str]
    aside: dict[str, str]
    operations: list[Operation] = field(default_factory=list)
    touched: dict[str, StoredEntity] = field(default_factory=dict)
    old_names: dict[str, str] = field(default_factory=dict)

    @property
    def storage(self) -> StorageMap:
        """The new storage map."""
        return StorageMap(dict(sorted(self.entities.items())), dict(sorted(self.aside.items())))


def work_out(before: Published, snapshot: Snapshot, renames: Renames | None = None) -> Structure:
    """Compare the live state with a new snapshot; renames come first, then what is new, changed and dropped."""
    sequence = before.sequence + 1
    result = Structure(dict(before.storage.documents), dict(before.storage.aside))
    _rename_entities(snapshot, renames, result)
    tables = {before.storage.entity(name).table for name in before.storage.documents}
    tables |= {StoredEntity.from_json(text).table for text in before.storage.aside.values()}
    changed_views = _entities_of_changed_views(before.snapshot, snapshot)
    for name in snapshot.entities():
        old = result.old_names.get(name, name)
        if name not in result.entities:
            _new_or_returned(snapshot, name, tables, result)
        elif old != name or _document_moved(before.snapshot, snapshot, old, name) or name in changed_views:
            _Changes(before, snapshot, renames, result, name, old, sequence).work_out()
    for name in list(result.entities):
        if not snapshot.has("entity", name):
            result.aside[f"{name}@{sequence}"] = result.entities.pop(name)
            result.operations.append(SetAsideEntity(subject=name))
    return result


def _rename_entities(snapshot: Snapshot, renames: Renames | None, result: Structure) -> None:
    for name in snapshot.entities():
        was = _was(snapshot, name) if renames is None else renames.entities.get(name, "")
        if not was or name in result.entities or was not in result.entities or snapshot.has("entity", was):
            continue
        result.entities[name] = result.entities.pop(was)
        result.old_names[name] = was
        result.operations.append(RenameEntity(subject=name, was=was))


def _was(snapshot: Snapshot, name: str) -> str:
    was = snapshot.entity(name).was
    return was if not was or "." in was else f"{name.partition('.')[0]}.{was}"


def _document_moved(before: Snapshot, snapshot: Snapshot, old: str, name: str) -> bool:
    return before.manifest.get(f"entity:{old}") != snapshot.manifest[f"entity:{name}"]


def _entities_of_changed_views(before: Snapshot, snapshot: Snapshot) -> set[str]:
    """Return the entities that have a view which is new, changed or gone: their indexes may change."""
    found: set[str] = set()
    for one, other in ((before, snapshot), (snapshot, before)):
        for key, digest in one.manifest.items():
            if key.startswith("view:") and other.manifest.get(key) != digest:
                found.add(one.view(key.removeprefix("view:")).entity)
    return found


def _new_or_returned(snapshot: Snapshot, name: str, tables: set[str], result: Structure) -> None:
    key = find_entity_aside(result.aside, name)
    if key is None:
        stored = new_entity(snapshot, name, tables)
        tables.add(stored.table)
        result.operations.append(CreateEntity(subject=name, stored=stored))
    else:
        stored = StoredEntity.from_json(result.aside.pop(key))
        result.operations.append(TakeBackEntity(subject=name, from_aside=key))
        stored = _fit_returned(snapshot, name, stored, key, result)
    result.entities[name] = stored.to_json()
    result.touched[name] = stored


def _fit_returned(snapshot: Snapshot, name: str, stored: StoredEntity, key: str, result: Structure) -> StoredEntity:
    """Fit an entity that comes back to its fields of today: what has another type now stays set aside."""
    wanted = kept_fields(snapshot, name)
    age = key.rpartition("@")[2]
    for old, kept in list(stored.fields.items()):
        if old not in wanted or not same_shape(kept, wanted[old]):
            stored = _without(stored, old, f"{old}@{age}")
    for declared in wanted.values():
        if declared.name not in stored.fields:
            stored = _add_or_take_back(snapshot, name, declared, stored, result)
    return stored


def _add_or_take_back(
    snapshot: Snapshot, name: str, declared: Field, stored: StoredEntity, result: Structure
) -> StoredEntity:
    key = find_aside(stored.aside, declared)
    if key is not None:
        result.operations.append(TakeBackField(subject=name, field=declared.name, from_aside=key))
        return _with(stored, declared.name, stored.aside[key], key)
    made = new_field(snapshot, name, declared, stored)
    first = not stored.has_overflow
    result.operations.append(AddField(subject=name, on=stored.table, field=declared.name, stored=made, first=first))
    return _with(stored, declared.name, made)


def _with(stored: StoredEntity, name: str, kept: StoredField, taken_from: str = "") -> StoredEntity:
    aside = {key: value for key, value in stored.aside.items() if key != taken_from}
    return replace(stored, fields={**stored.fields, name: kept}, aside=aside)


def _without(stored: StoredEntity, name: str, key: str) -> StoredEntity:
    fields = {other: kept for other, kept in stored.fields.items() if other != name}
    return replace(stored, fields=fields, aside={**stored.aside, key: stored.fields[name]})


@dataclass(slots=True)
class _Changes:
    """What happens to one entity that was there before."""

    before: Published
    snapshot: Snapshot
    renames: Renames | None
    result: Structure
    name: str
    old: str
    sequence: int

    def work_out(self) -> None:
        """Add the operations of this entity and its new storage to the result."""
        stored = StoredEntity.from_json(self.result.entities[self.name])
        wanted = kept_fields(self.snapshot, self.name)
        sources = self._sources(stored, wanted)
        stored = self._rename(stored, sources)
        for declared in wanted.values():
            if declared.name not in sources:
                stored = _add_or_take_back(self.snapshot, self.name, declared, stored, self.result)
            elif not same_shape(stored.fields[declared.name], declared):
                stored = self._change_type(stored, declared, sources[declared.name])
        for gone in [name for name in stored.fields if name not in wanted]:
            self.result.operations.append(SetAsideField(subject=self.name, field=gone))
            stored = _without(stored, gone, f"{gone}@{self.sequence}")
        self._require(wanted, sources)
        self.result.entities[self.name] = stored.to_json()
        self.result.touched[self.name] = stored

    def _sources(self, stored: StoredEntity, wanted: Mapping[str, Field]) -> dict[str, str]:
        """Return, for each wanted field that has data already, the name under which they are stored now."""
        found = {name: name for name in wanted if name in stored.fields}
        for declared in wanted.values():
            was = declared.was if self.renames is None else self.renames.fields.get((self.name, declared.name), "")
            if declared.name not in found and was and was in stored.fields and was not in wanted:
                found[declared.name] = was
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
        key = find_aside(stored.aside, declared)
        target = stored.aside[key] if key is not None else new_field(self.snapshot, self.name, declared, stored)
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
        )
        self.result.operations.append(change)
        stored = _without(stored, declared.name, f"{declared.name}@{self.sequence}")
        return _with(stored, declared.name, target, key or "")

    def _require(self, wanted: Mapping[str, Field], sources: Mapping[str, str]) -> None:
        """Note fields that become required, also new ones: the records that exist have them blank."""
        old: Entity = self.before.snapshot.entity(self.old)
        for declared in wanted.values():
            former = old.fields.get(sources.get(declared.name, ""))
            if declared.required and (former is None or not former.required):
                self.result.operations.append(RequireField(subject=self.name, field=declared.name))


def storage_manifest(storage: StorageMap) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return what a publish keeps of a storage map: hashes by entity, and the documents by hash."""
    manifest = {
        "entities": {name: hash_of(text) for name, text in storage.documents.items()},
        "aside": {name: hash_of(text) for name, text in storage.aside.items()},
    }
    return manifest, {hash_of(text): text for text in (*storage.documents.values(), *storage.aside.values())}
