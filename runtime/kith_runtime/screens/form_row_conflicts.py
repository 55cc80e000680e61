"""Two people at one child row: one took it away and the other changed it; what each did, and the way to one row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kith_platform.errors import NotFound
from kith_runtime.context import Context
from kith_runtime.queries.reading import get
from kith_runtime.queries.titling import titles
from kith_runtime.records import RowGone, RowsConflict, Stale
from kith_runtime.screens.controls import Sent
from kith_runtime.screens.form_shape import FormShape, RowsPart, json_text
from kith_runtime.screens.form_state import FormState, RowState, drawn_row
from kith_runtime.screens.record_history import past_texts

ROW = "_row"
"""Stands where a card about one field has the name of the field."""

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class RowCard:
    """The card under a child row. ``note`` carries it through the next sending.

    ``gone`` tells that the other took the row away, and not this person; ``changes`` are labels of fields with what
    they held before and now; ``back`` tells whether a row that is gone may be brought back.
    """

    title: str
    noun: str
    by: str
    ago: str
    gone: bool
    back: bool
    changes: tuple[tuple[str, str, str], ...]
    note: str

    @property
    def said(self) -> str:
        """Return in one sentence what the other did."""
        did, doing = ("removed", "changing") if self.gone else ("changed", "removing")
        return f"{self.by} {did} {self.title} while you were {doing} it."


def child_rows(shape: FormShape, state: FormState) -> Iterator[tuple[RowsPart, RowState, str]]:
    """Yield the child rows of a form, each with how the names of its inputs begin."""
    for name, parts in shape.rows.items():
        for row in state.tables[name].rows if name in state.tables else ():
            yield parts, row, f"{name}-{row.index}"


def read_whole_cards(sent: Sent) -> dict[str, RowCard]:
    """Return the cards about whole rows that were open when the form was sent; they are for the same person's eyes."""
    found = {}
    for note in sent.getlist("_open_row"):
        try:
            name, *words, gone, back, changes = json.loads(note)
            title, noun, by, ago = (str(word)[:LONGEST] for word in words)
            pairs = tuple((str(label), str(before), str(now)) for label, before, now in changes)
        except (ValueError, TypeError):
            continue
        found[str(name)] = RowCard(title, noun, by, ago, bool(gone), bool(back), pairs, note)
    return found


def whole_cards_of(ctx: Context, shape: FormShape, state: FormState, conflict: RowsConflict) -> dict[str, RowCard]:
    """Return the cards of rows that one took away and the other changed; the rows go on from what the other did."""
    found = {}
    for parts, row, place in child_rows(shape, state):
        refused = conflict.rows.get(place)
        if isinstance(refused, RowGone | Stale):
            row.version = refused.version
            found[f"{place}-{ROW}"] = _card(ctx, parts, row, (f"{place}-{ROW}", refused))
    return found


def _card(ctx: Context, parts: RowsPart, row: RowState, about: tuple[str, RowGone | Stale]) -> RowCard:
    name, refused = about
    noun = ctx.snapshot.said(parts.singular)
    title = titles(ctx, parts.entity, [row.id]).get(row.id) or f"this {noun}"
    declared = ctx.snapshot.entity(parts.entity).fields
    values = [(declared[item.field], value) for item in refused.fields for value in (item.before, item.theirs)]
    texts = [text[:LONGEST] for text in past_texts(ctx, values)]
    labels = [item.label for item in refused.fields]
    changes = tuple(zip(labels, texts[::2], texts[1::2], strict=True))
    ago = ctx.locale.dates.ago(refused.at, ctx.now) if isinstance(refused.at, datetime) else ""
    by, gone = refused.by or "Somebody", isinstance(refused, RowGone)
    back = isinstance(refused, RowGone) and refused.returnable
    return RowCard(
        title, noun, by, ago, gone, back, changes, json_text([name, title, noun, by, ago, gone, back, changes])
    )


def settle_rows(ctx: Context, shape: FormShape, state: FormState, sent: Sent) -> dict[str, RowCard]:
    """Do what the buttons of the cards about whole rows ask for, and return the cards that stay open."""
    cards = read_whole_cards(sent)
    keep, take = sent.get("_keep", ""), sent.get("_take", "")
    for parts, row, place in child_rows(shape, state):
        name = f"{place}-{ROW}"
        card = cards.get(name)
        if card is None or name not in (keep, take):
            continue
        if card.gone:
            row.back, row.remove = ("1", "") if name == keep and card.back else ("", "1")
        elif name == take:
            _as_saved(ctx, parts, row)
        del cards[name]
    return cards


def _as_saved(ctx: Context, parts: RowsPart, row: RowState) -> None:
    """Show a row as the other saved it, and keep it; what is gone by now stays out."""
    try:
        values = get(ctx, parts.entity, row.id, tuple(column.name for column in parts.columns), titles=True)
    except NotFound:
        return
    row.remove, row.version = "", values["version"]
    drawn_row(ctx, parts, values, row)
