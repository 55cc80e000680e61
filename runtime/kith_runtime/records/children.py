"""Save a record together with the child rows that its form shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from kith_platform.errors import Forbidden, NotFound
from kith_platform.ids import new_id
from kith_runtime.context import Context
from kith_runtime.records.create import PreparedCreate, insert_record, prepare_create
from kith_runtime.records.delete import delete, deletion_refusals
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem, RowGone, RowsConflict, ValidationFailed, VersionConflict
from kith_runtime.records.history import since
from kith_runtime.records.lists_ahead import Lists, Waiting
from kith_runtime.records.read import NEW, load_current
from kith_runtime.records.record import Record
from kith_runtime.records.restore import restore
from kith_runtime.records.update import Edit, PreparedUpdate, apply_update, prepare_update
from kith_runtime.records.values import Source
from kith_runtime.records.writer import writer_for
from kith_runtime.storage import SYSTEM_COLUMNS


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One row of a form's child table: new without ``id``, taken away with ``remove``.

    With ``back`` a row that somebody deleted comes out of the recycle bin first.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    version: int | None = None
    remove: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class ChildRows:
    """The rows of one child table: the element's name in the form, the child entity and its lookup to the parent."""

    name: str
    entity: str
    by: str
    rows: Sequence[ChildRow]


@dataclass(frozen=True, slots=True)
class Save:
    """A form that was sent: the record (new without ``id``), its values, and its child tables."""

    entity: str
    values: Mapping[str, Any]
    id: str = ""
    version: int | None = None
    children: Sequence[ChildRows] = ()
    new_id: str = ""
    """The id that a new record gets, where it was given out already."""


def save(ctx: Context, form: Save, *, source: Source = "form") -> Record:
    """Save a record and its child rows in one transaction, or nothing of it.

    Problems of the parent and of every row are raised together; those of rows are named ``lines.0.quantity``. Rows
    that somebody changed or deleted after the version that they name raise :class:`RowsConflict`, also those that are
    to be taken away; what is to be taken away and is gone already is as it should be.
    """
    creating = not form.id
    problems: list[FieldProblem] = []
    coming = frozenset((table.entity, table.by) for table in form.children if table.rows)
    ahead = replace(ctx, coming=coming)
    if creating:
        new, problems = prepare_create(ahead, form.entity, form.values, source)
        identity = form.new_id or new_id(ctx.clock)
        after = dict.fromkeys((*SYSTEM_COLUMNS, *new.writer.slots)) | new.values | {"id": identity}
    else:
        old, problems = prepare_update(ahead, form.entity, Edit(form.id, form.values, form.version, source))
        identity, after = form.id, old.current.values | dict(old.changes)
    # Rows are judged by the record as it will be, also when it is refused itself: all problems are told together.
    judging = replace(ctx, pending={**ctx.pending, (form.entity, identity): after})
    found, conflicts = _row_problems(judging, form, identity, source)
    if conflicts:
        raise RowsConflict(conflicts, 0 if creating else old.current.version)
    problems = problems + found
    if problems:
        raise ValidationFailed(problems)
    waiting = _waiting(ctx, new if creating else old, coming) if coming else None
    parent = insert_record(ctx, new, identity) if creating else apply_update(ctx, old)
    problems = [problem for table in form.children for problem in _save_rows(ctx, table, parent.id, source)]
    problems += waiting.problems(parent.id) if waiting is not None else []
    if problems:
        raise ValidationFailed(problems)
    return parent


def _waiting(ctx: Context, prepared: PreparedCreate | PreparedUpdate, coming: Lists) -> Waiting:
    """Return what can be judged of the record only when its rows are saved."""
    writer = prepared.writer
    if isinstance(prepared, PreparedUpdate):
        values = prepared.current.values | dict(prepared.changes)
        draft = Draft(prepared.current, values, frozenset(prepared.changes), by_rules=set(prepared.by_rules))
    else:
        draft = Draft(NEW, dict(prepared.values), frozenset(writer.slots))
    return Waiting(ctx, writer, draft, coming)


def _row_problems(
    ctx: Context, form: Save, parent: str, source: Source
) -> tuple[list[FieldProblem], dict[str, VersionConflict]]:
    problems: list[FieldProblem] = []
    conflicts: dict[str, VersionConflict] = {}
    for table in form.children:
        for number, row in enumerate(table.rows):
            place = f"{table.name}.{number}"
            try:
                problems += [problem.inside(place) for problem in _problems_of(ctx, table, row, parent, source)]
            except VersionConflict as conflict:
                conflicts[place] = conflict
            except NotFound as missing:
                if row.remove:
                    continue
                gone = _gone(ctx, table.entity, row)
                if gone is not None:
                    conflicts[place] = gone
                    continue
                hint = "Remove this row; add it again if it is still needed."
                problems.append(
                    FieldProblem(next(iter(row.values), ""), missing.code, missing.message, hint).inside(place)
                )
    return problems, conflicts


def _gone(ctx: Context, entity: str, row: ChildRow) -> RowGone | None:
    """Return who put a row into the recycle bin; None for a row that the actor would not see there."""
    writer = writer_for(ctx, entity)
    try:
        current = load_current(ctx, writer, row.id, "update", deleted=True)
    except (NotFound, Forbidden):
        return None
    try:
        load_current(ctx, writer, row.id, "delete", deleted=True)
        returnable = True
    except Forbidden:
        returnable = False
    last = next(iter(reversed(since(ctx, entity, row.id, current.version - 1))), None)
    who = (last["actor_name"], last["at"]) if last is not None else ("", None)
    # History tells field by field what was changed before the delete; without one the row is taken as it comes back.
    version = row.version if writer.entity.history and row.version is not None else current.version + 1
    return RowGone(writer.noun, version, who, returnable=returnable)


def _problems_of(ctx: Context, table: ChildRows, row: ChildRow, parent: str, source: Source) -> list[FieldProblem]:
    if row.remove:
        return deletion_refusals(ctx, table.entity, row.id, row.version) if row.id else []
    if row.back:
        with suppress(NotFound):
            restore(ctx, table.entity, row.id)
    if row.id:
        return prepare_update(ctx, table.entity, Edit(row.id, row.values, row.version, source))[1]
    values = {**row.values, table.by: parent}
    return prepare_create(ctx, table.entity, values, source, frozenset({table.by}))[1]


def _save_rows(ctx: Context, table: ChildRows, parent: str, source: Source) -> Iterator[FieldProblem]:
    """Save the rows of a table; yield what only shows when the parent and the rows before are saved."""
    for number, row in enumerate(table.rows):
        if row.remove:
            if row.id:
                with suppress(NotFound):
                    delete(ctx, table.entity, row.id)
            continue
        if row.id:
            old, problems = prepare_update(ctx, table.entity, Edit(row.id, row.values, row.version, source))
            if not problems:
                apply_update(ctx, old)
        else:
            new, problems = prepare_create(ctx, table.entity, {**row.values, table.by: parent}, source)
            if not problems:
                insert_record(ctx, new)
        yield from (problem.inside(f"{table.name}.{number}") for problem in problems)
