"""A record as text is its id, so that formulas can put it into addresses: the same in every engine."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kith_metadata.expressions import compile_check
from kith_platform.database import Database
from support.expression_bench import ACCOUNTS, BLANK_RECORD, DEALS, SCOPE, create, in_sql, outcome, stored

RECORD = {
    **BLANK_RECORD,
    "name": "u1",
    "owner": "u1",
    "account": {"id": "a1", "industry": "x", "revenue": None, "owner": "u2"},
}
VALUES = [
    ("text(owner)", "u1"),
    ('"/" + text(owner) + "/edit"', "/u1/edit"),
    ("text(account.owner) + name", "u2u1"),
    ("text(owner) == name", True),
    ('name < text(owner) + "a"', True),
    ("text(owner if active else account.owner)", "u2"),
    ('left(text(account), 1) == "a"', True),
    ("text(team)", None),
]


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with the one record."""
    create(database)
    with database.write() as connection:
        connection.execute(sa.insert(DEALS), stored(RECORD))
        connection.execute(sa.insert(ACCOUNTS), {"id": "a1", "industry": "x", "owner": "u2"})
    return database


def test_a_record_as_text_is_its_id(filled: Database) -> None:
    with filled.read() as connection:
        for text, value in VALUES:
            checked = compile_check(text, SCOPE)
            assert outcome(checked, RECORD) == value, text
            assert in_sql(connection, checked)[0] == value, text
