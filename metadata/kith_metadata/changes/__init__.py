"""What can differ between two snapshots, one file per kind of change; each describes and reverses itself."""

from __future__ import annotations

from kith_metadata.changes.base import Change
from kith_metadata.changes.document import DocumentAdded, DocumentChanged, DocumentRemoved
from kith_metadata.changes.entity import EntityAdded, EntityChanged, EntityRemoved, EntityRenamed
from kith_metadata.changes.field import (
    FieldAdded,
    FieldChanged,
    FieldOptionsChanged,
    FieldRemoved,
    FieldRenamed,
    FieldTypeChanged,
)
from kith_metadata.changes.index import IndexAdded, IndexRemoved
from kith_metadata.changes.key import KeyAdded, KeyRemoved
from kith_metadata.changes.renamed import OptionRenamed, RoleRenamed

__all__ = [
    "Change",
    "DocumentAdded",
    "DocumentChanged",
    "DocumentRemoved",
    "EntityAdded",
    "EntityChanged",
    "EntityRemoved",
    "EntityRenamed",
    "FieldAdded",
    "FieldChanged",
    "FieldOptionsChanged",
    "FieldRemoved",
    "FieldRenamed",
    "FieldTypeChanged",
    "IndexAdded",
    "IndexRemoved",
    "KeyAdded",
    "KeyRemoved",
    "OptionRenamed",
    "RoleRenamed",
]
