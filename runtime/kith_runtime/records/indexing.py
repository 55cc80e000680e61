"""Keep the search index true: in the same transaction as the record, for the fields that are searchable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kith_platform.locale import PersonLocale
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope
from kith_runtime.queries.search import add_records, index_record, index_records, remove_records
from kith_runtime.records.writer import EntityWriter

_NEUTRAL = PersonLocale()


def index(ctx: Context, writer: EntityWriter, record: str, values: Mapping[str, Any], changed: frozenset[str]) -> None:
    """Write the searchable texts of a record when one of them changed."""
    if not changed.isdisjoint(slot.name for slot in writer.searchable):
        index_record(ctx.connection, writer.name, record, _texts(ctx, writer, values))


def index_again(
    ctx: Context, writer: EntityWriter, records: Sequence[tuple[str, Mapping[str, Any], frozenset[str]]]
) -> None:
    """Do the same for many records, each given with its values and the fields that changed."""
    searched = {slot.name for slot in writer.searchable}
    moved = [(record, _texts(ctx, writer, values)) for record, values, changed in records if searched & changed]
    if moved:
        index_records(ctx.connection, writer.name, moved)


def index_new(ctx: Context, writer: EntityWriter, record: str, values: Mapping[str, Any]) -> None:
    """Write the searchable texts of a record that has none in the index yet."""
    texts = _texts(ctx, writer, values)
    if texts:
        add_records(ctx.connection, writer.name, [(record, texts)])


def index_many(ctx: Context, writer: EntityWriter, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Write the searchable texts of records, given with their values; none of them may be in the index yet."""
    if writer.searchable:
        add_records(ctx.connection, writer.name, [(record, _texts(ctx, writer, values)) for record, values in records])


def _texts(ctx: Context, writer: EntityWriter, values: Mapping[str, Any]) -> dict[str, str]:
    scope = InputScope(_NEUTRAL, ctx.snapshot)
    return {
        slot.name: slot.type.text(values[slot.name], slot.field, scope)
        for slot in writer.searchable
        if values.get(slot.name) is not None
    }


def unindex(ctx: Context, writer: EntityWriter, records: Sequence[str]) -> None:
    """Take records out of the search index."""
    if writer.searchable:
        remove_records(ctx.connection, writer.name, records)
