"""The fields that every record has without declaring them, as fields like any other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kith_metadata.kinds.entity import SYSTEM_FIELDS, Entity, Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.integer import Integer
from kith_runtime.field_types.lookup import PERSON, Lookup

_LABELS = {
    "id": "Id",
    "version": "Version",
    "created_at": "Created",
    "created_by": "Created by",
    "updated_at": "Changed",
    "updated_by": "Changed by",
    "deleted_at": "Deleted",
    "deletion": "Deletion",
}


def system_fields(entity: Entity) -> Mapping[str, Field]:
    """Return the implicit fields of an entity: the owner when it has one, then id, version, times and persons."""
    owner = {"owner": _owner()} if entity.ownership == "user" else {}
    return MappingProxyType({**owner, **{name: _system_field(name, word) for name, word in SYSTEM_FIELDS.items()}})


def fields_of(snapshot: Snapshot, entity_name: str) -> Mapping[str, Field]:
    """Return every field of an entity: those declared, in their order, then the implicit ones."""
    return snapshot.derived(("fields", entity_name), lambda: _all_fields(snapshot, snapshot.entity(entity_name)))


def declared_field(snapshot: Snapshot, entity_name: str, name: str) -> Field | None:
    """Return a field as its document declares it; None when there is none.

    It differs from the one in :func:`fields_of` for a computed field that is stored: that one is there a read-only
    field of its result's type, so that columns, indexes, filters and screens treat it like any other.
    """
    return snapshot.entity(entity_name).fields.get(name)


def _all_fields(snapshot: Snapshot, entity: Entity) -> Mapping[str, Field]:
    seen = {name: field_types[field.type].stands_for(field, snapshot) for name, field in entity.fields.items()}
    return MappingProxyType({**seen, **system_fields(entity)})


def _owner() -> Field:
    return Field(name="owner", type="owner", options=FieldOptions(), label="Owner", index=True)


def _system_field(name: str, word: str) -> Field:
    if word == "user":
        return Field(
            name=name,
            type="lookup",
            options=Lookup.Options(to=PERSON, on_delete="restrict"),
            label=_LABELS[name],
            read_only=True,
            history=False,
        )
    options = Integer.Options(min=1) if word == "integer" else FieldOptions()
    return Field(name=name, type=word, options=options, label=_LABELS[name], read_only=True, history=False)
