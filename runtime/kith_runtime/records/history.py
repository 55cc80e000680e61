"""The history of records: who changed what, when, from what to what, and through which door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, insert, select, text, update

from kith_platform.database.prepared import Prepared
from kith_runtime.context import Context
from kith_runtime.records.store import HISTORY
from kith_runtime.records.writer import EntityWriter

_INSERT = Prepared(insert(HISTORY).inline(), [column.name for column in HISTORY.c if column.name != "seq"])

Changes = Mapping[str, tuple[Any, Any]]
"""Field to (before, after) as Python values."""


def append(ctx: Context, writer: EntityWriter, identity: tuple[str, int], action: str, changes: Changes) -> None:
    """Write one row of history for a record ``(id, version)``; nothing for an entity that keeps none."""
    if writer.entity.history:
        _INSERT.execute(ctx.connection, row_of(ctx, writer, identity, action, changes))


def append_all(
    ctx: Context, writer: EntityWriter, action: str, rows: Sequence[tuple[tuple[str, int], Changes]]
) -> None:
    """Write one row of history for each of many records, given as ``((id, version), changes)``, in one statement."""
    if writer.entity.history and rows:
        written = [row_of(ctx, writer, identity, action, changes) for identity, changes in rows]
        _INSERT.execute_all(ctx.connection, written)


def row_of(
    ctx: Context, writer: EntityWriter, identity: tuple[str, int], action: str, changes: Changes
) -> dict[str, Any]:
    """Return the row of history, without the fields that keep none."""
    shown = {}
    for name, (before, after) in changes.items():
        slot = writer.slots[name]
        if slot.field.history:
            shown[name] = [slot.json(before), slot.json(after)]
    return {
        "entity": writer.name,
        "record_id": identity[0],
        "version": identity[1],
        "at": ctx.now,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "door": ctx.door,
        "trace": ctx.trace,
        "action": action,
        "changes": shown,
    }


_RENAMES = {
    "sqlite": text(
        "UPDATE kith_history SET changes = json_set(json_remove(changes, '$.\"' || :was || '\"'), "
        "'$.\"' || :name || '\"', json(json_extract(changes, '$.\"' || :was || '\"'))) "
        "WHERE entity = :entity AND json_type(changes, '$.\"' || :was || '\"') IS NOT NULL"
    ),
    "postgresql": text(
        "UPDATE kith_history SET changes = (changes - :was) || jsonb_build_object(:name, changes -> :was) "
        "WHERE entity = :entity AND jsonb_exists(changes, :was)"
    ).bindparams(*(bindparam(name, type_=Text()) for name in ("was", "name"))),
}


def rename_field(connection: Connection, entity: str, old: str, new: str) -> None:
    """Write the entries of a field under its new name.

    Entries that another field left under the new name go aside under one that no field can have: nothing is lost, and
    they are not taken for this field's.
    """
    statement = _RENAMES[connection.dialect.name]
    for was, name in ((new, f"{new}@{old}"), (old, new)):
        connection.execute(statement, {"entity": entity, "was": was, "name": name})


def rename_target(connection: Connection, old: str, new: str) -> None:
    """Write the new name of an entity where changes of lookups to any of several tell of a record of it."""
    mentions = cast(HISTORY.c.changes, Text).contains(f'"{old}"', autoescape=True)
    for row in connection.execute(select(HISTORY.c.seq, HISTORY.c.changes).where(mentions)).all():
        changes = {name: [_pointing(side, old, new) for side in sides] for name, sides in row.changes.items()}
        if changes != row.changes:
            connection.execute(update(HISTORY).where(HISTORY.c.seq == row.seq).values(changes=changes))


def _pointing(value: Any, old: str, new: str) -> Any:
    if isinstance(value, Mapping) and value.keys() == {"entity", "id"} and value["entity"] == old:
        return {**value, "entity": new}
    return value


def since(ctx: Context, entity: str, record: str, version: int) -> list[Mapping[str, Any]]:
    """Return the rows of history after a version, oldest first."""
    query = (
        select(HISTORY)
        .where(HISTORY.c.entity == entity, HISTORY.c.record_id == record, HISTORY.c.version > version)
        .order_by(HISTORY.c.seq)
    )
    return [dict(row) for row in ctx.connection.execute(query).mappings()]
