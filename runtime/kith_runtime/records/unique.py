"""Uniqueness: told before the database refuses, so that the message names the field and all problems come at once.

The unique indexes of the database stay the last word: two writers that pass this check at the same moment meet there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.exc import IntegrityError

from kith_metadata.expressions import Checked, evaluate
from kith_metadata.kinds.entity import Key
from kith_platform.errors import Conflict
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.queueing import queue
from kith_runtime.records.writer import EntityWriter, Slot, writer_for
from kith_runtime.scopes import checked_expression, environment_of
from kith_runtime.tables import IndexDefinition, indexes_of
from kith_runtime.tables.folding import folded
from kith_runtime.tables.indexes import MOST_UNIQUE_BYTES

_CANDIDATES = 20
_SQLITE_REFUSAL = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))")


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """Fields that together are unique among live records, where the condition holds."""

    name: str
    slots: tuple[Slot, ...]
    where: Checked | None = None
    message: str = ""


def keys_of(ctx: Context, entity: str) -> tuple[UniqueKey, ...]:
    """Return the unique keys of an entity: single unique fields and external keys first, then its composite keys."""
    return ctx.published.compiled(("unique", entity), lambda: _compile(ctx, writer_for(ctx, entity)))


def _compile(ctx: Context, writer: EntityWriter) -> tuple[UniqueKey, ...]:
    single = [
        UniqueKey(slot.name, (slot,))
        for slot in writer.slots.values()
        if (slot.field.unique or slot.field.external_key) and slot.columns
    ]
    return (*single, *(_composite(ctx, writer, key) for key in writer.entity.keys.values()))


def _composite(ctx: Context, writer: EntityWriter, key: Key) -> UniqueKey:
    where = checked_expression(ctx.published, writer.name, key.where) if key.where else None
    return UniqueKey(key.name, tuple(writer.slots[name] for name in key.fields), where, key.message)


def check_unique(
    ctx: Context, writer: EntityWriter, values: Mapping[str, Any], record: str, changed: frozenset[str]
) -> list[FieldProblem]:
    """Return a problem for each key whose fields changed and that another live record holds already."""
    problems = []
    for key in keys_of(ctx, writer.name):
        if changed.isdisjoint(fields_of_key(key)) or not applies(ctx, writer, key, values):
            continue
        longest = too_long(key, values)
        if longest is not None:
            problems.append(longest)
            continue
        if key.where is not None:
            _queue(ctx, writer, key, values)
        if find_by_key(ctx, writer, key, values, record) is not None:
            problems.append(taken_problem(ctx, writer, key))
    return problems


def too_long(key: UniqueKey, values: Mapping[str, Any]) -> FieldProblem | None:
    """Return the problem that the texts of a key are longer than an index of PostgreSQL can hold."""
    sizes = {slot.name: len(text.encode()) for slot in key.slots if isinstance(text := values.get(slot.name), str)}
    size = sum(sizes.values())
    if size <= MOST_UNIQUE_BYTES:
        return None
    return FieldProblem(
        max(sizes, key=lambda name: sizes[name]),
        "too_long_for_unique",
        f"This must be unique, and so long a text cannot be: it takes {size:,} bytes, and {MOST_UNIQUE_BYTES:,} are"
        " the most.",
        "Shorten it. A plain letter takes one byte, a letter with a mark two, others up to four.",
    )


def fields_of_key(key: UniqueKey) -> set[str]:
    """The fields whose change may break the key: its own, and those that its condition reads."""
    own = {slot.name for slot in key.slots}
    return own if key.where is None else own | {path[0] for path in key.where.references}


def _queue(ctx: Context, writer: EntityWriter, key: UniqueKey, values: Mapping[str, Any]) -> None:
    """Let writers of the same values of a conditional key pass one by one.

    An index cannot hold every condition.
    """
    queue(ctx, [writer.name, key.name, *(str(slot.json(values.get(slot.name))).lower() for slot in key.slots)])


def find_by_key(
    ctx: Context, writer: EntityWriter, key: UniqueKey, values: Mapping[str, Any], besides: str = ""
) -> Mapping[str, Any] | None:
    """Return the row of the live record that has the key's values, or None; blank values match nothing."""
    conditions = [_equals(writer, slot, values.get(slot.name)) for slot in key.slots]
    if any(condition is None for condition in conditions):
        return None
    table = writer.table
    query = (
        writer.by_id.where(*[condition for condition in conditions if condition is not None])
        .where(table.c.deleted_at.is_(None), table.c.id != besides)
        .limit(_CANDIDATES)
    )
    for row in ctx.connection.execute(query).mappings():
        if key.where is None or applies(ctx, writer, key, writer.load(dict(row))):
            return dict(row)
    return None


def _equals(writer: EntityWriter, slot: Slot, value: Any) -> ColumnElement[bool] | None:
    """The condition that a column holds the value, as the unique index compares it; None for a blank value."""
    if value is None:
        return None
    column = writer.table.c[slot.columns[0]]
    stored = slot.type.store(value, slot.field)[0]
    if isinstance(stored, str) and folds_case(slot):
        return folded(column) == folded(literal(stored, Text()))
    matches: ColumnElement[bool] = column == stored
    return matches


def folds_case(slot: Slot) -> bool:
    """Tell whether the key ignores case: texts do unless the field says that case matters."""
    return slot.type.columns(slot.field)[0].kind == "text" and not slot.field.case_sensitive


def applies(ctx: Context, writer: EntityWriter, key: UniqueKey, values: Mapping[str, Any]) -> bool:
    """Tell whether a key counts for a record with these values: always, unless its condition does not hold."""
    if key.where is None:
        return True
    given = dict.fromkeys(writer.slots) | dict(values)
    return bool(evaluate(key.where, RecordValues(ctx, writer.name, given.get("id"), given), environment_of(ctx)))


def taken_problem(ctx: Context, writer: EntityWriter, key: UniqueKey) -> FieldProblem:
    """Return the problem that another record has the values of a key; fields closed to the actor are not named."""
    rights = rights_for(ctx, writer.name)
    named = [slot for slot in key.slots if slot.name in rights.readable | rights.editable]
    labels = " and ".join(slot.label for slot in named) or "value"
    message = key.message or f"Another {writer.noun} has this {labels} already."
    field = named[0].name if named else ""
    return FieldProblem(field, "not_unique", message, "Change it, or open the other record.")


def not_unique(ctx: Context, writer: EntityWriter, key: UniqueKey) -> ValidationFailed:
    """Return the error for values of a key that another record has."""
    return ValidationFailed([taken_problem(ctx, writer, key)])


def raise_for_race(ctx: Context, writer: EntityWriter, error: IntegrityError) -> NoReturn:
    """Raise the error that a person should see when the database itself refused a value as taken."""
    broken = _broken_index(ctx, writer, error)
    name = broken.key.partition(":")[2] if broken else ""
    key = next((key for key in keys_of(ctx, writer.name) if key.name == name), None)
    if key is not None:
        raise not_unique(ctx, writer, key) from error
    raise Conflict(
        "not_unique",
        "Another record with the same unique value was saved at the same moment.",
        "Look for the other record, or save again with another value.",
    ) from error


def _broken_index(ctx: Context, writer: EntityWriter, error: IntegrityError) -> IndexDefinition | None:
    """Return the unique index that refused a row.

    PostgreSQL tells its name. SQLite names an index of expressions, and for one of plain columns it lists these. An
    index keeps its name when a field is renamed, so the mark of its contents at the end counts, not the words before.
    """
    definitions: tuple[IndexDefinition, ...] = ctx.published.compiled(
        ("unique indexes", writer.name),
        lambda: _unique_indexes(ctx, writer),
    )
    told = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    said = _SQLITE_REFUSAL.fullmatch(str(error.orig)) if told is None else None
    name = told or (said["index"] if said else None)
    if name:
        return next((each for each in definitions if each.name.rpartition("_")[2] == name.rpartition("_")[2]), None)
    columns = said["columns"].split(", ") if said else []
    plain = [
        (each, [f"{writer.table.name}.{part.column}" for part in each.columns if part.fold in ("", "folded")])
        for each in definitions
    ]
    return next((each for each, listed in plain if len(listed) == len(each.columns) and listed == columns), None)


def _unique_indexes(ctx: Context, writer: EntityWriter) -> tuple[IndexDefinition, ...]:
    stored = ctx.published.storage.entity(writer.name)
    return tuple(each for each in indexes_of(ctx.snapshot, stored, writer.name) if each.unique)
