"""Save what a form sent: the record with its child rows in one step, once, and only what the person touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kith_platform.errors import KithError
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.records import ChildRow, ChildRows, FieldProblem, Record, RowsConflict, Save, ValidationFailed
from kith_runtime.records.idempotency import once
from kith_runtime.screens.controls import Sent, digest
from kith_runtime.screens.form_alike import ANYWAY, require_alone
from kith_runtime.screens.form_conflicts import read_cards
from kith_runtime.screens.form_row_conflicts import ROW, read_whole_cards
from kith_runtime.screens.form_shape import FormShape, RowsPart, form_shape, must_have
from kith_runtime.screens.form_state import (
    FormState,
    RowState,
    TableState,
    is_untouched,
    read_state,
    row_changes,
)

_CHOOSE = "Keep yours or take theirs."
_PASSING = frozenset({"csrf_token", "_after", ANYWAY})


@dataclass(frozen=True, slots=True)
class Sending:
    """A form that came in: which record (none for a new one), its inputs, and the files that were stored with it."""

    entity: str
    record: str
    sent: Sent
    files: Mapping[str, str] = field(default_factory=dict)
    """Ids of the files that were uploaded with this sending, by field."""
    file_names: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, KithError] = field(default_factory=dict)
    """Uploads that could not be stored, by field."""
    new_id: str = ""
    """The id that a new record gets, where it was given out already."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A record as saved, and the labels of fields that the form still had and the entity no longer has."""

    record: Record
    left_out: Sequence[str] = ()
    trace: str = ""
    """Joins all that was changed, so that it can be taken back; empty when nothing was."""


def save_form(ctx: Context, sending: Sending) -> Saved:
    """Save a sent form on the snapshot of the context.

    Raises :class:`ValidationFailed` with every problem at once, those of texts and files included, and
    :class:`VersionConflict` when somebody changed the same fields. A form that is sent twice makes one record.
    """
    shape = form_shape(ctx, sending.entity, "edit" if sending.record else "new")
    key = "" if sending.record else "form:" + sending.sent.get("_token", "")[:64]
    mark = {name: sending.sent.getlist(name) for name in sending.sent if name not in _PASSING}
    absent: list[str] = []
    traces = [""]

    def make(new_id: str = "") -> Record:
        state, problems = take_in(ctx, shape, sending)
        record = _save(ctx, shape, replace(sending, new_id=new_id), (state, problems))
        absent.extend(left_out(shape, state))
        traces.append(ctx.trace)
        return record

    record = once(ctx, sending.entity, (key, mark), make) if len(key) > len("form:") else make()
    return Saved(record, absent, traces[-1])


def take_in(ctx: Context, shape: FormShape, sending: Sending) -> tuple[FormState, list[FieldProblem]]:
    """Return the state of a sent form with its files, and the problems that show without saving it."""
    state, problems = read_state(ctx, shape, sending.sent, sending.record)
    for name, stored in sending.files.items():
        if name in state.states:
            state.states[name].raw = stored
            state.states[name].title = sending.file_names.get(name, "")
            state.states[name].titles = {stored: state.states[name].title}
    for name, fault in sending.refused.items():
        if name in state.states:
            problems.append(FieldProblem(name, fault.code, fault.message, fault.hint))
    problems += [*_still_open(shape, sending.sent), *_rows_open(state, sending.sent)]
    problems += _missing_here(shape, state, {problem.field for problem in problems})
    return state, problems


def _still_open(shape: FormShape, sent: Sent) -> list[FieldProblem]:
    return [
        FieldProblem(name, "conflict_open", f"{card.by} changed {card.label} too.", _CHOOSE)
        for name, card in read_cards(sent).items()
        if name in shape.fields
    ]


def _rows_open(state: FormState, sent: Sent) -> list[FieldProblem]:
    cards, whole = read_cards(sent), read_whole_cards(sent)
    found = [
        FieldProblem(f"{name}.{place}.{ROW}", "conflict_open", about.said, "Keep it or leave it out.")
        for name, table in state.tables.items()
        for place, row in enumerate(table.rows)
        if (about := whole.get(f"{name}-{row.index}-{ROW}")) is not None
    ]
    return found + [
        FieldProblem(f"{name}.{place}.{column}", "conflict_open", f"{card.by} changed {card.label} too.", _CHOOSE)
        for name, table in state.tables.items()
        for place, row in enumerate(table.rows)
        for column in row.states
        if not row.remove and (card := cards.get(f"{name}-{row.index}-{column}")) is not None
    ]


def _missing_here(shape: FormShape, state: FormState, broken: set[str]) -> list[FieldProblem]:
    """Return the fields that this form alone asks for; what the entity asks for is checked by the records door."""
    return [
        FieldProblem(part.name, "required", f"{part.label} is missing.", "Fill it in.")
        for part in shape.editable
        if part.required
        and not must_have(part.field)
        and part.name not in broken
        and field_types[part.field.type].blank(state.states[part.name].raw)
    ]


def left_out(shape: FormShape, state: FormState) -> tuple[str, ...]:
    """Return the names of fields that the form had when it was drawn and that are not for this person any more."""
    known = {part.name for part in shape.editable}
    return tuple(name.replace("_", " ").capitalize() for name in state.before if name not in known)


def _save(ctx: Context, shape: FormShape, sending: Sending, taken: tuple[FormState, list[FieldProblem]]) -> Record:
    state, problems = taken
    broken = {problem.field for problem in problems}
    tables = {name: _ChildTable.of(shape.rows[name], state.tables[name]) for name in shape.rows}
    values = {name: raw for name, raw in _values(shape, sending, state).items() if name not in broken}
    rows = [table.rows() for table in tables.values() if table.sent]
    form = Save(sending.entity, values, sending.record, state.version, rows, sending.new_id)
    try:
        record = records.save(ctx, form)
    except ValidationFailed as refused:
        problems = [*problems, *_others(refused.problems, tables, broken)]
        raise ValidationFailed(problems) from refused
    except RowsConflict as conflict:
        raise RowsConflict(
            {_place(key, tables): item for key, item in conflict.rows.items()}, conflict.version
        ) from None
    if problems:
        raise ValidationFailed(problems)
    if not sending.sent.get(ANYWAY):
        require_alone(ctx, shape, record, values)
    return record


def _place(key: str, tables: Mapping[str, _ChildTable]) -> str:
    """Return the beginning of the names that the inputs of a row have in the form."""
    table, _, number = key.partition(".")
    return f"{table}-{tables[table].sent[int(number)][1].index}"


def _values(shape: FormShape, sending: Sending, state: FormState) -> dict[str, Any]:
    """Return the raw input to save: all that the form had for a new record, what was touched for an old one."""
    found = {}
    for part in shape.editable:
        raw = state.states[part.name].raw
        drawn = state.before.get(part.name)
        if drawn is None and state.before and part.name not in sending.files:
            continue  # the field came with a publish after the form was drawn, so nobody has seen it yet
        if not sending.record or drawn != digest(raw):
            found[part.name] = raw
    return found


def _others(
    problems: Iterable[FieldProblem], tables: Mapping[str, _ChildTable], broken: set[str]
) -> list[FieldProblem]:
    """Return the problems of the records door under the places that rows have in the form, without repetitions."""
    found = []
    for problem in problems:
        table, _, rest = problem.field.partition(".")
        number, _, name = rest.partition(".")
        if name and table in tables:
            place = tables[table].sent[int(number)][0]
            problem = FieldProblem(name, problem.code, problem.message, problem.hint).inside(f"{table}.{place}")
        if problem.field not in broken:
            found.append(problem)
    return found


@dataclass(frozen=True, slots=True)
class _ChildTable:
    """The rows of a table that are sent to the door, each with its place in the form."""

    part: RowsPart
    sent: Sequence[tuple[int, RowState]]

    @classmethod
    def of(cls, part: RowsPart, table: TableState) -> _ChildTable:
        rows = [
            (place, row)
            for place, row in enumerate(table.rows)
            if not is_untouched(part, row, table.fresh)
            and (row.remove or row.back or not row.id or row_changes(part, row))
        ]
        return cls(part, rows)

    def rows(self) -> ChildRows:
        """Return the rows as the records door takes them."""
        return ChildRows(
            self.part.name,
            self.part.entity,
            self.part.by,
            [
                ChildRow(
                    {} if row.remove else row_changes(self.part, row),
                    row.id,
                    row.version,
                    remove=bool(row.remove),
                    back=bool(row.back),
                )
                for _, row in self.sent
            ],
        )
