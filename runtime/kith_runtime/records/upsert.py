"""Create or change a record found by a key of its own or of another system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_metadata.registry import nearest
from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.records.create import create
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.record import Record
from kith_runtime.records.unique import UniqueKey, find_by_key, keys_of
from kith_runtime.records.update import Edit, save_edit
from kith_runtime.records.values import Source, parse_values
from kith_runtime.records.writer import EntityWriter, writer_for


def upsert(ctx: Context, entity: str, key: str, values: Mapping[str, Any], *, source: Source = "json") -> Record:
    """Change the live record that has the values of ``key``, or create it when there is none.

    ``key`` is a unique field or a composite key of the entity; ``values`` must hold all of its fields. Sending the same
    values twice changes nothing the second time.
    """
    writer = writer_for(ctx, entity)
    chosen = _key(ctx, writer, key)
    wanted = {slot.name: values[slot.name] for slot in chosen.slots if slot.name in values}
    parsed = parse_values(ctx, writer, wanted, rights_for(ctx, entity).readable, source)
    problems = parsed.problems + [
        FieldProblem(slot.name, "key_missing", f"{slot.label} is part of the key and is missing.", "Send it.")
        for slot in chosen.slots
        if parsed.values.get(slot.name) is None and slot.name not in {item.field for item in parsed.problems}
    ]
    if problems:
        raise ValidationFailed(problems)
    row = find_by_key(ctx, writer, chosen, parsed.values)
    if row is None:
        return create(ctx, entity, values, source=source)
    changes = {name: value for name, value in values.items() if name not in wanted}
    return save_edit(ctx, entity, Edit(row["id"], changes, source=source))


def _key(ctx: Context, writer: EntityWriter, name: str) -> UniqueKey:
    keys = {key.name: key for key in keys_of(ctx, writer.name)}
    if name not in keys:
        suggestion = nearest(name, tuple(keys))
        known = ", ".join(sorted(keys)) or "none"
        raise Invalid(
            "unknown_key",
            f"{writer.entity.label} has no key '{name}'.",
            f"Did you mean '{suggestion}'?" if suggestion else f"Its keys are: {known}.",
            "key",
        )
    return keys[name]
