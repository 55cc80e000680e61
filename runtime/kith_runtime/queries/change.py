"""One saved change of a record, with the records in its lookups as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_runtime.access.rights import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.titling import title_question

HIDDEN_RECORD = "Hidden record"
"""What stands in a history for a record that the reader may not see."""


@dataclass(frozen=True, slots=True)
class Change:
    """One saved change: ``changes`` maps fields to what they held before and after, as the API shows values.

    ``hidden`` counts changed fields that the reader may not see. ``seq`` is the place in time: smaller is earlier.
    """

    seq: int
    at: datetime
    actor_id: str
    actor_name: str
    door: str
    action: str
    version: int
    changes: Mapping[str, tuple[Any, Any]]
    hidden: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the change as the API shows it."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "actor": {"id": self.actor_id, "name": self.actor_name},
            "door": self.door,
            "action": self.action,
            "version": self.version,
            "changes": {name: {"from": before, "to": after} for name, (before, after) in self.changes.items()},
            "hidden": self.hidden,
        }


def without_hidden(ctx: Context, entity: str, changes: Sequence[Change]) -> list[Change]:
    """Return changes of records of an entity with the ids of records that the actor may not see taken out.

    A history keeps every id that a lookup held; whether there is such a record is as hidden as the record itself. Costs
    one query for each entity that occurs.
    """
    if ctx.actor.is_system:
        return list(changes)
    pointing = {name: field for name, field in fields_of(ctx.snapshot, entity).items() if _points(field)}
    wanted: dict[str, set[str]] = {}
    for change in changes:
        for name in change.changes.keys() & pointing.keys():
            for target, record in _pointers(pointing[name], change.changes[name]):
                wanted.setdefault(target, set()).add(record)
    seen = {(target, record) for target, ids in wanted.items() for record in _seen(ctx, target, sorted(ids))}
    return [replace(change, changes=_shown(pointing, change.changes, seen)) for change in changes]


def _points(field: Field) -> bool:
    return field.type in ("lookups", "any_lookup") or bool(target_entity(field))


def _target(field: Field) -> str:
    return str(field.options.to) if field.type == "lookups" else target_entity(field)


def _pointers(field: Field, values: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for value in values:
        if isinstance(value, Mapping):
            yield str(value.get("entity", "")), str(value.get("id", ""))
        elif value is not None:
            for item in value if isinstance(value, list) else [value]:
                yield _target(field), str(item)


def _seen(ctx: Context, entity: str, ids: Sequence[str]) -> Iterator[str]:
    if ctx.snapshot.has("entity", entity) and rights_for(ctx, entity).visible:
        yield from title_question(ctx, entity, "id", ids)


def _shown(
    pointing: Mapping[str, Field], values: Mapping[str, tuple[Any, Any]], seen: set[tuple[str, str]]
) -> dict[str, tuple[Any, Any]]:
    return {
        name: (_value(pointing[name], before, seen), _value(pointing[name], after, seen))
        if name in pointing
        else (before, after)
        for name, (before, after) in values.items()
    }


def _value(field: Field, value: Any, seen: set[tuple[str, str]]) -> Any:
    if isinstance(value, list):
        return [_value(field, item, seen) for item in value]
    return HIDDEN_RECORD if any(pointer not in seen for pointer in _pointers(field, [value])) else value
