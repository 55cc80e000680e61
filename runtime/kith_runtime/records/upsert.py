"""Create or change a record found by a key of its own or of another system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.registry import nearest
from kith_platform.errors import Conflict, Invalid, NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.records.create import insert_record, prepare_create
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.record import Record
from kith_runtime.records.unique import UniqueKey, applies, find_by_key, keys_of, not_unique
from kith_runtime.records.update import Edit, apply_update, prepare_update
from kith_runtime.records.values import Source, parse_values
from kith_runtime.records.writer import EntityWriter, writer_for


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an upsert is about: the key, its parsed values, and all raw values as they were sent."""

    writer: EntityWriter
    key: UniqueKey
    found_by: Mapping[str, Any]
    values: Mapping[str, Any]
    source: Source


def upsert(ctx: Context, entity: str, key: str, values: Mapping[str, Any], *, source: Source = "json") -> Record:
    """Change the live record that has the values of ``key``, or create it when there is none.

    ``key`` is a unique field or a composite key of the entity; ``values`` must hold all of its fields. Sending the same
    values twice changes nothing the second time, and of two at the same moment one creates and the other changes. A key
    with a condition finds the records for which it holds; values that do not meet it are refused, for their record
    could not be found again and every call would make another one.
    """
    writer = writer_for(ctx, entity)
    chosen = _key(ctx, writer, key)
    named = {slot.name: values[slot.name] for slot in chosen.slots if slot.name in values}
    parsed = parse_values(ctx, writer, named, rights_for(ctx, entity).readable, source)
    problems = parsed.problems + [
        FieldProblem(slot.name, "key_missing", f"{slot.label} is part of the key and is missing.", "Send it.")
        for slot in chosen.slots
        if parsed.values.get(slot.name) is None and slot.name not in {item.field for item in parsed.problems}
    ]
    if problems:
        raise ValidationFailed(problems)
    wanted = _Wanted(writer, chosen, parsed.values, values, source)
    row = find_by_key(ctx, writer, chosen, parsed.values)
    if row is not None:
        return _change(ctx, wanted, row["id"])
    try:
        with ctx.connection.begin_nested():
            return _make(ctx, wanted)
    except (ValidationFailed, Conflict):
        # Another writer may have made the record since we looked; the database let it finish first.
        row = find_by_key(ctx, writer, chosen, parsed.values)
        if row is None:
            raise
    return _change(ctx, wanted, row["id"])


def _make(ctx: Context, wanted: _Wanted) -> Record:
    prepared, problems = prepare_create(ctx, wanted.writer.name, wanted.values, wanted.source)
    if problems:
        raise ValidationFailed(problems)
    _require_condition(ctx, wanted, prepared.values)
    return insert_record(ctx, prepared)


def _change(ctx: Context, wanted: _Wanted, record: str) -> Record:
    changes = {name: value for name, value in wanted.values.items() if name not in wanted.found_by}
    try:
        prepared, problems = prepare_update(ctx, wanted.writer.name, Edit(record, changes, source=wanted.source))
    except NotFound:
        # The record is there, but not for these eyes: a create would be told the same.
        raise not_unique(ctx, wanted.writer, wanted.key) from None
    if problems:
        raise ValidationFailed(problems)
    _require_condition(ctx, wanted, prepared.current.values | dict(prepared.changes))
    return apply_update(ctx, prepared)


def _require_condition(ctx: Context, wanted: _Wanted, values: Mapping[str, Any]) -> None:
    if applies(ctx, wanted.writer, wanted.key, values):
        return
    field = wanted.key.slots[0].name
    message = f"With these values the key {wanted.key.name} does not count, so the record could not be found again."
    hint = "Change the values, or create or change the record by its id."
    raise ValidationFailed([FieldProblem(field, "key_does_not_apply", message, hint)])


def _key(ctx: Context, writer: EntityWriter, name: str) -> UniqueKey:
    """Return a key of which the actor may read every field; one that they may not is as unknown as one that is not."""
    readable = rights_for(ctx, writer.name).readable
    keys = {key.name: key for key in keys_of(ctx, writer.name) if readable.issuperset(slot.name for slot in key.slots)}
    if name not in keys:
        suggestion = nearest(name, tuple(keys))
        known = ", ".join(sorted(keys)) or "none"
        raise Invalid(
            "unknown_key",
            f"{writer.entity.label} has no key '{name[:80]}'.",
            f"Did you mean '{suggestion}'?" if suggestion else f"Its keys are: {known}.",
            "key",
        )
    return keys[name]
