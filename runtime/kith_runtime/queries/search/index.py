"""Write the search index: inside the transaction that writes the record, so that neither is ever without the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.queries.search.store import SEARCH, WHOLE
from kith_runtime.queries.search.words import words_of

# An external-content index is told of every row that comes and goes.
_ADD = text("INSERT INTO kith_search_words (rowid, place, body) VALUES (:seq, :place, :body)")
_TAKE = text(
    "INSERT INTO kith_search_words (kith_search_words, rowid, place, body) VALUES ('delete', :seq, :place, :body)"
)
_INSERT = insert(SEARCH)
_INSERT_TELLING = insert(SEARCH).returning(SEARCH.c.seq, SEARCH.c.place, SEARCH.c.body)
_COLUMNS = [column.name for column in SEARCH.c if column.name != "seq"]
_ADD_SOME = Prepared(_ADD)
_INSERT_SOME = Prepared(insert(SEARCH).inline(), _COLUMNS)
_INSERT_ONE = Prepared(insert(SEARCH).returning(SEARCH.c.seq), _COLUMNS)
_SOME = 50
"""Up to so many rows, as one record has them, each row costs less than a statement for all of them."""

_OF_RECORD = select(SEARCH).where(
    SEARCH.c.entity == bindparam("of_entity"), SEARCH.c.record_id == bindparam("of_record", None, IdText())
)
_FORGET_ALL = text("INSERT INTO kith_search_words (kith_search_words) VALUES ('delete-all')")


def index_record(connection: Connection, entity: str, record: str, texts: Mapping[str, str]) -> None:
    """Make a record findable by these texts and no others; ``texts`` maps fields to what people read there."""
    wanted = _bodies(texts)
    known = _rows(connection, entity, record)
    kept = {row["field"] for row in known if wanted.get(row["field"]) == row["body"]}
    _remove(connection, [row for row in known if row["field"] not in kept])
    _add(connection, [_row(entity, record, name, body) for name, body in wanted.items() if name not in kept])


def add_records(connection: Connection, entity: str, records: Iterable[tuple[str, Mapping[str, str]]]) -> None:
    """Make records findable that are not in the index yet, in one go; each is given with its texts by field."""
    rows = [_row(entity, record, name, body) for record, texts in records for name, body in _bodies(texts).items()]
    _add(connection, rows)


def remove_record(connection: Connection, entity: str, record: str) -> None:
    """Take a record out of the index; it is fine when it is not there."""
    _remove(connection, _rows(connection, entity, record))


def forget_all(connection: Connection) -> None:
    """Empty the index, as the first step of building it anew."""
    if connection.dialect.name == "sqlite":
        connection.execute(_FORGET_ALL)
    connection.execute(delete(SEARCH))


@cache
def place_of(entity: str, whole: bool = False) -> str:
    """Return the word that stands for an entity in the index, or its whole records; typed words hold no underscore."""
    return ("_w" if whole else "_") + hashlib.sha256(entity.encode()).hexdigest()[:20]


def _rows(connection: Connection, entity: str, record: str) -> list[Mapping[Any, Any]]:
    return list(connection.execute(_OF_RECORD, {"of_entity": entity, "of_record": record}).mappings())


def _bodies(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the folded words by field, and those of the whole record for people who may read all of it."""
    found = {name: " ".join(words_of(value)) for name, value in texts.items()}
    found = {name: body for name, body in found.items() if body}
    return {**found, WHOLE: " ".join(found.values())} if found else {}


def _row(entity: str, record: str, field: str, body: str) -> dict[str, Any]:
    return {
        "entity": entity,
        "record_id": record,
        "field": field,
        "place": place_of(entity, field == WHOLE),
        "body": body,
    }


def _add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if len(rows) <= _SOME:
        _add_some(connection, rows)
        return
    if connection.dialect.name != "sqlite":
        connection.execute(_INSERT, rows)
        return
    found = connection.execute(_INSERT_TELLING, rows)
    connection.execute(_ADD, [{"seq": row.seq, "place": row.place, "body": row.body} for row in found])


def _add_some(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name != "sqlite":
        _INSERT_SOME.execute_all(connection, rows)
        return
    added = [{**row, "seq": _INSERT_ONE.rows(connection, row)[0].seq} for row in rows]
    _ADD_SOME.execute_all(connection, added)


def _remove(connection: Connection, rows: list[Mapping[Any, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(_TAKE, [{name: row[name] for name in ("seq", "place", "body")} for row in rows])
    connection.execute(delete(SEARCH).where(SEARCH.c.seq.in_([row["seq"] for row in rows])))
