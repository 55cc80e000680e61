"""The words of a list's search as a condition of the list's own statement: the ids never leave the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, func, literal_column

from kith_runtime.context import Context
from kith_runtime.queries.search.asking import Style, asked, candidates, holds
from kith_runtime.queries.search.store import SEARCH, parts_are_indexed

NOTHING = (0,)
"""The shape of a text without a word: it finds nothing."""


def shape_of(text: str) -> tuple[int, ...]:
    """Return how many words each way to understand a text has; :data:`NOTHING` without any, empty without a text."""
    return (asked(text).shape or NOTHING) if text else ()


def style_of(ctx: Context) -> Style:
    """Return how words are found in this database: by any part of them, unless PostgreSQL lacks pg_trgm."""
    found = ctx.published.compiled("search style", lambda: [parts_are_indexed(ctx.connection)])
    return "parts" if found[0] else "words"


def search_binds(ctx: Context, text: str, entity: str) -> dict[str, Any]:
    """Return the binds of the condition that :func:`found_by_words` made for a text of the same shape."""
    return asked(text).binds(entity, style_of(ctx), ctx.database.dialect_name)


def found_by_words(
    key: ColumnElement[str], shape: Sequence[int], style: Style, readable: Collection[str] | None, dialect: str
) -> ColumnElement[bool]:
    """Return the condition that a record holds the words in fields that may be read, all when that is None.

    The records that were touched last are looked at, as many as :data:`asking.MOST_CANDIDATES`, so that a word which
    fits a million records costs no more than one that fits few.
    """
    if shape == NOTHING:
        return false()
    query = candidates(shape, style, dialect, one_entity=True)
    if readable is not None:
        query = query.where(holds(shape, [field_text(name, dialect) for name in sorted(readable)], dialect))
    return key.in_(query.add_columns(SEARCH.c.record_id))


def field_text(name: str, dialect: str) -> ColumnElement[str]:
    """Return the words of one field; names are of our own making."""
    if dialect == "sqlite":
        return func.json_extract(SEARCH.c.fields, literal_column(f"'$.{name}'"))
    return SEARCH.c.fields.op("->>")(literal_column(f"'{name}'"))
