"""Records as the API shows them."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.records import Record


def record_json(ctx: Context, record: Record, readable: Set[str]) -> dict[str, Any]:
    """Return a saved record as the API shows it: readable fields in the order of their declaration."""
    fields = fields_of(ctx.snapshot, record.entity)
    shown: dict[str, Any] = {"id": record.id, "version": record.version}
    for name, field in fields.items():
        if name in record.values and name in readable:
            value = record.values[name]
            shown[name] = None if value is None else field_types[field.type].to_json(value, field)
    return shown


def moment_json(moment: datetime) -> str:
    """Return an instant as the API writes it."""
    return moment.isoformat().replace("+00:00", "Z")
