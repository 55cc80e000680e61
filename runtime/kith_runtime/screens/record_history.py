"""Values of the past as people read them: a history keeps what the API showed then, ids and option names included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.queries.change import HIDDEN_RECORD
from kith_runtime.queries.titling import titles
from kith_runtime.screens.form_lookups import targets_of
from kith_runtime.screens.record_values import HIDDEN, text_scope

_POINTING = frozenset({"lookup", "owner", "lookups", "any_lookup"})


def past_texts(ctx: Context, values: Sequence[tuple[Field, Any]]) -> list[str]:
    """Return values of a history as text, in order; blank for a value that was blank.

    All titles are asked for at once, one question for each entity. A value that its field could no longer hold, because
    the field has changed since, is shown as it was kept.
    """
    wanted: dict[str, set[str]] = {}
    for declared, value in values:
        for entity, record in _pointers(ctx, declared, value):
            wanted.setdefault(entity, set()).add(record)
    known = {entity: titles(ctx, entity, sorted(ids)) for entity, ids in wanted.items() if _seen(ctx, entity)}
    scope = InputScope(ctx.locale, ctx.snapshot)
    return [_text(ctx, declared, value, scope, known) for declared, value in values]


def _seen(ctx: Context, entity: str) -> bool:
    return ctx.snapshot.has("entity", entity) and rights_for(ctx, entity).visible


def _pointers(ctx: Context, declared: Field, value: Any) -> Iterator[tuple[str, str]]:
    if value is None or declared.type not in _POINTING:
        return
    if value == HIDDEN_RECORD:
        yield "", HIDDEN_RECORD
        return
    if isinstance(value, Mapping):
        yield str(value.get("entity", "")), str(value.get("id", ""))
        return
    for target in targets_of(ctx, declared):
        for item in value if isinstance(value, list) else [value]:
            yield target.entity, str(item)


def _text(ctx: Context, declared: Field, value: Any, scope: InputScope, known: Mapping[str, Mapping[str, str]]) -> str:
    if value is None:
        return ""
    if declared.type in _POINTING:
        found = [known.get(entity, {}).get(record) for entity, record in _pointers(ctx, declared, value)]
        return ", ".join(HIDDEN if title is None else title or "Untitled" for title in found) or HIDDEN
    kind = field_types[declared.type]
    try:
        return kind.text(kind.parse(value, declared, scope), declared, text_scope(ctx))
    except (InvalidValue, TypeError, AttributeError, ValueError):
        return str(value)
