"""What a form holds at one moment: drawn from a record, or read back from what a person sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue, Linked
from kith_runtime.queries.columns import field_of
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.queries.titling import titles
from kith_runtime.records import FieldProblem, initial_values
from kith_runtime.records.writer import writer_for
from kith_runtime.scopes import asked_fields
from kith_runtime.screens.controls import FieldState, Raw, Sent, digest
from kith_runtime.screens.form_lookups import Target, record_typed, resolve, targets_of
from kith_runtime.screens.form_shape import FieldPart, FormShape, RowsPart, json_text
from kith_runtime.screens.record_values import shown_text

MOST_ROWS = 200
_POINTING = frozenset({"lookup_input", "any_lookup_input"})


@dataclass(slots=True)
class RowState:
    """One child row of a form. ``index`` is its place in the names of its inputs, ``number`` what people count."""

    index: str
    number: int = 1
    id: str = ""
    before: str = ""
    remove: str = ""
    version: int | None = None
    back: str = ""
    """Set for a row that somebody deleted and that comes back with the next save."""
    cards: dict[str, Any] = field(default_factory=dict)
    """Cards of fields that two people changed, by the names of their inputs."""
    card: Any = None
    """The card of a row that one took away and the other changed."""
    states: dict[str, FieldState] = field(default_factory=dict)


@dataclass(slots=True)
class TableState:
    """A table of child rows. ``fresh`` is the row that a script copies, ``next`` the index of the next new one."""

    rows: list[RowState] = field(default_factory=list)
    fresh: RowState = field(default_factory=lambda: RowState("__index__"))
    next: int = 0
    more: bool = False


@dataclass(slots=True)
class FormState:
    """Everything that a form holds: inputs by field, child tables by name, and what it was drawn from.

    ``before`` marks the raw input of each field as it was drawn, so that only what was touched is saved: two people who
    change different fields never meet.
    """

    states: dict[str, FieldState] = field(default_factory=dict)
    tables: dict[str, TableState] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    token: str = ""


def scope_of(ctx: Context) -> InputScope:
    """Return how the person writes values in forms."""
    return InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)


# ---- from values to inputs ------------------------------------------------------------------------------------------


def new_state(ctx: Context, shape: FormShape, given: Mapping[str, str]) -> FormState:
    """Return the state of an empty create form with its defaults; ``given`` prefills fields from the address."""
    values = initial_values(ctx, writer_for(ctx, shape.entity.name))
    typed: dict[str, str] = {}
    for part in shape.editable:
        if part.name in given:
            try:
                values[part.name] = field_types[part.field.type].parse(given[part.name], part.field, scope_of(ctx))
            except InvalidValue:
                typed[part.name] = given[part.name]
    state = state_of(ctx, shape, with_titles(ctx, [part.field for part in shape.editable], values))
    for name, text in typed.items():
        if isinstance(state.states[name].raw, str) and shape.fields[name].control.macro != "lookup_input":
            state.states[name].raw = text
    for name, rows in shape.rows.items():
        state.tables[name] = _table(ctx, rows, ())
    return state


def state_of(ctx: Context, shape: FormShape, values: Mapping[str, Any]) -> FormState:
    """Return the state of a form that shows these values, child tables left out."""
    state = FormState()
    scope = scope_of(ctx)
    for name, part in shape.fields.items():
        drawn = state.states[name] = field_state(part, values.get(name), scope)
        if part.editable:
            state.before[name] = digest(drawn.raw)
    return state


def edit_state(ctx: Context, shape: FormShape, values: Mapping[str, Any]) -> FormState:
    """Return the state of the edit form of a saved record, with its child rows."""
    state = state_of(ctx, shape, values)
    state.version = values["version"]
    for name, rows in shape.rows.items():
        names = tuple(column.name for column in rows.columns)
        related = (rows.by, values["id"])
        query = Query(
            rows.entity,
            (*names, "version"),
            sort=rows.sort,
            limit=rows.limit,
            related=related,
            titles=True,
            reasons=True,
        )
        page = select(ctx, query)
        saved = [
            (key, dict(zip((*names, "version"), row, strict=True)))
            for key, row in zip(page.ids, page.rows, strict=True)
        ]
        state.tables[name] = _table(ctx, rows, saved)
        state.tables[name].more = page.next is not None
    return state


def field_state(part: FieldPart, value: Any, scope: InputScope) -> FieldState:
    """Return the state of a field that holds a value."""
    if not part.editable:
        return FieldState(shown=shown_text(part.field, value, scope), failed=isinstance(value, ErrorValue))
    found = part.control.titles(value)
    return FieldState(part.control.raw(value, part.field, scope), next(iter(found.values()), ""), found)


def _table(ctx: Context, rows: RowsPart, saved: Sequence[tuple[str, Mapping[str, Any]]]) -> TableState:
    scope = scope_of(ctx)
    table = TableState(next=len(saved))
    for number, (key, values) in enumerate(saved):
        table.rows.append(_row(rows, values, scope, RowState(str(number), number + 1, key, version=values["version"])))
    defaults = initial_values(ctx, writer_for(ctx, rows.entity))
    defaults = with_titles(ctx, [column.field for column in rows.columns], defaults)
    table.fresh = _row(rows, defaults, scope, table.fresh)
    return table


def drawn_row(ctx: Context, rows: RowsPart, values: Mapping[str, Any], row: RowState) -> RowState:
    """Fill the inputs of a row with values, and return it."""
    return _row(rows, values, scope_of(ctx), row)


def _row(rows: RowsPart, values: Mapping[str, Any], scope: InputScope, row: RowState) -> RowState:
    row.states = {column.name: field_state(column, values.get(column.name), scope) for column in rows.columns}
    row.before = json_text({name: digest(state.raw) for name, state in row.states.items()})
    return row


def with_titles(ctx: Context, fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values whose lookups bear titles, as a read record has them."""
    found = dict(values)
    for declared in fields:
        value = found.get(declared.name)
        if value is None or declared.type not in ("lookup", "owner", "lookups", "any_lookup"):
            continue
        if declared.type == "any_lookup":
            known = titles(ctx, value.entity, [value.id])
            found[declared.name] = Linked(value.id, known.get(value.id), value.entity)
            continue
        target = targets_of(ctx, declared)
        entity = target[0].entity if target else ""
        ids = list(value) if declared.type == "lookups" else [value]
        known = titles(ctx, entity, ids) if entity else {}
        linked = tuple(Linked(item, known.get(item), entity) for item in ids)
        found[declared.name] = linked if declared.type == "lookups" else linked[0]
    return found


# ---- from a sent form to inputs -------------------------------------------------------------------------------------


def read_state(ctx: Context, shape: FormShape, sent: Sent, record: str = "") -> tuple[FormState, list[FieldProblem]]:
    """Return what a person sent, and the problems of texts that name no record; ``record`` is the saved one, if any."""
    state = FormState(before=marks(sent.get("_before", "")), token=sent.get("_token", "")[:64])
    state.version = _version(sent.get("_version", ""))
    # What is only shown is not sent back; whoever draws the form of a saved record fills it in.
    state.states.update({part.name: FieldState() for part in shape.fields.values() if not part.editable})
    inputs = _Inputs(ctx, sent, shape.entity.name, record)
    state.states.update(inputs.read(shape.editable))
    problems = inputs.problems
    for name, rows in shape.rows.items():
        state.tables[name], found = _read_table(ctx, rows, sent)
        problems += found
    return state, problems


class _Inputs:
    """Reads the inputs of one record, and which records the texts in its lookups name."""

    def __init__(self, ctx: Context, sent: Sent, entity: str, record: str = "") -> None:
        self._ctx, self._sent, self._entity, self._record = ctx, sent, entity, record
        self._states: dict[str, FieldState] = {}
        self.problems: list[FieldProblem] = []

    def read(self, parts: Sequence[FieldPart], prefix: str = "") -> dict[str, FieldState]:
        """Return the states of editable fields, whose inputs have names with a prefix."""
        # What a lookup asks of its record must have been read before: it may be named by a text too.
        asking = [part for part in parts if self._asked(part)]
        for part in [*(part for part in parts if part not in asking), *asking]:
            self._states[part.name] = self._read(part, prefix + part.name)
        return {part.name: self._states[part.name] for part in parts}

    def _asked(self, part: FieldPart) -> tuple[str, ...]:
        return asked_fields(self._ctx.published, self._entity, part.field)

    def _read(self, part: FieldPart, name: str) -> FieldState:
        raw = part.control.read(self._sent, name, part.field)
        state = FieldState(raw)
        if part.control.macro == "lookups_input":
            self._read_several(part, name, state)
        elif part.control.macro in _POINTING:
            self._read_pointer(part, name, state)
        elif part.control.macro == "file_input":
            state.title = self._sent.get(f"{name}__name", "")[:255]
            state.titles = {raw: state.title}
        return state

    def _targets(self, part: FieldPart) -> tuple[Target, ...]:
        """Return where a lookup may point; what cannot be known before saving is left to whoever saves."""
        asked = self._asked(part)
        typed = {name: self._states[name].raw for name in asked if name in self._states}
        known = bool(self._record) or typed.keys() == set(asked)
        record = record_typed(self._ctx, self._entity, part.field, self._record, typed) if known else None
        return targets_of(self._ctx, part.field, self._entity, record)

    def _resolved(self, part: FieldPart, targets: tuple[Target, ...], text: str) -> Linked | None:
        asks = " and ".join(field_label(self._ctx, self._entity, name) for name in self._asked(part))
        try:
            return resolve(self._ctx, targets, text, noun=self._ctx.snapshot.said(part.label), asks=asks)
        except Invalid as fault:
            self.problems.append(FieldProblem(part.name, fault.code, fault.message, fault.hint))
            return None

    def _read_pointer(self, part: FieldPart, name: str, state: FieldState) -> None:
        state.title = self._sent.get(f"{name}__text", "")[:255].strip()
        several = isinstance(state.raw, dict)
        chosen = state.raw["id"] if several else state.raw
        if not state.title:
            # An emptied text empties the field, whatever id still stands beside it.
            state.raw = {"entity": "", "id": ""} if several else ""
        if not state.title or chosen:
            return
        targets = self._targets(part)
        if several and state.raw["entity"]:
            targets = tuple(target for target in targets if target.entity == state.raw["entity"])
        found = self._resolved(part, targets, state.title)
        if found is not None:
            state.raw = {"entity": found.entity, "id": found.id} if several else found.id

    def _read_several(self, part: FieldPart, name: str, state: FieldState) -> None:
        targets = self._targets(part)
        removed = self._sent.get("_remove_token", "")
        state.raw = [item for item in state.raw if f"{name}:{item}" != removed]
        typed = self._sent.get(f"{name}__text", "")[:255].strip()
        if typed and targets:
            found = self._resolved(part, targets, typed)
            if found is None:
                state.title = typed
            else:
                state.raw = [*state.raw, *([] if found.id in state.raw else [found.id])]
        ids = [item for item in state.raw if len(item) <= 40]
        known = titles(self._ctx, targets[0].entity, ids) if targets else {}
        state.titles = {item: known.get(item, "Hidden record") for item in state.raw}


def _read_table(ctx: Context, rows: RowsPart, sent: Sent) -> tuple[TableState, list[FieldProblem]]:
    table = _table(ctx, rows, ())
    problems: list[FieldProblem] = []
    removed = sent.get("_remove_row", "")
    editable = [column for column in rows.columns if column.editable]
    for index in _indexes(rows.name, sent):
        prefix = f"{rows.name}-{index}-"
        row = RowState(str(index), len(table.rows) + 1, sent.get(prefix + "_id", "")[:40])
        row.before, row.version = sent.get(prefix + "_before", ""), _version(sent.get(prefix + "_version", ""))
        gone = removed == f"{rows.name}-{index}"
        if gone and not row.id:
            continue
        row.remove = "1" if gone or sent.get(prefix + "_delete") == "1" else ""
        row.back = "1" if row.id and not row.remove and sent.get(prefix + "_back") == "1" else ""
        inputs = _Inputs(ctx, sent, rows.entity)
        read = inputs.read(editable, prefix)
        row.states = {column.name: read.get(column.name) or FieldState() for column in rows.columns}
        if not row.remove:
            problems += [problem.inside(f"{rows.name}.{len(table.rows)}") for problem in inputs.problems]
        table.rows.append(row)
        table.next = index + 1
    _show_fixed(ctx, rows, table)
    if sent.get("_add_row") == rows.name:
        table.rows.append(RowState(str(table.next), len(table.rows) + 1, states=dict(table.fresh.states)))
        table.next += 1
    return table, problems


def _show_fixed(ctx: Context, rows: RowsPart, table: TableState) -> None:
    """Fill in the texts of columns that are only shown; a browser does not send them back."""
    fixed = tuple(column for column in rows.columns if not column.editable)
    ids = [row.id for row in table.rows if row.id]
    if not fixed or not ids:
        return
    where = "id in [" + ", ".join(json.dumps(item) for item in ids) + "]"
    page = select(
        ctx, Query(rows.entity, tuple(column.name for column in fixed), where=where, limit=MOST_ROWS, titles=True)
    )
    found = dict(zip(page.ids, page.rows, strict=True))
    for row in table.rows:
        for column, value in zip(fixed, found.get(row.id, ()), strict=False):
            row.states[column.name].shown = shown_text(column.field, value, scope_of(ctx))


def _indexes(name: str, sent: Sent) -> Iterator[int]:
    pattern = re.compile(re.escape(name) + r"-(\d{1,5})-")
    found = {int(match[1]) for key in sent if (match := pattern.match(key))}
    yield from sorted(found)[:MOST_ROWS]


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def marks(text: str) -> dict[str, str]:
    """Return what each input held when a form was drawn, as the form carries it."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(key): str(mark) for key, mark in found.items()} if isinstance(found, dict) else {}


def row_changes(rows: RowsPart, row: RowState) -> dict[str, Any]:
    """Return the raw input of a row that was touched since it was drawn; all of it for a new row."""
    drawn = marks(row.before) if row.id else {}
    return {
        column.name: row.states[column.name].raw
        for column in rows.columns
        if column.editable and drawn.get(column.name) != digest(row.states[column.name].raw)
    }


def is_untouched(rows: RowsPart, row: RowState, fresh: RowState) -> bool:
    """Tell whether a new row is as it was when it was added, so that nobody meant to save it."""
    return not row.id and all(
        row.states[column.name].raw == fresh.states[column.name].raw for column in rows.columns if column.editable
    )


def field_label(ctx: Context, entity: str, name: str) -> str:
    """Return the label of a field that a problem names."""
    try:
        declared = field_of(ctx.published, entity, name)
    except KeyError:
        return name
    return declared.label or name.replace("_", " ").capitalize()


__all__ = ["FormState", "Raw", "RowState", "TableState", "edit_state", "new_state", "read_state", "state_of"]
