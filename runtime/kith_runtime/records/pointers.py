"""Which lookups point at an entity, and what happens to their records when a record is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_metadata.snapshot import Snapshot
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.storage import SYSTEM_COLUMNS


@dataclass(frozen=True, slots=True)
class Pointer:
    """A lookup field of ``entity`` that may point at a record; ``polymorphic`` ones name the entity beside the id."""

    entity: str
    field: str
    on_delete: str
    polymorphic: bool


def pointers_at(ctx: Context, entity: str) -> tuple[Pointer, ...]:
    """Return every lookup that may point at the entity, in the order of entity and field names."""
    found: Mapping[str, tuple[Pointer, ...]] = ctx.published.compiled(
        ("pointers",), lambda: _all_pointers(ctx.snapshot)
    )
    return found.get(entity, ())


def _all_pointers(snapshot: Snapshot) -> Mapping[str, tuple[Pointer, ...]]:
    found: dict[str, list[Pointer]] = {}
    with_activities = [name for name in snapshot.entities() if snapshot.entity(name).activities]
    for name in snapshot.entities():
        for field in fields_of(snapshot, name).values():
            # Who made or changed a record stays written there when that person goes.
            if field.name in SYSTEM_COLUMNS:
                continue
            if field.type == "lookup":
                options = field.options
                rule = "cascade" if options.parent else options.on_delete
                found.setdefault(options.to, []).append(Pointer(name, field.name, rule, False))
            elif field.type == "any_lookup":
                targets = [*field.options.to, *(with_activities if field.options.activities else ())]
                for target in dict.fromkeys(targets):
                    found.setdefault(target, []).append(Pointer(name, field.name, field.options.on_delete, True))
    return {target: tuple(pointers) for target, pointers in found.items()}
