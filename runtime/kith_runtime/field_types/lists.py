"""Which lists of records an entity has: the lookups of all entities that point to it, by the names of their lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kith_metadata.expressions.list_names import named
from kith_metadata.expressions.scope import ListInfo
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.any_lookup import AnyLookup
from kith_runtime.field_types.lookup import PERSON, Lookup
from kith_runtime.field_types.lookups import Lookups
from kith_runtime.field_types.system import fields_of


def lists_of(snapshot: Snapshot, entity: str) -> Mapping[str, tuple[ListInfo, ...]]:
    """Return the lists of records that point to an entity, by name; a name of several lists is ambiguous."""
    return snapshot.derived(("lists", entity), lambda: named(_pointing(snapshot, entity)))


def _pointing(snapshot: Snapshot, entity: str) -> Iterator[ListInfo]:
    has_activities = snapshot.has("entity", entity) and snapshot.entity(entity).activities
    for name in snapshot.entities():
        text = snapshot.documents[f"entity:{name}"]
        # Reading the text first saves building thousands of entities that cannot point here.
        if entity == PERSON or f'"{entity}"' in text or (has_activities and '"activities":true' in text):
            for field in fields_of(snapshot, name).values():
                if _points(field, snapshot, entity):
                    own = snapshot.entity(name)
                    yield ListInfo(name, field.name, label=own.plural or own.label)


def _points(field: Field, snapshot: Snapshot, entity: str) -> bool:
    kind = field_types[field.type]
    if isinstance(kind, Lookup):
        return kind.target(field) == entity
    if isinstance(kind, Lookups):
        return bool(field.options.to == entity)
    return isinstance(kind, AnyLookup) and entity in kind.targets(field, snapshot)
