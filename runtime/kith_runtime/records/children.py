"""Save a record together with the child rows that its form shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kith_runtime.context import Context
from kith_runtime.records.create import insert_record, prepare_create
from kith_runtime.records.delete import delete
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.record import Record
from kith_runtime.records.update import Edit, apply_update, prepare_update
from kith_runtime.records.values import Source


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One row of a form's child table: new without ``id``, taken away with ``remove``."""

    values: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    version: int | None = None
    remove: bool = False


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

    Problems of the parent and of every row are raised together; those of rows are named ``lines.0.quantity``.
    """
    creating = not form.id
    problems: list[FieldProblem] = []
    if creating:
        new, problems = prepare_create(ctx, form.entity, form.values, source)
    else:
        old, problems = prepare_update(ctx, form.entity, Edit(form.id, form.values, form.version, source))
    problems = problems + _row_problems(ctx, form, source)
    if problems:
        raise ValidationFailed(problems)
    parent = insert_record(ctx, new, form.new_id) if creating else apply_update(ctx, old)
    for table in form.children:
        _save_rows(ctx, table, parent.id, source)
    return parent


def _row_problems(ctx: Context, form: Save, source: Source) -> list[FieldProblem]:
    problems: list[FieldProblem] = []
    for table in form.children:
        for number, row in enumerate(table.rows):
            if row.remove:
                continue
            found = (
                prepare_update(ctx, table.entity, Edit(row.id, row.values, row.version, source))[1]
                if row.id
                else prepare_create(ctx, table.entity, row.values, source, frozenset({table.by}))[1]
            )
            problems.extend(problem.inside(f"{table.name}.{number}") for problem in found)
    return problems


def _save_rows(ctx: Context, table: ChildRows, parent: str, source: Source) -> None:
    for number, row in enumerate(table.rows):
        if row.remove:
            if row.id:
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
        if problems:
            raise ValidationFailed([problem.inside(f"{table.name}.{number}") for problem in problems])
