"""The search: words in any case and without accents, within rights, and never syntax."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from kith_runtime.queries.search import add_records, index_record, remove_record
from kith_runtime.queries.search.find import search
from kith_runtime.queries.search.index import forget_all
from kith_runtime.queries.search.store import SEARCH, parts_are_indexed
from kith_runtime.queries.search.upgrade import one_row_for_each_record
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
    ("typed", "expected"),
    [
        ("muller", {"acc0"}),
        ("MÜLLER", {"acc0"}),
        ("mul soh", {"acc0"}),
        ("group acme", {"acc1"}),
        ("acme-group", {"acc1"}),
        ("anna@acme", {"acc2"}),
        ("falcon anna", {"acc2"}),
        ("falcon", {"acc0", "acc2", "ann"}),
        ("alcon", {"acc0", "acc2", "ann"}),
        ("öhn", {"acc0"}),
        ("roup nternat", {"acc1"}),
        ("lc", set()),
        ("a", set()),
        ("", set()),
        ("&&& %% __ '\"", set()),
    ],
)
def test_words_find_records(indexed: TestApp, typed: str, expected: set[str]) -> None:
    assert _found(indexed, typed) == expected


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


@pytest.fixture
def contacts(app: TestApp) -> TestApp:
    """Five accounts whose words are alike."""
    texts = {
        "a1": {"name": "Beckers Backstube", "secret": "+4915112345678 anna.becker@acme.example"},
        "a2": {"name": "Nordbecker"},
        "a3": {"name": "Hans Becker & Söhne"},
        "a4": {"name": "Becker"},
        "a5": {"name": "Łódź Trading", "secret": "call 0049 (0)711 / 55-66-77, ask for Becker"},
    }
    with app.database.write() as connection:
        for record, fields in texts.items():
            index_record(connection, "crm.account", record, fields)
    for record, fields in texts.items():
        app.row("crm.account", id=record, **fields)
    return app


def _ids(app: TestApp, text: str) -> list[str]:
    with app.reading() as ctx:
        return [hit.id for group in search(ctx, text, limit=9) for hit in group.hits]


def test_the_title_comes_first_then_words_then_parts(contacts: TestApp) -> None:
    assert _ids(contacts, "becker") == ["a4", "a1", "a3", "a5", "a2"]
    assert _ids(contacts, "ecker") == ["a5", "a4", "a3", "a2", "a1"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0151 1234", {"a1"}),
        ("+49 (151) 123-456", {"a1"}),
        ("0151/12345678", {"a1"}),
        ("345678", {"a1"}),
        ("+49 711 556677", {"a5"}),
        ("0711-556677", {"a5"}),
        ("beckers 0151 12345", {"a1"}),
        ("beckers 0711 556677", set()),
        ("a.becker@ac", {"a1"}),
        ("lodz", {"a5"}),
        ("ŁÓDŹ", {"a5"}),
        ("sohne hans", {"a3"}),
        ("acme stube", {"a1"}),
    ],
)
def test_numbers_in_any_writing_parts_of_addresses_and_plain_letters_find(
    contacts: TestApp, typed: str, expected: set[str]
) -> None:
    assert set(_ids(contacts, typed)) == expected
    with contacts.reading() as ctx:
        assert set(select(ctx, Query("crm.account", ("id",), text=typed)).ids) == expected


@pytest.mark.parametrize("text", ["151 123", "anna.becker", "acme", "nna.bec", "cme"])
def test_parts_of_hidden_fields_find_nothing(contacts: TestApp, text: str) -> None:
    assert _found(contacts, text) >= {"a1"}
    assert _found(contacts, text, "rep") == set()
    with contacts.reading(person("ann", "rep")) as ctx:
        assert select(ctx, Query("crm.account", ("id",), text=text, count="exact")).count == 0


def test_hidden_words_do_not_crowd_out_those_that_may_be_read(contacts: TestApp) -> None:
    with contacts.database.write() as connection:
        hidden = [(f"h{number}", {"name": "Other", "secret": "nordbecker"}) for number in range(1200)]
        add_records(connection, "crm.account", hidden)
    assert _found(contacts, "nordbeck", "rep") == {"a2"}
    assert _found(contacts, "ordbeck", "rep") == {"a2"}


def test_many_records_of_one_entity_do_not_hide_another(contacts: TestApp) -> None:
    contacts.row("crm.deal", id="d1", name="Becker renewal")
    with contacts.database.write() as connection:
        index_record(connection, "crm.deal", "d1", {"name": "Becker renewal"})
        add_records(connection, "crm.account", [(f"h{number}", {"name": "Becker"}) for number in range(1200)])
    with contacts.reading() as ctx:
        assert "crm.deal" in {group.entity for group in search(ctx, "becker")}


def test_without_the_extension_whole_words_are_found(contacts: TestApp) -> None:
    if contacts.database.dialect_name == "postgresql":
        with contacts.database.write() as connection:
            connection.execute(text("DROP EXTENSION pg_trgm CASCADE"))
        assert _ids(contacts, "becker") == ["a4", "a1", "a3", "a5"]
        assert _ids(contacts, "ecker") == []
        assert _found(contacts, "becker hans", "rep") == {"a3"}
        with contacts.reading() as ctx:
            assert set(select(ctx, Query("crm.account", ("id",), text="hans bec")).ids) == {"a3"}
        with contacts.database.write() as connection:
            forget_all(connection)
            assert parts_are_indexed(connection)
    assert isinstance(_ids(contacts, "becker"), list)


def test_an_index_of_the_first_version_moves_over(app: TestApp) -> None:
    with app.database.write() as connection:
        SEARCH.drop(connection)
        connection.execute(text("CREATE TABLE kith_search (seq INTEGER, entity TEXT, record_id TEXT, field TEXT, "
                                "place TEXT, body TEXT)"))  # fmt: skip
        old = "INSERT INTO kith_search VALUES (:seq, 'crm.account', :record, :field, '_x', :body)"
        for seq in range(9000):
            row = {"seq": seq, "record": f"r{seq // 3:05}", "field": ("", "name", "secret")[seq % 3]}
            connection.execute(text(old), {**row, "body": f"søn {seq % 3} nr{seq // 3}"})
        one_row_for_each_record(connection)
        one_row_for_each_record(connection)
        assert connection.execute(text("SELECT count(*) FROM kith_search")).scalar() == 3000
    app.row("crm.account", id="r02999", name="Søn")
    assert _found(app, "son nr2999") == {"r02999"}
    assert _found(app, "son 2 r2999") == {"r02999"}
    assert _found(app, "son nr2999", "rep") == {"r02999"}


def test_each_text_is_planned_for_itself(indexed: TestApp) -> None:
    """PostgreSQL would keep one plan for rare words and usual ones; other statements it may well keep."""
    with indexed.reading() as ctx:
        for _ in range(8):
            search(ctx, "falcon")
            select(ctx, Query("crm.account", ("id",), text="falcon"))
            select(ctx, Query("crm.account", ("id",)))
        if ctx.database.dialect_name == "postgresql":
            kept = ctx.connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
            assert any("FROM crm__account" in statement for statement in kept)
            assert not [statement for statement in kept if " LIKE " in statement]
