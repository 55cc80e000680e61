"""Where each field is kept: the map from entities and fields to physical tables and columns.

The map is decided when metadata is published and stays with the snapshot. Names in the database are readable, but a
field that changes its type, or comes back after it was set aside by another of the same name, gets new columns; only
this map knows which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

NAME_LIMIT = 50
"""Longest physical table name, in characters: PostgreSQL cuts at 63 bytes, and indexes need room for a suffix."""

SYSTEM_COLUMNS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deletion")


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column: its name and its storage kind (see ``field_types.base.ColumnKind``).

    With ``overflow`` it is no column of the table but a key of its shared JSON column (see ``tables.overflow``).
    """

    name: str
    kind: str
    scale: int = 0
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class StoredField:
    """The columns of a field, the main one first; ``link`` is the link table of a many-to-many lookup.

    ``targets`` is known of lookups that are set aside: the entities whose ids are kept there.
    """

    type: str
    columns: tuple[StoredColumn, ...] = ()
    link: str = ""
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """The table of an entity, with the fields in use and those set aside with their data.

    ``aside`` keeps fields that were dropped or changed their type, by a name that tells when (``amount@7``: at publish
    7); a rollback takes them back.
    """

    table: str
    fields: Mapping[str, StoredField]
    aside: Mapping[str, StoredField] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[StoredColumn, ...]:
        """All columns, those set aside included."""
        kept = (*self.fields.values(), *self.aside.values())
        return tuple(column for stored in kept for column in stored.columns)

    @property
    def has_overflow(self) -> bool:
        """Whether the table has the shared column of the fields for which a row has no room."""
        return any(column.overflow for column in self.columns)

    def with_field(self, name: str, kept: StoredField, taken_from: str = "") -> StoredEntity:
        """Return the storage with one more field in use, which was set aside under a key when one is named."""
        aside = {key: value for key, value in self.aside.items() if key != taken_from}
        return replace(self, fields={**self.fields, name: kept}, aside=aside)

    def without_field(self, name: str, key: str, targets: tuple[str, ...]) -> StoredEntity:
        """Return the storage with a field set aside under a key, with the entities that it points to."""
        fields = {other: kept for other, kept in self.fields.items() if other != name}
        kept = replace(self.fields[name], targets=targets)
        return replace(self, fields=fields, aside={**self.aside, key: kept})

    def with_targets(self, names: Mapping[str, str]) -> StoredEntity:
        """Return the storage with other names for entities that lookups set aside point to."""
        fields, aside = (
            {
                key: replace(kept, targets=tuple(names.get(name, name) for name in kept.targets))
                for key, kept in part.items()
            }
            for part in (self.fields, self.aside)
        )
        return replace(self, fields=fields, aside=aside)

    def to_json(self) -> str:
        """Return the entity's storage as canonical JSON."""
        data = asdict(self)
        for stored in (*data["fields"].values(), *data["aside"].values()):
            if not stored["targets"]:
                del stored["targets"]
            for column in stored["columns"]:
                if not column["overflow"]:
                    del column["overflow"]
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StoredEntity:
        """Read what :meth:`to_json` wrote."""
        data = json.loads(text)
        return cls(
            table=data["table"],
            fields={name: _stored_field(item) for name, item in data["fields"].items()},
            aside={name: _stored_field(item) for name, item in data["aside"].items()},
        )


def _stored_field(data: Mapping[str, Any]) -> StoredField:
    columns = tuple(StoredColumn(**column) for column in data["columns"])
    targets = tuple(data.get("targets", ()))
    return StoredField(type=data["type"], columns=columns, link=data["link"], targets=targets)


class StorageMap:
    """The storage of all entities, decoded one by one when asked for.

    ``documents`` maps entity names to JSON texts; ``aside`` holds dropped entities under ``name@publish``.
    """

    def __init__(self, documents: Mapping[str, str], aside: Mapping[str, str] | None = None) -> None:
        self.documents: Mapping[str, str] = dict(documents)
        self.aside: Mapping[str, str] = dict(aside or {})
        self._built: dict[str, StoredEntity] = {}

    def entity(self, name: str) -> StoredEntity:
        """Return the storage of an entity; KeyError when it has none."""
        found = self._built.get(name)
        if found is None:
            found = StoredEntity.from_json(self.documents[name])
            self._built[name] = found
        return found

    def share(self, former: StorageMap) -> None:
        """Take over what another map has decoded of entities that are stored alike in both."""
        for name, built in list(former._built.items()):
            if former.documents.get(name) == self.documents.get(name):
                self._built.setdefault(name, built)

    def __contains__(self, name: object) -> bool:
        return name in self.documents


def physical_name(*parts: str) -> str:
    """Return a readable physical name of the parts, at most :data:`NAME_LIMIT` characters.

    >>> physical_name("sales", "deal")
    'sales__deal'
    """
    name = "__".join(parts)
    if len(name) <= NAME_LIMIT:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: NAME_LIMIT - 9]}_{mark}"
