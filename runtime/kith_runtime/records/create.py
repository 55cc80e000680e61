"""Create a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from kith_platform.errors import Forbidden
from kith_platform.ids import new_id
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.personal.notices import tell_new_owner
from kith_runtime.records import history
from kith_runtime.records.checks import check_record
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.counters import next_number
from kith_runtime.records.defaults import apply_defaults
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.files import bind_files
from kith_runtime.records.idempotency import once
from kith_runtime.records.indexing import index_new
from kith_runtime.records.links import write_links
from kith_runtime.records.read import NEW, shown
from kith_runtime.records.record import Record
from kith_runtime.records.rule_actions import apply_actions
from kith_runtime.records.stamp import bump_access_stamp
from kith_runtime.records.telling import told
from kith_runtime.records.unique import raise_for_race
from kith_runtime.records.values import Source, parse_values
from kith_runtime.records.writer import EntityWriter, writer_for
from kith_runtime.tables.overflow import packed


@dataclass(frozen=True, slots=True)
class PreparedCreate:
    """A checked new record: its values by field, before it has numbers and an id."""

    writer: EntityWriter
    values: dict[str, Any]


def create(
    ctx: Context,
    entity: str,
    values: Mapping[str, Any],
    *,
    source: Source = "json",
    idempotency_key: str | None = None,
) -> Record:
    """Create a record of raw values and return it as saved.

    ``idempotency_key`` makes a create that is sent again give the record that it made the first time. Raises
    :class:`Forbidden`, :class:`ValidationFailed` with every problem, or :class:`KeyReused`.
    """
    if idempotency_key is None:
        return _create(ctx, entity, values, source)
    return once(ctx, entity, (idempotency_key, values), lambda chosen: _create(ctx, entity, values, source, chosen))


def _create(ctx: Context, entity: str, values: Mapping[str, Any], source: Source, id: str = "") -> Record:
    prepared, problems = prepare_create(ctx, entity, values, source)
    if problems:
        raise ValidationFailed(problems)
    return insert_record(ctx, prepared, id)


def prepare_create(
    ctx: Context, entity: str, values: Mapping[str, Any], source: Source, pending: frozenset[str] = frozenset()
) -> tuple[PreparedCreate, list[FieldProblem]]:
    """Parse and check a new record without writing it.

    ``pending`` names fields whose record is saved later, such as the parent of a child row that is saved with its
    parent; whether they point to something is not checked here.
    """
    writer = writer_for(ctx, entity)
    rights = rights_for(ctx, entity)
    if not rights.create:
        raise Forbidden("create_forbidden", f"You may not create {writer.entity.plural or writer.entity.label}.")
    parsed = parse_values(ctx, writer, values, rights.editable, source)
    problems = parsed.problems + apply_defaults(ctx, writer, parsed.values, values)
    broken = {problem.field for problem in problems}
    changed = frozenset(writer.slots) - broken - pending
    draft = Draft(NEW, parsed.values, changed, frozenset(broken | (pending - parsed.values.keys())))
    problems += apply_actions(ctx, writer, draft)
    problems += check_record(ctx, writer, draft)
    return PreparedCreate(writer, parsed.values), told(ctx, writer, problems)


def insert_record(ctx: Context, prepared: PreparedCreate, id: str = "") -> Record:
    """Write a checked record with its links, history and search texts; ``id`` is one that was given out already."""
    writer, values = prepared.writer, prepared.values
    record = id or new_id(ctx.clock)
    for slot in writer.auto_numbers:
        values[slot.name] = next_number(ctx, writer, slot)
    row = _row(ctx, writer, record, values)
    try:
        writer.insert.execute(ctx.connection, row)
    except IntegrityError as error:
        raise_for_race(ctx, writer, error)
    for slot in writer.links:
        if values.get(slot.name):
            write_links(ctx, slot, record, values[slot.name], new=True)
    changes = {name: (None, value) for name, value in values.items() if value is not None}
    history.append(ctx, writer, (record, 1), "create", changes)
    bind_files(ctx, writer, record, values, frozenset(changes))
    index_new(ctx, writer, record, values)
    bump_access_stamp(ctx, writer.name)
    tell_new_owner(ctx, (writer.name, record), {}, values)
    followed = follow(ctx, (Change(writer.name, (record,), values=values),)).get(writer.name, {}).get(record, {})
    system = {name: row[name] for name in ("id", "version", "created_at", "created_by", "updated_at", "updated_by")}
    saved = shown(ctx, writer, dict.fromkeys(writer.slots) | values | system | followed)
    return Record(writer.name, record, 1, saved, created=True)


def _row(ctx: Context, writer: EntityWriter, record: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = ctx.actor.id or None
    row: dict[str, Any] = {
        "id": record,
        "version": 1,
        "created_at": ctx.now,
        "created_by": actor,
        "updated_at": ctx.now,
        "updated_by": actor,
        "deleted_at": None,
        "deletion": None,
    }
    for slot in writer.slots.values():
        row.update(slot.store(values.get(slot.name)))
    return packed(writer.table, row)
