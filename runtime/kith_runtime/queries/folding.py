"""Reading many fields of the overflow at once: the shared column is fetched whole, and taken apart here.

Each extract in SQL makes the database unpack the whole document again; and no statement can select the thousands of
columns that a very wide record may have. A few fields are extracted by the database, which sends less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect

from kith_platform.database.json_text import load_json
from kith_runtime.tables.overflow import OVERFLOW, OverflowColumn, driver_value

MOST_EXTRACTS = 24
"""Fields of one table that the database extracts; from there on the document is fetched."""

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Folding:
    """What is selected instead of the elements asked for, and how the fetched rows become theirs again."""

    elements: Sequence[ColumnElement[Any]]
    unfold: Callable[[Rows], Rows]


def folding_of(elements: Sequence[ColumnElement[Any]], dialect: Dialect) -> Folding | None:
    """Return how to fetch elements with the documents of many of them folded; None when that is not worth while."""
    counts = Counter(id(item.table) for item in elements if isinstance(item, OverflowColumn))
    if max(counts.values(), default=0) <= MOST_EXTRACTS:
        return None
    documents: dict[int, int] = {}
    selected: list[ColumnElement[Any]] = []
    places: list[tuple[int, str, Callable[[Any], Any] | None]] = []
    for item in elements:
        if not isinstance(item, OverflowColumn) or counts[id(item.table)] <= MOST_EXTRACTS:
            places.append((len(selected), "", None))
            selected.append(item)
            continue
        holder: Any = item.table
        if id(holder) not in documents:
            documents[id(holder)] = len(selected)
            selected.append(holder.c[OVERFLOW])
        places.append((documents[id(holder)], item.name, driver_value(item.type, dialect)))
    return Folding(selected, _Unfold(tuple(documents.values()), tuple(places)))


@dataclass(frozen=True, slots=True)
class _Unfold:
    documents: tuple[int, ...]
    places: tuple[tuple[int, str, Callable[[Any], Any] | None], ...]

    def __call__(self, rows: Rows) -> Rows:
        return [self._row(row) for row in rows]

    def _row(self, row: Sequence[Any]) -> Sequence[Any]:
        held = list(row)
        for place in self.documents:
            stored = held[place]
            held[place] = load_json(stored) if isinstance(stored, str) else stored or {}
        return tuple([_cell(held[place], name, read) if name else held[place] for place, name, read in self.places])


def _cell(document: dict[str, Any], name: str, read: Callable[[Any], Any] | None) -> Any:
    value = document.get(name)
    return value if value is None or read is None else read(value)
