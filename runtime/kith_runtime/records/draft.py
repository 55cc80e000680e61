"""A record on its way into the database: what it was, what it would be, and what of it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kith_runtime.context import Context
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.read import Current
from kith_runtime.records.writer import EntityWriter
from kith_runtime.storage import SYSTEM_COLUMNS


@dataclass(slots=True)
class Draft:
    """A record before it is saved; ``current`` is what it was, an empty one for a new record.

    ``changed`` are the fields to look at: those that differ, or all of a new record. ``unknown`` are fields whose value
    could not be read or comes later, so that nothing is judged by them. ``by_rules`` are fields that a rule has set,
    for which the rights and locks of people do not count.
    """

    current: Current
    values: dict[str, Any]
    changed: frozenset[str]
    unknown: frozenset[str] = frozenset()
    by_rules: set[str] = field(default_factory=set)

    @property
    def operation(self) -> Literal["create", "update"]:
        """What is being done."""
        return "update" if self.current.id else "create"


def record_of(
    ctx: Context, writer: EntityWriter, current: Current, values: Mapping[str, Any] | None = None
) -> RecordValues:
    """Return a record as expressions ask for it: as it is, or as it would be with ``values``."""
    known = dict.fromkeys((*SYSTEM_COLUMNS, *writer.slots)) | dict(current.values) | dict(values or {})
    return RecordValues(ctx, writer.name, current.id or None, known)
