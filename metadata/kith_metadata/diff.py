"""What differs between two snapshots, as changes in the order in which a person reads them; pure and complete.

Renames come from ``was:`` alone and are never guessed: that of the new snapshot, or that of the old one where a rename
was taken back in the files and the former name stands there again. The plan of a publish is built on these changes, and
that of a rollback on the same changes reversed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kith_metadata.changes import (
    Change,
    DocumentAdded,
    DocumentChanged,
    DocumentRemoved,
    EntityAdded,
    EntityChanged,
    EntityRemoved,
    EntityRenamed,
    FieldAdded,
    FieldChanged,
    FieldOptionsChanged,
    FieldRemoved,
    FieldRenamed,
    FieldTypeChanged,
    IndexAdded,
    IndexRemoved,
    KeyAdded,
    KeyRemoved,
    OptionRenamed,
    RoleRenamed,
)
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import properties_of

_OWN_WALK = ("fields", "keys", "indexes", "was")


def diff(old: Snapshot | None, new: Snapshot) -> tuple[Change, ...]:
    """Return every change from one snapshot to the other: entities first, then the other documents by key.

    ``was`` counts only when it names something of the old snapshot that the new one has no more; afterwards it may stay
    in the file.
    """
    before = dict(old.manifest) if old is not None else {}
    return (*_entities(old, new, before), *_documents(old, new, before))


def backwards(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that lead back; what lies in a renamed entity or field goes by its former name."""
    entities = {change.entity: change.old for change in changes if isinstance(change, EntityRenamed)}
    fields = {(change.entity, change.field): change.old for change in changes if isinstance(change, FieldRenamed)}
    return tuple(_back(change, entities, fields) for change in changes)


def _back(change: Change, entities: Mapping[str, str], fields: Mapping[tuple[str, str], str]) -> Change:
    back = change.reverse()
    if isinstance(change, EntityRenamed):
        return back
    if isinstance(back, OptionRenamed):
        above, _, name = back.holder.rpartition(".")
        inner = fields.get((above, name), name)
        return replace(back, holder=f"{entities.get(above, above)}.{inner}")
    data = vars(back)
    entity, field = data.get("entity", ""), data.get("field", "")
    former = {"entity": entities[entity]} if entity in entities else {}
    if not isinstance(change, FieldRenamed) and (entity, field) in fields:
        former["field"] = fields[(entity, field)]
    return replace(back, **former) if former else back


def _entities(old: Snapshot | None, new: Snapshot, before: Mapping[str, str]) -> Iterator[Change]:
    former = set(old.entities()) if old is not None else set()
    current = set(new.entities())
    renamed = _renamed_documents(old, new, "entity") if old is not None else {}
    for name in sorted(former - current - set(renamed.values())):
        yield EntityRemoved(name, _raw(old, f"entity:{name}"))
    for name in sorted(current):
        key = f"entity:{name}"
        origin = renamed.get(name, name)
        if origin not in former:
            yield EntityAdded(name, new.raw(key))
            continue
        if origin != name:
            yield EntityRenamed(name, origin)
        elif before.get(key) == new.manifest[key]:
            continue
        yield from _entity(name, _raw(old, f"entity:{origin}"), new.raw(key))


def _renamed_documents(old: Snapshot, new: Snapshot, kind: str) -> dict[str, str]:
    """Return the documents of a kind that were renamed, with their former names."""
    before, after = set(old.names(kind)), set(new.names(kind))
    old_was = {name: _former(name, old.raw(f"{kind}:{name}")) for name in before - after}
    new_was = {name: _former(name, new.raw(f"{kind}:{name}")) for name in after - before}
    return {name: origin for name, origin in _origins(old_was, new_was).items() if name != origin}


def _former(name: str, data: Mapping[str, Any]) -> str:
    was = str(data.get("was", ""))
    return f"{name.partition('.')[0]}.{was}" if was and "." not in was else was


def _origins(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return for each name that was there its former name; the maps hold all names with what ``was:`` says.

    >>> _origins({"amount": ""}, {"value": "amount"})
    {'value': 'amount'}
    >>> _origins({"value": "amount"}, {"amount": ""})
    {'amount': 'value'}
    """
    found = {name: name for name in new if name in old}
    for name, was in new.items():
        if name not in old and was in old and was not in new and was not in found.values():
            found[name] = was
    back = {was: name for name, was in old.items() if was and name not in new and name not in found.values()}
    found.update({name: back[name] for name in new if name not in found and name in back})
    return found


def _raw(snapshot: Snapshot | None, key: str) -> dict[str, Any]:
    found: dict[str, Any] = snapshot.raw(key) if snapshot is not None else {}
    return found


def _entity(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    own_before = {key: value for key, value in before.items() if key not in _OWN_WALK}
    own_after = {key: value for key, value in after.items() if key not in _OWN_WALK}
    paths = changed_paths(own_before, own_after)
    old_fields, new_fields = before.get("fields", {}), after.get("fields", {})
    origins = _field_origins(old_fields, new_fields)
    was_order = [field for field, origin in sorted(origins.items(), key=lambda pair: list(old_fields).index(pair[1]))]
    if was_order != [field for field in new_fields if field in origins]:
        paths = (*paths, "fields (order)")
        own_before["fields"], own_after["fields"] = list(old_fields), list(new_fields)
    if paths:
        tops = {path.partition(".")[0].partition(" ")[0] for path in paths}
        yield EntityChanged(name, paths, _only(own_before, tops), _only(own_after, tops))
    for field in old_fields:
        if field not in origins.values():
            yield FieldRemoved(name, field, old_fields[field])
    for field, data in new_fields.items():
        if field in origins:
            yield from _field(name, field, origins[field], (old_fields[origins[field]], data))
        else:
            yield FieldAdded(name, field, data)
    yield from _pairs(name, before.get("keys", {}), after.get("keys", {}), (KeyRemoved, KeyAdded))
    yield from _pairs(name, before.get("indexes", {}), after.get("indexes", {}), (IndexRemoved, IndexAdded))


def _only(data: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in keys}


def _field_origins(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Return for each field, or each option, that was there its former name."""
    return _origins(*({name: str((data or {}).get("was", "")) for name, data in items.items()} for items in (old, new)))


def _options(holder: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, origin in _field_origins(old, new).items():
        if name != origin:
            yield OptionRenamed(holder, name, origin)


def _field(entity: str, name: str, origin: str, data: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[Change]:
    if origin != name:
        yield FieldRenamed(entity, name, origin)
    yield from _options(f"{entity}.{name}", data[0].get("options", {}), data[1].get("options", {}))
    before = {key: value for key, value in data[0].items() if key != "was"}
    after = {key: value for key, value in data[1].items() if key != "was"}
    if before["type"] != after["type"]:
        yield FieldTypeChanged(entity, name, before, after)
        before, after = _common(before), _common(after)
    paths = changed_paths(before, after)
    common = tuple(path for path in paths if path.partition(".")[0].partition(" ")[0] in _COMMON)
    own = tuple(path for path in paths if path not in common)
    if own:
        yield FieldOptionsChanged(entity, name, own, before, after)
    if common:
        yield FieldChanged(entity, name, common, before, after)


_COMMON = frozenset(declared.name for declared in properties_of(Field))


def _common(data: Mapping[str, Any]) -> dict[str, Any]:
    return _only(data, set(_COMMON))


def _pairs(
    entity: str, old: Mapping[str, Any], new: Mapping[str, Any], changes: tuple[type[Any], type[Any]]
) -> Iterator[Change]:
    removed, added = changes
    for name, data in old.items():
        if new.get(name) != data:
            yield removed(entity, name, data)
    for name, data in new.items():
        if old.get(name) != data:
            yield added(entity, name, data)


def _documents(old: Snapshot | None, new: Snapshot, before: Mapping[str, str]) -> Iterator[Change]:
    keys = sorted({*before, *new.manifest})
    roles = _renamed_documents(old, new, "role") if old is not None else {}
    for name, origin in roles.items():
        yield RoleRenamed(name, origin)
        was, now = _raw(old, f"role:{origin}"), new.raw(f"role:{name}")
        paths = tuple(path for path in changed_paths(was, now) if path != "was")
        if paths:
            yield DocumentChanged("role", name, paths, was, now)
    told = {f"role:{name}" for pair in roles.items() for name in pair}
    for key in keys:
        kind, _, name = key.partition(":")
        if kind == "entity" or before.get(key) == new.manifest.get(key) or key in told:
            continue
        if key not in before:
            yield DocumentAdded(kind, name, new.raw(key))
        elif key not in new.manifest:
            yield DocumentRemoved(kind, name, _raw(old, key))
        else:
            was, now = _raw(old, key), new.raw(key)
            yield from _options(name, was.get("options", {}), now.get("options", {})) if kind == "option_set" else ()
            yield DocumentChanged(kind, name, changed_paths(was, now), was, now)


def changed_paths(before: Any, after: Any, path: str = "") -> tuple[str, ...]:
    """Return the dotted paths that differ, each as deep as it can be named; a map in another order is ``path (order)``.

    >>> changed_paths({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2})
    ('a.b',)
    """
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return () if _same(before, after) else (path,)
    found: list[str] = []
    for key in (*before, *(key for key in after if key not in before)):
        inner = f"{path}.{key}" if path else str(key)
        if key in before and key in after:
            found.extend(changed_paths(before[key], after[key], inner))
        else:
            found.append(inner)
    kept = [key for key in before if key in after]
    if path and kept != [key for key in after if key in before]:
        found.append(f"{path} (order)")
    return tuple(found)


def _same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after)
