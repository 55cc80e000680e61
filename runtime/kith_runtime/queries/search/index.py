"""Write the search index: inside the transaction that writes the record, so that neither is ever without the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, column, delete, func, insert, literal, select, table, text

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.queries.search.store import PARTS, SEARCH, index_parts
from kith_runtime.queries.search.words import words_of

# SQLite's index keeps no texts of its own: it is told of every row that comes and goes.
_ADD = text("INSERT INTO kith_search_parts (rowid, body) VALUES (:seq, :text)")
_TAKE = text("INSERT INTO kith_search_parts (kith_search_parts, rowid, body) VALUES ('delete', :seq, :text)")
_COLUMNS = [column.name for column in SEARCH.c if column.name != "seq"]
_PARTS_TABLE = table(PARTS, column(PARTS), column("rowid"), column("body"))
_ADD_ONE = Prepared(_ADD)
_LAST = select(func.coalesce(func.max(SEARCH.c.seq), 0))
_ADD_AFTER = insert(_PARTS_TABLE).from_select(
    ["rowid", "body"],
    select(SEARCH.c.seq, SEARCH.c.place.concat(SEARCH.c.body)).where(SEARCH.c.seq > bindparam("last")),
)
_INSERT = Prepared(insert(SEARCH).inline(), _COLUMNS)
_INSERT_ONE_TELLING = Prepared(insert(SEARCH).returning(SEARCH.c.seq), _COLUMNS)
_MINE = (SEARCH.c.entity == bindparam("of_entity"), SEARCH.c.record_id == bindparam("of_record", None, IdText()))
_OF_RECORD = select(SEARCH.c.fields).where(*_MINE)
_REMOVE = delete(SEARCH).where(*_MINE)
_PARTS_OF_RECORD = select(SEARCH.c.seq, SEARCH.c.place, SEARCH.c.body).where(*_MINE)
_PARTS_OF_ENTITY = select(SEARCH.c.seq, SEARCH.c.place, SEARCH.c.body).where(SEARCH.c.entity == bindparam("of_entity"))
_REMOVE_ENTITY = delete(SEARCH).where(SEARCH.c.entity == bindparam("of_entity"))
_FORGET_PARTS = text("INSERT INTO kith_search_parts (kith_search_parts) VALUES ('delete-all')")
_LONGEST_RECORD = 200_000  # Characters of one record: a tsvector of PostgreSQL holds one megabyte.
_FIRST_SIGN, _SIGNS = 0xE000, 6400  # Unicode keeps these for private use: no text that people type holds them.


def index_record(connection: Connection, entity: str, record: str, texts: Mapping[str, str]) -> None:
    """Make a record findable by these texts and no others; ``texts`` maps fields to what people read there."""
    wanted = _row(entity, record, texts)
    known = connection.execute(_OF_RECORD, {"of_entity": entity, "of_record": record}).scalar()
    if known == (wanted and wanted["fields"]):
        return
    if known is not None:
        remove_record(connection, entity, record)
    if wanted is not None:
        _add(connection, [wanted])


def index_records(connection: Connection, entity: str, records: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Make records findable by these texts and no others, in one go; each is given once, with its texts by field."""
    dialect = connection.dialect.name
    mine = (SEARCH.c.entity == entity, among(SEARCH.c.record_id, "of_records", dialect))
    given = {"of_records": given_ids([record for record, _ in records], dialect)}
    held = select(SEARCH.c.record_id, SEARCH.c.fields).where(*mine)
    known = {row.record_id: row.fields for row in connection.execute(held, given)}
    wanted = {record: _row(entity, record, texts) for record, texts in records}
    moved = [record for record, row in wanted.items() if known.get(record) != (row and row["fields"])]
    gone = [record for record in moved if record in known]
    if gone:
        remove_records(connection, entity, gone)
    rows = [row for record in moved if (row := wanted[record]) is not None]
    if rows:
        _add(connection, rows)


def add_records(connection: Connection, entity: str, records: Iterable[tuple[str, Mapping[str, str]]]) -> None:
    """Make records findable that are not in the index yet, in one go; each is given with its texts by field."""
    rows = [row for record, texts in records if (row := _row(entity, record, texts)) is not None]
    if rows:
        _add(connection, rows)


def remove_record(connection: Connection, entity: str, record: str) -> None:
    """Take a record out of the index; it is fine when it is not there."""
    mine = {"of_entity": entity, "of_record": record}
    _take(connection, _PARTS_OF_RECORD, mine)
    connection.execute(_REMOVE, mine)


def remove_records(connection: Connection, entity: str, records: Sequence[str]) -> None:
    """Take records out of the index, in the same two statements however many they are."""
    dialect = connection.dialect.name
    mine = (SEARCH.c.entity == entity, among(SEARCH.c.record_id, "of_records", dialect))
    given = {"of_records": given_ids(records, dialect)}
    if dialect == "sqlite":
        gone = select(literal("delete"), SEARCH.c.seq, SEARCH.c.place.concat(SEARCH.c.body)).where(*mine)
        connection.execute(insert(_PARTS_TABLE).from_select(["kith_search_parts", "rowid", "body"], gone), given)
    connection.execute(delete(SEARCH).where(*mine), given)


def remove_entity(connection: Connection, entity: str) -> None:
    """Take all records of an entity out of the index."""
    _take(connection, _PARTS_OF_ENTITY, {"of_entity": entity})
    connection.execute(_REMOVE_ENTITY, {"of_entity": entity})


def forget_all(connection: Connection) -> None:
    """Empty the index, as the first step of building it anew."""
    if connection.dialect.name == "sqlite":
        connection.execute(_FORGET_PARTS)
    connection.execute(delete(SEARCH))
    index_parts(connection)


def _add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if len(rows) == 1:
        _add_one(connection, rows[0])
        return
    if connection.dialect.name != "sqlite":
        _INSERT.execute_all(connection, rows)
        return
    # Nobody else writes in between, and numbers only rise: what comes after the last one is what is written here.
    last = connection.execute(_LAST).scalar()
    _INSERT.execute_all(connection, rows)
    connection.execute(_ADD_AFTER, {"last": last})


def _add_one(connection: Connection, row: dict[str, Any]) -> None:
    if connection.dialect.name != "sqlite":
        _INSERT.execute_all(connection, [row])
        return
    seq = _INSERT_ONE_TELLING.rows(connection, row)[0].seq
    _ADD_ONE.execute_all(connection, [{"seq": seq, "text": row["place"] + row["body"]}])


def _take(connection: Connection, rows: Select[Any], mine: Mapping[str, str]) -> None:
    if connection.dialect.name == "sqlite":
        parts = _parts(connection.execute(rows, mine))
        if parts:
            connection.execute(_TAKE, parts)


def _parts(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"seq": row.seq, "text": row.place + row.body} for row in rows]


@cache
def place_of(entity: str) -> str:
    """Return the three signs that stand for an entity in the index."""
    number = int.from_bytes(hashlib.sha256(entity.encode()).digest()[:8])
    return "".join(chr(_FIRST_SIGN + number // _SIGNS**power % _SIGNS) for power in range(3))


def _row(entity: str, record: str, texts: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the row of a record with the folded words of each field; None when it has no word at all."""
    fields: dict[str, str] = {}
    left = _LONGEST_RECORD
    for name, value in texts.items():
        body = " ".join(words_of(value))[:left]
        if body:
            fields[name] = f" {body} "
            left -= len(body)
    if not fields:
        return None
    body = "".join(fields.values())
    return {"entity": entity, "record_id": record, "place": place_of(entity), "body": body, "fields": fields}
