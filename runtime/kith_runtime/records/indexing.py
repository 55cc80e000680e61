"""Keep the search index true: in the same transaction as the record, for the fields that are searchable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_platform.locale import PersonLocale
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope
from kith_runtime.queries.search import add_records, index_record, remove_record
from kith_runtime.records.writer import EntityWriter

_NEUTRAL = PersonLocale()


def index(
    ctx: Context,
    writer: EntityWriter,
    record: str,
    values: Mapping[str, Any],
    changed: frozenset[str],
    *,
    new: bool = False,
) -> None:
    """Write the searchable texts of a record when one of them changed; a ``new`` one has none in the index yet."""
    if changed.isdisjoint(slot.name for slot in writer.searchable):
        return
    scope = InputScope(_NEUTRAL, ctx.snapshot)
    texts = {
        slot.name: slot.type.text(values[slot.name], slot.field, scope)
        for slot in writer.searchable
        if values.get(slot.name) is not None
    }
    if new:
        add_records(ctx.connection, writer.name, [(record, texts)])
    else:
        index_record(ctx.connection, writer.name, record, texts)


def unindex(ctx: Context, writer: EntityWriter, record: str) -> None:
    """Take a record out of the search index."""
    if writer.searchable:
        remove_record(ctx.connection, writer.name, record)
