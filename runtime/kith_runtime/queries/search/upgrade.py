"""Bring the search index of an older database into today's shape, from its own words and without loss."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, inspect, text

from kith_runtime.queries.search.index import add_records
from kith_runtime.queries.search.store import SEARCH

_BATCH = 7_000
_KEEP = text(
    "CREATE TABLE kith_search_before AS SELECT entity, record_id, field, body FROM kith_search WHERE field <> ''"
)
_ORDER = text("CREATE INDEX ix_kith_search_before ON kith_search_before (record_id, entity)")
_NEXT = text(
    "SELECT entity, record_id, field, body FROM kith_search_before WHERE record_id > :after "
    "ORDER BY record_id, entity LIMIT :most"
)


def one_row_for_each_record(connection: Connection) -> None:
    """Join the rows of single fields, as the first version kept them, to one row for each record."""
    if "field" in {column["name"] for column in inspect(connection).get_columns(SEARCH.name)}:
        connection.execute(_KEEP)
        connection.execute(_ORDER)
        for name in ("kith_search_words", "kith_search") if connection.dialect.name == "sqlite" else ("kith_search",):
            connection.execute(text("DROP TABLE IF EXISTS " + name))
        SEARCH.create(connection)
        _copy(connection)
        connection.execute(text("DROP TABLE kith_search_before"))


def _copy(connection: Connection) -> None:
    after = ""
    while True:
        rows: Sequence[Any] = connection.execute(_NEXT, {"after": after, "most": _BATCH}).all()
        if len(rows) == _BATCH:
            # The last record may go on in the next batch.
            rows = [row for row in rows if row.record_id != rows[-1].record_id]
        if not rows:
            return
        for entity, of_entity in groupby(sorted(rows, key=lambda row: row.entity), lambda row: row.entity):
            records = groupby(of_entity, lambda row: row.record_id)
            add_records(
                connection, entity, [(record, {row.field: row.body for row in fields}) for record, fields in records]
            )
        after = rows[-1].record_id
