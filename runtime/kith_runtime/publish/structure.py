"""From the changes of the metadata to a new storage map and the operations that lead there; asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kith_metadata.changes import Change, DocumentAdded, DocumentChanged, DocumentRemoved, EntityRenamed
from kith_metadata.snapshot import Snapshot, hash_of
from kith_runtime.publish.entity_changes import EntityChanges, Structure, add_or_take_back
from kith_runtime.publish.operations.create_entity import CreateEntity
from kith_runtime.publish.operations.rename import RenameEntity
from kith_runtime.publish.operations.set_aside import SetAsideEntity, TakeBackEntity
from kith_runtime.publish.pointing import points_alike, targets_of
from kith_runtime.publish.storing import find_entity_aside, kept_fields, new_entity, same_shape
from kith_runtime.published import Published
from kith_runtime.storage import StorageMap, StoredEntity


def work_out(before: Published, snapshot: Snapshot, changes: Sequence[Change], undoes: int | None = None) -> Structure:
    """Turn the changes of the metadata into a new storage map and its operations; renames come first.

    ``undoes`` is the publish that a rollback undoes: what it set aside comes back before anything else.
    """
    result = Structure(dict(before.storage.documents), dict(before.storage.aside), undoes=undoes)
    _rename_entities(changes, result)
    tables = {before.storage.entity(name).table for name in before.storage.documents}
    tables |= {StoredEntity.from_json(text).table for text in before.storage.aside.values()}
    touched = _touched(changes) | _follow_activities(before.snapshot, snapshot)
    for name in snapshot.entities():
        if name not in result.entities:
            _new_or_returned(snapshot, name, tables, result)
        elif name in touched:
            EntityChanges(before, snapshot, changes, result, name).work_out()
    for name in list(result.entities):
        if not snapshot.has("entity", name):
            _set_entity_aside(before, name, result)
    return result


def _rename_entities(changes: Sequence[Change], result: Structure) -> None:
    for change in changes:
        if isinstance(change, EntityRenamed):
            result.entities[change.entity] = result.entities.pop(change.old)
            result.old_names[change.entity] = change.old
            result.operations.append(RenameEntity(subject=change.entity, was=change.old))
    new_names = {was: name for name, was in result.old_names.items()}
    for documents in (result.entities, result.aside) if new_names else ():
        for key, text in documents.items():
            documents[key] = StoredEntity.from_json(text).with_targets(new_names).to_json()


def _touched(changes: Sequence[Change]) -> set[str]:
    """Return the entities whose tables or indexes may change: themselves, or a view or related list that sorts them."""
    found: set[str] = set()
    for change in changes:
        if isinstance(change, (DocumentAdded, DocumentRemoved)):
            found |= _sorted_by(change.kind, change.data)
        elif isinstance(change, DocumentChanged):
            found |= _sorted_by(change.kind, change.before) | _sorted_by(change.kind, change.after)
        else:
            found.add(getattr(change, "entity", ""))
    return found


def _sorted_by(kind: str, data: Mapping[str, Any]) -> set[str]:
    """Return the entities whose records a view or a form shows in an order of its own."""
    if kind == "view":
        return {data["entity"]}
    return {item["entity"] for item in data.get("related", {}).values()} if kind == "form" else set()


def _follow_activities(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the entities with a lookup to all that have activities, when these are others than before."""
    if _with_activities(before) == _with_activities(after):
        return set()
    return {
        name
        for name in after.entities()
        for field in after.entity(name).fields.values()
        if field.type == "any_lookup" and field.options.activities
    }


def _with_activities(snapshot: Snapshot) -> set[str]:
    return {name for name in snapshot.entities() if snapshot.entity(name).activities}


def _set_entity_aside(before: Published, name: str, result: Structure) -> None:
    stored = StoredEntity.from_json(result.entities.pop(name))
    declared = kept_fields(before.snapshot, name)
    fields = {
        field: replace(kept, targets=targets_of(declared[field], before.snapshot))
        for field, kept in stored.fields.items()
    }
    result.aside[f"{name}@{before.sequence + 1}"] = replace(stored, fields=fields).to_json()
    result.operations.append(SetAsideEntity(subject=name))


def _new_or_returned(snapshot: Snapshot, name: str, tables: set[str], result: Structure) -> None:
    undone = result.key_undone(name)
    key = undone if undone in result.aside else find_entity_aside(result.aside, name)
    if key is None:
        stored = new_entity(snapshot, name, tables)
        tables.add(stored.table)
        result.operations.append(CreateEntity(subject=name, stored=stored))
    else:
        stored = StoredEntity.from_json(result.aside.pop(key))
        result.operations.append(TakeBackEntity(subject=name, from_aside=key))
        result.touched[name] = stored
        stored = _fit_returned(snapshot, name, key, result)
    result.entities[name] = stored.to_json()
    result.touched[name] = stored


def _fit_returned(snapshot: Snapshot, name: str, key: str, result: Structure) -> StoredEntity:
    """Fit an entity that comes back to its fields of today: what means something else now stays set aside."""
    stored = result.touched[name]
    wanted = kept_fields(snapshot, name)
    age = key.rpartition("@")[2]
    for old, kept in list(stored.fields.items()):
        declared = wanted.get(old)
        if declared and same_shape(kept, declared) and points_alike(kept.targets, declared, snapshot):
            stored = stored.with_field(old, replace(kept, targets=()))
        else:
            stored = stored.without_field(old, f"{old}@{age}", kept.targets)
    result.touched[name] = stored
    for declared in wanted.values():
        if declared.name not in stored.fields:
            add_or_take_back(result, snapshot, name, declared)
    return result.touched[name]


def storage_manifest(storage: StorageMap) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return what a publish keeps of a storage map: hashes by entity, and the documents by hash."""
    manifest = {
        "entities": {name: hash_of(text) for name, text in storage.documents.items()},
        "aside": {name: hash_of(text) for name, text in storage.aside.items()},
    }
    return manifest, {hash_of(text): text for text in (*storage.documents.values(), *storage.aside.values())}
