"""What the system notes about entities and fields by name: it follows a rename, and goes aside with what is dropped.

Set aside, notes stand under the key of what was set aside (``crm.deal@7``). So another entity may take the name
meanwhile, and each finds its own history, files, numbers and references again.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, Table, select, update

from kith_platform.database.metadata import PLATFORM_TABLES
from kith_runtime.records import history
from kith_runtime.records.store import DELETION
from kith_runtime.storage import StorageMap, StoredEntity, StoredField
from kith_runtime.store import RUNTIME_TABLES
from kith_runtime.tables.overflow import assignments, columns_of

_ENTITY_SUFFIX = "__entity"
_ENTITIES = (0, 3)
"""Where a lookup that a delete blanked names entities: its own, and that of the record it pointed at."""


def rename_entity_notes(connection: Connection, storage: StorageMap, old: str, new: str) -> None:
    """Write another name wherever an entity is named in data; ``storage`` is the state before the publish."""
    for known in _tables():
        if "entity" in known.c:
            _rename(connection, known, "entity", (old, new))
    _rename_in_bin(connection, old, new)
    for stored, field in _all_fields(storage):
        for part in field.columns:
            if field.type == "any_lookup" and part.name.endswith(_ENTITY_SUFFIX):
                _rename(connection, Table(stored.table, MetaData(), *columns_of((part,))), part.name, (old, new))
    if any(field.type == "any_lookup" for _, field in _all_fields(storage)):
        history.rename_target(connection, old, new)


def rename_field_notes(connection: Connection, entity: str, old: str, new: str) -> None:
    """Write another name for a field: in history, in the recycle bin, in the counter of an automatic number.

    They are rewritten here, once, and not read through a list of names: a name may come to mean another field later,
    and only at this moment, with every writer waiting, is it certain which entries meant this one.
    """
    history.rename_field(connection, entity, old, new)
    _rename_cleared(connection, entity, old, new)
    for known in _tables():
        if {"entity", "field"} <= set(known.c.keys()):
            _rename(connection, known, "field", (old, new), entity)


def _tables() -> Iterator[Table]:
    yield from RUNTIME_TABLES.tables.values()
    yield from PLATFORM_TABLES.tables.values()


def _all_fields(storage: StorageMap) -> Iterator[tuple[StoredEntity, StoredField]]:
    entities = [storage.entity(name) for name in storage.documents]
    entities += [StoredEntity.from_json(text) for text in storage.aside.values()]
    for stored in entities:
        for field in (*stored.fields.values(), *stored.aside.values()):
            yield stored, field


def _rename(connection: Connection, target: Table, name: str, names: tuple[str, str], entity: str = "") -> None:
    chosen = [target.c[name] == names[0], *([target.c.entity == entity] if entity else [])]
    connection.execute(update(target).where(*chosen).values(assignments(target, {name: names[1]})))


def _rename_cleared(connection: Connection, entity: str, old: str, new: str) -> None:
    """Let a restore point the renamed lookup again that its delete had blanked."""
    query = select(DELETION.c.id, DELETION.c.cleared).where(DELETION.c.restored_at.is_(None))
    for row in connection.execute(query).all():
        cleared = [[entity, new, *item[2:]] if item[:2] == [entity, old] else item for item in row.cleared]
        if cleared != row.cleared:
            connection.execute(update(DELETION).where(DELETION.c.id == row.id).values(cleared=cleared))


def _rename_in_bin(connection: Connection, old: str, new: str) -> None:
    """Let the deletions that can still be undone find their records under the new name."""
    query = select(DELETION.c.id, DELETION.c.taken, DELETION.c.cleared).where(DELETION.c.restored_at.is_(None))
    for row in connection.execute(query).all():
        taken = {new if entity == old else entity: ids for entity, ids in row.taken.items()}
        cleared = [
            [new if part == old and at in _ENTITIES else part for at, part in enumerate(item)] for item in row.cleared
        ]
        if (taken, cleared) != (row.taken, row.cleared):
            changed = update(DELETION).where(DELETION.c.id == row.id).values(taken=taken, cleared=cleared)
            connection.execute(changed)
