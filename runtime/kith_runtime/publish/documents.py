"""What a publish changes besides storage, one line for each thing that differs and none twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

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
    KeyAdded,
    KeyRemoved,
)
from kith_metadata.changes.base import listed
from kith_metadata.snapshot import Snapshot
from kith_runtime.publish.operations.base import Operation
from kith_runtime.publish.operations.document import ChangeDocument


def document_operations(
    before: Snapshot, snapshot: Snapshot, changes: Sequence[Change], operations: Sequence[Operation]
) -> Iterator[Operation]:
    """Yield the changes that no operation on the tables has said yet."""
    said = _Said(operations)
    named: set[str] = set()
    for change in _joined(changes):
        subject, words = _words(change, said)
        named.add(getattr(change, "entity", ""))
        if words:
            yield ChangeDocument(subject=subject, change=change.symbol, words=words)
    for name in snapshot.entities():
        key = f"entity:{name}"
        if name not in named and before.manifest.get(key) != snapshot.manifest[key]:
            yield ChangeDocument(subject=name, change="~", words="former names (was)")


def _joined(changes: Sequence[Change]) -> Iterator[Change]:
    """Yield the changes, those of a field's own options and of its common properties as one."""
    options = {(item.entity, item.field): item for item in changes if isinstance(item, FieldOptionsChanged)}
    common = {(item.entity, item.field) for item in changes if isinstance(item, FieldChanged)}
    for change in changes:
        if isinstance(change, FieldChanged) and (change.entity, change.field) in options:
            own = options[(change.entity, change.field)]
            yield replace(own, paths=(*own.paths, *change.paths))
        elif not (isinstance(change, FieldOptionsChanged) and (change.entity, change.field) in common):
            yield change


class _Said:
    """What the operations on the tables say already."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.fields = {(item.subject, getattr(item, "field", "")) for item in operations}
        self.entities = {item.subject for item in operations if not hasattr(item, "field")}
        self.changed = {(item.subject, getattr(item, "field", "")) for item in operations if item.kind == "change_type"}
        self.required = {
            (item.subject, getattr(item, "field", "")) for item in operations if item.kind == "require_field"
        }


def _words(change: Change, said: _Said) -> tuple[str, str]:
    """Return what a change is about and what to say of it; no words when it is said already."""
    if isinstance(change, (DocumentAdded, DocumentRemoved, DocumentChanged)):
        return f"{change.kind.replace('_', ' ')} {change.name}", _words_of_document(change)
    entity = str(getattr(change, "entity", ""))
    if isinstance(change, (EntityAdded, EntityRemoved, EntityRenamed)):
        return entity, "" if entity in said.entities else change.describe()
    if isinstance(change, EntityChanged):
        return entity, listed(change.paths)
    if isinstance(change, (KeyAdded, KeyRemoved)):
        return entity, f"key '{change.name}' over {' and '.join(change.data['fields'])}"
    return entity, _words_of_field(change, said)


def _words_of_document(change: DocumentAdded | DocumentRemoved | DocumentChanged) -> str:
    if isinstance(change, DocumentChanged):
        return listed(change.paths)
    return "new" if isinstance(change, DocumentAdded) else "removed"


def _words_of_field(change: Change, said: _Said) -> str:
    if isinstance(change, (FieldAdded, FieldRemoved)):
        kind = str(change.data["type"]).replace("_", " ")
        word = "new field" if isinstance(change, FieldAdded) else "drop field"
        return "" if (change.entity, change.field) in said.fields else f"{word} '{change.field}' ({kind})"
    if isinstance(change, FieldRenamed):
        known = (change.entity, change.field) in said.fields
        return "" if known else f"rename field '{change.old}' to '{change.field}'"
    if isinstance(change, FieldTypeChanged):
        known = (change.entity, change.field) in said.fields
        old, new = change.before["type"], change.after["type"]
        return "" if known else f"field '{change.field}' changes from {old} to {new}"
    if isinstance(change, (FieldChanged, FieldOptionsChanged)):
        return _words_of_options(change, said)
    return ""


def _words_of_options(change: FieldChanged | FieldOptionsChanged, said: _Said) -> str:
    key = (change.entity, change.field)
    told = {"to"} if key in said.changed else set()
    told |= {"required"} if key in said.required else set()
    paths = tuple(path for path in change.paths if path.partition(" ")[0] not in told)
    return f"field '{change.field}': {listed(paths)}" if paths else ""
