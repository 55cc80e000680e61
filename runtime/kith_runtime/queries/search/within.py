"""The words of a list's search as a condition of the list's own statement: the ids never leave the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    column,
    false,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from kith_runtime.queries.search.match import MOST_CANDIDATES, question_text
from kith_runtime.queries.search.store import FULL_TEXT, SEARCH
from kith_runtime.queries.search.words import asked_words

_ALL, _RECORDS, _LONGEST = "kith_words", "kith_whole", "kith_longest"
_ENTITY, _WORD = "kith_searched", "kith_word_{}"
_WORDS = table(FULL_TEXT, column("rowid"))


def word_count(text: str) -> int:
    """Return how many words a text asks for; -1 when it has none and so finds nothing, 0 when nothing is asked."""
    return len(asked_words(text)) or -1 if text else 0


def search_binds(text: str, entity: str, dialect: str) -> dict[str, str]:
    """Return the binds of the condition that :func:`found_by_words` made for as many words."""
    words = asked_words(text)
    if not words:
        return {}
    binds = {_ALL: question_text(words, entity, dialect), _RECORDS: question_text(words, entity, dialect, whole=True)}
    if len(words) > 1:
        longest = max(words, key=len)
        binds |= {_LONGEST: question_text([longest], entity, dialect), _ENTITY: entity}
        others = [word for word in words if word != longest]
        # A single letter must be a word by itself; longer ones may begin one. Words hold no sign that LIKE knows.
        patterns = [f"% {word}%" if len(word) > 1 else f"% {word} %" for word in others]
        binds |= {_WORD.format(number): pattern for number, pattern in enumerate(patterns)}
    return binds


def found_by_words(
    key: ColumnElement[str], count: int, readable: Collection[str] | None, dialect: str
) -> ColumnElement[bool]:
    """Return the condition that a record holds ``count`` words in fields that may be read, all when that is None.

    Where all may be read, the index has a row for the whole record. Else either one field holds all of them, or the
    fields together do. Of each kind the :data:`MOST_CANDIDATES` rows that were touched last are looked at, so that a
    word which fits a million records costs no more than one that fits few.
    """
    if count < 0:
        return false()
    if readable is None:
        return key.in_(_newest(_RECORDS, None, dialect))
    fields = sorted(readable)
    inside: ColumnElement[bool] = key.in_(_newest(_ALL, fields, dialect))
    if count == 1:
        return inside
    return or_(inside, key.in_(_spread(count - 1, fields, dialect)))


def _newest(bind: str, fields: Sequence[str] | None, dialect: str) -> Select[Any]:
    readable = true() if fields is None else SEARCH.c.field.in_([literal_column(f"'{name}'") for name in fields])
    if dialect == "sqlite":
        asked = literal_column(FULL_TEXT).op("MATCH")(bindparam(bind, None, Text()))
        joined = _WORDS.join(SEARCH, SEARCH.c.seq == _WORDS.c.rowid)
        return (
            select(SEARCH.c.record_id)
            .select_from(joined)
            .where(asked, readable)
            .order_by(_WORDS.c.rowid.desc())
            .limit(literal_column(str(MOST_CANDIDATES)))
        )
    holds = literal_column("kith_search.words").op("@@")(cast(bindparam(bind, None, Text()), TSQUERY))
    query = select(SEARCH.c.record_id).where(holds, readable).order_by(SEARCH.c.seq.desc())
    return query.limit(literal_column(str(MOST_CANDIDATES)))


def _spread(others: int, fields: Sequence[str], dialect: str) -> Select[Any]:
    """Records of the longest word whose readable fields hold the other words too, such as a first and a last name."""
    candidates = _newest(_LONGEST, fields, dialect).subquery("kith_candidates")
    query = select(candidates.c.record_id)
    for number in range(others):
        rows = SEARCH.alias(f"kith_other_{number}")
        body = literal_column("' '").concat(rows.c.body).concat(literal_column("' '"))
        query = query.where(
            select(literal_column("1"))
            .select_from(rows)
            .where(
                rows.c.entity == bindparam(_ENTITY, None, Text()),
                rows.c.record_id == candidates.c.record_id,
                rows.c.field.in_([literal_column(f"'{name}'") for name in fields]),
                body.like(bindparam(_WORD.format(number), None, Text())),
            )
            .correlate(candidates)
            .exists()
        )
    return query
