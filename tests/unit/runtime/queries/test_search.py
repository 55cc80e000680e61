"""The search: words in any case and without accents, within rights, and never syntax."""

from __future__ import annotations

import pytest

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from kith_runtime.queries.search import index_record, remove_record
from kith_runtime.queries.search.find import search
from kith_runtime.queries.search.words import words_of
from support.apps import TestApp, person


@pytest.fixture
def indexed(filled: TestApp) -> TestApp:
    """Accounts and deals in the index."""
    with filled.database.write() as connection:
        index_record(connection, "crm.account", "acc0", {"name": "Müller & Söhne GmbH", "secret": "Codename Falcon"})
        index_record(connection, "crm.account", "acc1", {"name": "Acme-Group International", "secret": "Nothing"})
        index_record(connection, "crm.account", "acc2", {"name": "Falcon Air", "region": "anna@acme.example"})
        index_record(connection, "base.user", "ann", {"name": "Ann Falcon"})
    return filled


def _found(app: TestApp, text: str, *roles: str) -> set[str]:
    actor = person("ann", *roles, region="north") if roles else SYSTEM
    with app.reading(actor) as ctx:
        return {hit.id for group in search(ctx, text) for hit in group.hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("muller", {"acc0"}),
        ("MÜLLER", {"acc0"}),
        ("mul soh", {"acc0"}),
        ("group acme", {"acc1"}),
        ("acme-group", {"acc1"}),
        ("anna@acme", {"acc2"}),
        ("falcon anna", {"acc2"}),
        ("falcon", {"acc0", "acc2", "ann"}),
        ("alcon", set()),
        ("", set()),
        ("&&& %% __ '\"", set()),
    ],
)
def test_words_find_records(indexed: TestApp, text: str, expected: set[str]) -> None:
    assert _found(indexed, text) == expected


@pytest.mark.parametrize(
    "text",
    ['"', 'a" OR "b', "NEAR(a b)", "* : ^ -", "name:falcon", "falcon*", "'; --", "\0", "a" * 999, "place : x",
     "!falcon & (", "\\", "''", "_e"],
)  # fmt: skip
def test_nothing_that_people_type_is_syntax(indexed: TestApp, text: str) -> None:
    _found(indexed, text)
    with indexed.reading() as ctx:
        select(ctx, Query("crm.account", ("id",), text=text))


def test_fields_and_records_without_rights_are_not_found(indexed: TestApp) -> None:
    assert _found(indexed, "falcon", "rep") == {"acc2"}
    assert _found(indexed, "falcon", "regional") == set()
    assert _found(indexed, "muller", "regional") == {"acc0"}
    assert _found(indexed, "codename", "rep") == set()


def test_hits_carry_title_and_field_and_the_title_counts_most(indexed: TestApp) -> None:
    with indexed.reading() as ctx:
        (accounts,) = [group for group in search(ctx, "falcon") if group.entity == "crm.account"]
        (one,) = search(ctx, "falcon", limit=1, entity="crm.account")
    assert [(hit.id, hit.title, hit.field) for hit in accounts.hits] == [
        ("acc2", "Account 2", "name"),
        ("acc0", "Account 0", "secret"),
    ]
    assert one.more
    assert len(one.hits) == 1


def test_the_index_follows_changes(indexed: TestApp) -> None:
    with indexed.database.write() as connection:
        index_record(connection, "crm.account", "acc2", {"name": "Eagle Air"})
        remove_record(connection, "crm.account", "acc0")
        remove_record(connection, "crm.account", "never there")
    assert _found(indexed, "falcon") == {"ann"}
    assert _found(indexed, "eagle") == {"acc2"}
    assert _found(indexed, "anna") == set()


def test_a_list_is_limited_to_what_the_words_find(indexed: TestApp) -> None:
    with indexed.reading() as ctx:
        page = select(ctx, Query("crm.account", ("name",), text="falcon", count="exact", where="rating >= 0"))
    assert page.count == 2
    with indexed.reading(person("ann", "rep")) as ctx:
        assert list(select(ctx, Query("crm.account", ("name",), text="falcon")).ids) == ["acc2"]


def test_words_are_cut_the_same_everywhere() -> None:
    assert words_of("Straße, ÉCOLE_2 x²") == ["strasse", "ecole", "2", "x2"]
