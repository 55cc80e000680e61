"""Ask the search index: which rows hold the words that a person typed, what was touched last first, and never all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from kith_runtime.access.rights import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.queries.search.index import place_of
from kith_runtime.queries.search.store import SEARCH
from kith_runtime.queries.search.words import asked_words

MOST_CANDIDATES = 1000
"""Rows of the index that are looked at for one question; a word that fits more should be made longer."""

_SQLITE = text(
    "SELECT s.entity, s.record_id, s.field, s.body FROM kith_search_words w JOIN kith_search s ON s.seq = w.rowid "
    "WHERE kith_search_words MATCH :asked AND s.field <> '' ORDER BY w.rowid DESC LIMIT :most OFFSET :skip"
)
_POSTGRESQL = text(
    "SELECT entity, record_id, field, body FROM kith_search WHERE words @@ CAST(:asked AS tsquery) AND field <> '' "
    "ORDER BY seq DESC LIMIT :most OFFSET :skip"
)


@dataclass(frozen=True, slots=True)
class Match:
    """A field of a record that holds what was asked."""

    entity: str
    record: str
    field: str
    body: str


def matches(ctx: Context, asked: str, entity: str = "", *, skip: int = 0) -> list[Match]:
    """Return the fields that hold all the words, else records whose readable fields hold them together."""
    words = asked_words(asked)
    if not words:
        return []
    found = _readable(ctx, _rows(ctx.connection, words, entity, skip))
    if len(words) > 1 and len(found) < MOST_CANDIDATES:
        seen = {(match.entity, match.record) for match in found}
        found.extend(match for match in _spread(ctx, words, entity) if (match.entity, match.record) not in seen)
    return found


def _rows(connection: Connection, words: Sequence[str], entity: str, skip: int = 0) -> list[Match]:
    dialect = connection.dialect.name
    binds = {"asked": question_text(words, entity, dialect), "most": MOST_CANDIDATES, "skip": skip}
    return [Match(*row) for row in connection.execute(_SQLITE if dialect == "sqlite" else _POSTGRESQL, binds)]


def question_text(words: Sequence[str], entity: str, dialect: str, *, whole: bool = False) -> str:
    """Return words as a question to the full-text index of a database, limited to an entity when one is named.

    ``whole`` asks for records of the entity whose searchable fields hold the words together.
    """
    place = place_of(entity, whole) if entity else ""
    return _fts5(words, place) if dialect == "sqlite" else _tsquery(words, place)


def _fts5(words: Sequence[str], place: str) -> str:
    """Words are letters and digits only, and quoted all the same: nothing that people type is syntax."""
    asked = " AND ".join(f'"{word}" *' if len(word) > 1 else f'"{word}"' for word in words)
    limit = f'place : "{place}" AND ' if place else ""
    return f"{limit}body : ({asked})"


def _tsquery(words: Sequence[str], place: str) -> str:
    parts = [f"'{word}':*" if len(word) > 1 else f"'{word}'" for word in words]
    return " & ".join([*([f"'{place}'"] if place else []), *parts])


def _readable(ctx: Context, found: list[Match]) -> list[Match]:
    known = ctx.snapshot
    return [
        match
        for match in found
        if known.has("entity", match.entity) and match.field in rights_for(ctx, match.entity).readable
    ]


def _spread(ctx: Context, words: Sequence[str], entity: str) -> list[Match]:
    """Records that hold the words in several fields, such as a first and a last name."""
    longest = max(words, key=len)
    first = _readable(ctx, _rows(ctx.connection, [longest], entity))
    by_record: dict[tuple[str, str], Match] = {}
    for match in first:
        by_record.setdefault((match.entity, match.record), match)
    bodies: dict[tuple[str, str], list[str]] = {}
    for match in _readable(ctx, _fields_of_records(ctx, [record for _, record in by_record])):
        bodies.setdefault((match.entity, match.record), []).extend(match.body.split(" "))
    return [match for key, match in by_record.items() if _holds_all(bodies.get(key, []), words)]


def _fields_of_records(ctx: Context, records: list[str]) -> list[Match]:
    dialect = ctx.database.dialect_name
    query = select(SEARCH.c.entity, SEARCH.c.record_id, SEARCH.c.field, SEARCH.c.body).where(
        among(SEARCH.c.record_id, "records", dialect)
    )
    rows: Any = ctx.connection.execute(query, {"records": given_ids(records, dialect)})
    return [Match(*row) for row in rows]


def _holds_all(found: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word == asked or (len(asked) > 1 and word.startswith(asked)) for word in found) for asked in words)
