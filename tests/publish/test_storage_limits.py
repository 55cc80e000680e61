"""A database that takes no more: the publish says so, and nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.errors import KithError
from support.publishing import TEXT, Site, crm, entity

BEFORE = crm(deal=entity({"name": TEXT, "amount": TEXT}))
AFTER = crm(deal=entity({"name": TEXT, "amount": {"type": "integer", "index": True}}))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Site]:
    """A workspace in a file with some hundred records."""
    site = Site(f"sqlite:///{tmp_path / 'kith.db'}")
    site.publish(BEFORE)
    for number in range(300):
        site.create("deal", name=f"Deal {number}", amount=str(number))
    yield site
    site.close()


@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        ("PRAGMA max_page_count = 1", "The disk of the database is full."),
        ("PRAGMA query_only = ON", "cannot be written."),
    ],
)
def test_publish_into_a_database_that_takes_no_more(filled: Site, pragma: str, words: str) -> None:
    before = filled.checksum()
    # It holds for the one connection that writes; a number below the present size means the present size.
    with filled.database.write() as connection:
        connection.exec_driver_sql(pragma)
    with pytest.raises(KithError) as caught:
        filled.publish(AFTER)
    assert words in caught.value.message
    assert caught.value.hint
    filled.database.dispose()
    assert filled.checksum() == before
    filled.consistent()
    filled.publish(AFTER)
    assert filled.values("deal", "amount") == list(range(300))
