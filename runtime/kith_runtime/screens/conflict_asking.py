"""Asking the other person about a field that two people changed, by a note on the page of the record."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from kith_metadata.kinds.entity import Field
from kith_runtime.access import allows, rights_for
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.people import load_actor
from kith_runtime.queries.titling import titles
from kith_runtime.records import FieldConflict
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.record_history import past_texts
from kith_runtime.screens.record_kinds import ActivityKind, activity_kinds
from kith_runtime.screens.record_values import HIDDEN

LONGEST_QUOTED = 120


def ask_address(ctx: Context, about: tuple[str, str], field: Field, label: str, item: FieldConflict) -> str:
    """Return the address of a note about a record ``(entity, id)`` that mentions who changed a field, with both values.

    Blank where nobody can be asked: no person made the change, the actor may write no notes here or may not see who it
    was, or the other may not see the record, the field or the note.
    """
    if not item.by_id or item.by_id == ctx.actor.id:
        return ""
    kind = _note_kind(ctx, about[0])
    name = titles(ctx, PERSON, [item.by_id]).get(item.by_id) if rights_for(ctx, PERSON).visible else None
    other = load_actor(replace(ctx, actor=SYSTEM), item.by_id) if kind is not None and name else None
    if kind is None or other is None:
        return ""
    # Both read the same words, so what either may not see has to be told from how each reads it in one language.
    theirs = replace(ctx, actor=replace(other, locale=ctx.actor.locale))
    if not _reads(theirs, about, field.name, kind):
        return ""
    values = [(field, item.mine), (field, item.theirs)]
    mine, saved = (_quoted(*pair) for pair in zip(past_texts(ctx, values), past_texts(theirs, values), strict=True))
    text = f"@{name}, which {label} is right?\nMine: {mine}\nYours: {saved}"
    return f"{record_address(*about)}/add/{kind.entity.name}?{urlencode({'text': text})}"


def _note_kind(ctx: Context, entity: str) -> ActivityKind | None:
    """Return the kind of activity that is only written: words in it are not taken for a day or a time."""
    kinds = activity_kinds(ctx, entity)
    return next((kind for kind in kinds if kind.creates and kind.when is None and kind.first("file") is None), None)


def _reads(ctx: Context, about: tuple[str, str], field: str, kind: ActivityKind) -> bool:
    notes = rights_for(ctx, kind.entity.name)
    return (
        field in rights_for(ctx, about[0]).readable
        and {kind.by, kind.entity.title} <= notes.readable
        and allows(ctx, about[0], "read", about[1])
    )


def _quoted(mine: str, theirs: str) -> str:
    text = " ".join((mine if mine == theirs else HIDDEN).split())
    return (text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 1]}…") or "empty"
