"""The title of a record: the value of the field that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope
from kith_runtime.records.writer import EntityWriter


def title_of(ctx: Context, writer: EntityWriter, values: Mapping[str, Any]) -> str:
    """Return the title of a record's values; its label when the title is blank."""
    slot = writer.slots.get(writer.entity.title)
    value = values.get(writer.entity.title)
    if slot is None or value is None:
        return f"Untitled {writer.noun}"
    return slot.type.text(value, slot.field, InputScope(ctx.locale, ctx.snapshot))


def readable_title_of(ctx: Context, writer: EntityWriter, values: Mapping[str, Any]) -> str:
    """Return the title for the actor's eyes: the words for a blank one when they may not read the field that names."""
    readable = rights_for(ctx, writer.name).readable
    return title_of(ctx, writer, values if writer.entity.title in readable else {})
