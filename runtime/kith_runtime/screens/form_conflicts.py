"""Two people changed one field: what each wrote, from what, and the way back to one value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kith_runtime.context import Context
from kith_runtime.queries.reading import get, get_shown
from kith_runtime.records import FieldConflict, RowsConflict, Stale, VersionConflict
from kith_runtime.screens.conflict_asking import ask_address
from kith_runtime.screens.controls import Sent, digest
from kith_runtime.screens.form_row_conflicts import ROW, RowCard, child_rows
from kith_runtime.screens.form_shape import FieldPart, FormShape, json_text
from kith_runtime.screens.form_state import FormState, field_state, marks, scope_of
from kith_runtime.screens.record_history import past_texts

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """The card under a field that two people changed. ``note`` carries it through the next sending.

    ``ask`` is where the other can be asked, if they can.
    """

    label: str
    mine: str
    theirs: str
    before: str
    by: str
    ago: str
    ask: str
    note: str

    @property
    def said(self) -> str:
        """Return in one sentence what the other did."""
        return f"{self.by} changed {self.label} while you were typing."


def read_cards(sent: Sent) -> dict[str, ConflictCard]:
    """Return the cards that were open when the form was sent; they hold words for the same person's eyes alone."""
    found: dict[str, ConflictCard] = {}
    for note in sent.getlist("_open"):
        try:
            name, label, mine, theirs, before, by, ago, ask = [str(part)[:LONGEST] for part in json.loads(note)]
        except (ValueError, TypeError):
            continue
        found[name] = ConflictCard(label, mine, theirs, before, by, ago, ask if ask.startswith("/e/") else "", note)
    return found


def cards_of(ctx: Context, shape: FormShape, record: str, conflict: VersionConflict) -> dict[str, ConflictCard]:
    """Return a card for each field of the form that a refused save names."""
    found = {}
    for item in conflict.fields:
        part = shape.fields.get(item.field)
        if part is not None:
            found[item.field] = _card(ctx, (shape.entity.name, record), part, item)
    return found


def row_cards_of(ctx: Context, shape: FormShape, state: FormState, conflict: RowsConflict) -> dict[str, ConflictCard]:
    """Return the cards of child rows by the names of their inputs; the rows go on from what the others saved."""
    found = {}
    for parts, row, place in child_rows(shape, state):
        refused = conflict.rows.get(place)
        if refused is None or not refused.fields or isinstance(refused, Stale):
            continue
        row.version = refused.version
        columns = {column.name: column for column in parts.columns}
        for item in refused.fields:
            name = f"{place}-{item.field}"
            found[name] = _card(ctx, (parts.entity, row.id), columns[item.field], replace(item, field=name))
    return found


def show_cards(
    state: FormState, shape: FormShape, cards: Mapping[str, ConflictCard], whole: Mapping[str, RowCard]
) -> None:
    """Put cards under the inputs, and the rows, that they are about."""
    for name, card in cards.items():
        if name in state.states:
            state.states[name].conflict = card
    for parts, row, place in child_rows(shape, state):
        names = (f"{place}-{column.name}" for column in parts.columns)
        row.cards = {name: cards[name] for name in names if name in cards and not row.remove}
        row.card = whole.get(f"{place}-{ROW}")


def _card(ctx: Context, about: tuple[str, str], part: FieldPart, item: FieldConflict) -> ConflictCard:
    declared, label = part.field, part.label
    mine, theirs, before = past_texts(ctx, [(declared, value) for value in (item.mine, item.theirs, item.before)])
    ago = ctx.locale.dates.ago(item.at, ctx.now) if isinstance(item.at, datetime) else ""
    by = item.by or "Somebody"
    ask = ask_address(ctx, about, declared, label, item)
    note = json_text([item.field, label, mine[:LONGEST], theirs[:LONGEST], before[:LONGEST], by, ago, ask])
    return ConflictCard(label, mine, theirs, before, by, ago, ask, note)


def settle(ctx: Context, shape: FormShape, record: str, state: FormState, sent: Sent) -> dict[str, ConflictCard]:
    """Do what the buttons of the cards ask for, and return the cards that stay open."""
    cards = read_cards(sent)
    taken = sent.get("_take", "")
    if taken in cards and taken in shape.fields:
        values = get(ctx, shape.entity.name, record, (taken,), titles=True)
        _take(ctx, shape, state, [taken], values)
    for parts, row, place in child_rows(shape, state):
        column = next((column for column in parts.columns if taken == f"{place}-{column.name}"), None)
        if taken in cards and column is not None:
            value = get(ctx, parts.entity, row.id, (column.name,), titles=True)[column.name]
            row.states[column.name] = field_state(column, value, scope_of(ctx))
            row.before = json_text({**marks(row.before), column.name: digest(row.states[column.name].raw)})
    for name in (taken, sent.get("_keep", "")):
        cards.pop(name, None)
    return cards


def refresh(ctx: Context, shape: FormShape, record: str, state: FormState) -> None:
    """Show what others saved meanwhile in every field that this person has not touched."""
    values = get_shown(ctx, shape.entity.name, record, tuple(shape.fields))
    untouched = [
        part.name for part in shape.editable if state.before.get(part.name) == digest(state.states[part.name].raw)
    ]
    _take(ctx, shape, state, untouched, values)
    show_fixed(ctx, shape, state, values)


def show_fixed(ctx: Context, shape: FormShape, state: FormState, values: Mapping[str, Any]) -> None:
    """Fill in the fields that are only shown, which no browser sends back."""
    for part in shape.fields.values():
        if not part.editable:
            state.states[part.name] = field_state(part, values.get(part.name), scope_of(ctx))


def _take(ctx: Context, shape: FormShape, state: FormState, names: Iterable[str], values: Mapping[str, Any]) -> None:
    for name in names:
        part = shape.fields[name]
        state.states[name] = field_state(part, values.get(name), scope_of(ctx))
        state.before[name] = digest(state.states[name].raw)
