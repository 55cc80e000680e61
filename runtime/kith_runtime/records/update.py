"""Change a record, with optimistic locking per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import update as update_statement
from sqlalchemy.exc import IntegrityError

from kith_metadata.values import Reference
from kith_platform.database.prepared import Prepared
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.marks.store import followers_of
from kith_runtime.personal.notices import FOLLOWED, notify, tell_new_owner
from kith_runtime.records import history
from kith_runtime.records.checks import check_record
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.conflicts import check_version
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.files import bind_files
from kith_runtime.records.indexing import index
from kith_runtime.records.links import write_links
from kith_runtime.records.read import Current, load_current, shown
from kith_runtime.records.record import Record
from kith_runtime.records.rule_actions import apply_actions
from kith_runtime.records.sign_in import follow_change, login_problems
from kith_runtime.records.telling import told
from kith_runtime.records.unique import raise_for_race
from kith_runtime.records.values import Source, parse_values
from kith_runtime.records.writer import EntityWriter, writer_for
from kith_runtime.tables.overflow import bound, parameters


@dataclass(frozen=True, slots=True)
class PreparedUpdate:
    """A checked change: the record as it was and the values that differ."""

    writer: EntityWriter
    current: Current
    changes: Mapping[str, Any]
    by_rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that somebody asks for: the record, raw values by field, and the version that they had read."""

    id: str
    changes: Mapping[str, Any]
    version: int | None = None
    source: Source = "json"


def update(ctx: Context, entity: str, record: str, changes: Mapping[str, Any], *, version: int | None = None) -> Record:
    """Change some fields of a record and return it as saved.

    ``version`` is the one that the caller had read. When others changed other fields since, both changes are kept; when
    they changed the same ones, :class:`VersionConflict` shows each with both values. Without it the last writer wins.
    Values that are the same as before change nothing: no version, no history.
    """
    return save_edit(ctx, entity, Edit(record, changes, version))


def save_edit(ctx: Context, entity: str, edit: Edit) -> Record:
    """Check and write a change; raises :class:`ValidationFailed` with every problem."""
    prepared, problems = prepare_update(ctx, entity, edit)
    if problems:
        raise ValidationFailed(problems)
    return apply_update(ctx, prepared)


def prepare_update(ctx: Context, entity: str, edit: Edit) -> tuple[PreparedUpdate, list[FieldProblem]]:
    """Parse and check a change without writing it; the record is locked for the transaction."""
    writer = writer_for(ctx, entity)
    current = load_current(ctx, writer, edit.id, "update")
    draft, problems = drafted(ctx, writer, current, edit)
    problems += check_record(ctx, writer, draft)
    return prepared_update(writer, draft), told(ctx, writer, problems)


def prepared_update(writer: EntityWriter, draft: Draft) -> PreparedUpdate:
    """Return what is to be written of a draft that has been checked."""
    changes = {name: value for name, value in draft.values.items() if name in draft.changed}
    return PreparedUpdate(writer, draft.current, changes, frozenset(draft.by_rules))


def drafted(ctx: Context, writer: EntityWriter, current: Current, edit: Edit) -> tuple[Draft, list[FieldProblem]]:
    """Return a record as it would be after a change, with what its rules set, and what cannot be read or done so."""
    rights = rights_for(ctx, writer.name)
    # Whether a change changes anything would tell the value of a field that another role lets create but not read.
    parsed = parse_values(ctx, writer, edit.changes, rights.editable & rights.readable, edit.source)
    wanted = {name: value for name, value in parsed.values.items() if value != current.values.get(name)}
    if edit.version is not None and edit.version != current.version and wanted:
        check_version(ctx, writer, current, edit.version, wanted)
    problems = parsed.problems
    unknown = frozenset(problem.field for problem in problems)
    draft = Draft(current, current.values | wanted, frozenset(wanted), unknown)
    if wanted:
        problems += apply_actions(ctx, writer, draft)
    after = draft.values
    wanted |= {name: after[name] for name in draft.by_rules}
    draft.changed = frozenset(name for name in wanted if wanted[name] != current.values.get(name))
    wanted = {name: wanted[name] for name in wanted if name in draft.changed}
    problems += _fixed_parents(writer, current, wanted)
    problems += login_problems(ctx, writer.name, current.id, wanted)
    return draft, problems


def _fixed_parents(writer: EntityWriter, current: Current, wanted: Mapping[str, Any]) -> list[FieldProblem]:
    """A child never moves to another parent unless its lookup allows it."""
    return [
        FieldProblem(name, "fixed_parent", f"{writer.slots[name].label} cannot be changed.", "Make a new one there.")
        for name in wanted
        if getattr(writer.slots[name].field.options, "parent", False)
        and not getattr(writer.slots[name].field.options, "reparent", False)
        and current.values.get(name) is not None
    ]


def apply_update(ctx: Context, prepared: PreparedUpdate, action: str = "update") -> Record:
    """Write a checked change with its links, history and search texts."""
    writer, current, changes = prepared.writer, prepared.current, prepared.changes
    after = current.values | dict(changes)
    if not changes:
        return Record(writer.name, current.id, current.version, shown(ctx, writer, after))
    system = system_of(ctx, current)
    _write_row(ctx, prepared)
    for slot in (writer.slots[name] for name in changes):
        if slot.link is not None:
            write_links(ctx, slot, current.id, changes[slot.name])
    before_after = {name: (current.values.get(name), value) for name, value in changes.items()}
    history.append(ctx, writer, (current.id, current.version + 1), action, before_after)
    bind_files(ctx, writer, current.id, changes, frozenset(changes))
    index(ctx, writer, current.id, after, frozenset(changes))
    follow_change(ctx, writer.name, current.id, changes)
    tell_new_owner(ctx, (writer.name, current.id), current.values, changes)
    if current.is_followed:
        notify(ctx, FOLLOWED, (writer.name, current.id), followers_of(ctx, current.id))
    change = Change(writer.name, (current.id,), frozenset(changes), former_of(current, changes), after)
    followed = follow(ctx, (change,)).get(writer.name, {}).get(current.id, {})
    return Record(writer.name, current.id, current.version + 1, shown(ctx, writer, after | system | followed))


def system_of(ctx: Context, current: Current) -> dict[str, Any]:
    """Return the system fields of a record after a change by the actor."""
    return {"version": current.version + 1, "updated_at": ctx.now, "updated_by": ctx.actor.id or None}


def former_of(current: Current, changes: Mapping[str, Any]) -> Mapping[str, Sequence[Any]]:
    """Return what changed lookups pointed to before; of a many-to-many lookup each record."""
    found: dict[str, Sequence[Any]] = {}
    for name in changes:
        value = current.values.get(name)
        if isinstance(value, (str, Reference)):
            found[name] = (value,)
        elif isinstance(value, (tuple, list)):
            found[name] = tuple(value)
    return found


def row_of(ctx: Context, prepared: PreparedUpdate) -> Mapping[str, Any]:
    """Return the parameters of the statement that writes the row of a checked change."""
    row = system_of(ctx, prepared.current)
    for name, value in prepared.changes.items():
        row.update(prepared.writer.slots[name].store(value))
    return parameters(prepared.writer.table, row)


def writing(ctx: Context, writer: EntityWriter, columns: tuple[str, ...]) -> Prepared:
    """Return the statement that writes some columns of the record ``kith_id``, compiled once for each snapshot."""
    return ctx.published.compiled(
        ("update", writer.name, columns),
        lambda: Prepared(
            update_statement(writer.table)
            .where(writer.table.c.id == bindparam("kith_id"))
            .values(bound(writer.table, columns))
        ),
    )


def _write_row(ctx: Context, prepared: PreparedUpdate) -> None:
    row = row_of(ctx, prepared)
    try:
        writing(ctx, prepared.writer, tuple(row)).execute(ctx.connection, {**row, "kith_id": prepared.current.id})
    except IntegrityError as error:
        raise_for_race(ctx, prepared.writer, error)
