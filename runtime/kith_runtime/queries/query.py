"""What is asked and what comes back: plain frozen values, known to screens, the API and every other reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kith_metadata.expressions import Checked

CountMode = Literal["none", "capped", "exact"]

MOST_ROWS = 200
"""Rows of one page at most; more pages cost the same each, however deep."""

COUNT_CAP = 1000
"""A capped count stops here: counting ten million rows takes seconds, and nobody reads the digits."""

DEFAULT_SORT = ("-created_at",)


@dataclass(frozen=True)
class Query:
    """A question to one entity.

    ``fields`` are names, or ``lookup.field`` for a field behind a lookup. ``where`` is an expression that a person
    wrote, limited to what that person may read; a checked expression comes from the metadata and may use every field.
    ``filters`` are more expressions that must hold too. ``sort`` names fields, ``-name`` descending. ``after`` and
    ``before`` are cursors of a page of the same question. ``related`` limits to records whose lookup (first) points to
    a record (second). ``text`` is looked up in the search index. ``titles`` gives lookups as ``Linked`` with the title,
    ``deleted`` reads the recycle bin, and ``expand`` adds fields of looked-up records to JSON rows. With ``reasons`` a
    formula that could not be worked out for a record is an ``ErrorValue`` there, and not a blank.
    """

    entity: str
    fields: tuple[str, ...]
    where: str | Checked | None = None
    filters: tuple[str | Checked, ...] = ()
    sort: tuple[str, ...] = ()
    limit: int = 50
    after: str | None = None
    before: str | None = None
    count: CountMode = "none"
    titles: bool = False
    expand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deleted: bool = False
    related: tuple[str, str] | None = None
    text: str = ""
    reasons: bool = False


@dataclass(frozen=True)
class Page:
    """One page of rows. Each row is a tuple of values in the order of ``fields``; ``ids`` and ``versions`` run beside.

    ``next`` and ``previous`` are cursors, None at the ends. ``count`` is None when it was not asked for; ``capped``
    says that there are more than ``count`` records.
    """

    fields: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    ids: Sequence[str]
    versions: Sequence[int]
    next: str | None = None
    previous: str | None = None
    count: int | None = None
    capped: bool = False

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries by field."""
        return [dict(zip(self.fields, row, strict=True)) for row in self.rows]
