"""Tables and indexes from metadata: real, used by the lists they are made for, and the same for the same metadata."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, insert, text

from kith_platform.database import Database
from kith_runtime.queries import Query, select
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.queries.expression_sql import prepare
from kith_runtime.queries.paging import Step, key_name
from kith_runtime.queries.plan import LIMIT
from kith_runtime.records.unique import find_by_key, keys_of
from kith_runtime.records.writer import writer_for
from kith_runtime.tables import indexes_of, table_of
from support.apps import NOW, TestApp, open_app, publish


@pytest.fixture
def app(database: Database) -> TestApp:
    """The app with four thousand deals."""
    app = open_app(database)
    table = table_of(app.published, "crm.deal")
    rows = [
        {"id": f"{number:020d}", "version": 1, "created_at": NOW, "updated_at": NOW, "name": f"Deal {number % 900}",
         "amount": number % 700, "owner": f"u{number % 50}", "account": f"a{number % 300}"}
        for number in range(4000)
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(table), rows)
        connection.execute(text("ANALYZE"))
    return app


def _plan(app: TestApp, query: Query, values: list[object]) -> str:
    binds = {key_name(number): value for number, value in enumerate(values)}
    return _explained(app, query, Step("held", blanks=tuple(False for _ in values)), binds)


def _explained(app: TestApp, query: Query, step: Step, given: dict[str, object]) -> str:
    with app.reading() as ctx:
        plan = plan_of(ctx, question_of(query, titles=False))
        statement = plan.page(step, 51)
        binds = {**plan.binds(ctx), LIMIT: 51, **given}
        prepare(ctx.connection)
        explain = "EXPLAIN QUERY PLAN " if ctx.database.dialect_name == "sqlite" else "EXPLAIN "
        if statement.order is None:
            rows = ctx.connection.exec_driver_sql(explain + statement.sql, {**statement.constants, **binds})
        else:
            merged = {**statement.constants, **binds}
            rows = ctx.connection.exec_driver_sql(explain + statement.sql, tuple(merged[n] for n in statement.order))
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("sort", "value", "index"),
    [
        ("amount", 300, "amount"),
        ("-amount", 300, "amount"),
        ("-created_at", None, "created"),
        ("name", "deal 17", "by_name"),
        ("-name", "deal 17", "by_name"),
    ],
)
def test_deep_pages_are_read_from_an_index(app: TestApp, sort: str, value: object, index: str) -> None:
    if value is None:
        value = NOW.isoformat(timespec="microseconds")[:26] + "Z" if app.database.dialect_name == "sqlite" else NOW
    plan = _plan(app, Query("crm.deal", ("name",), sort=(sort,)), [value, f"{2000:020d}"])
    assert f"ix_crm__deal__{index}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    assert "SCAN" not in plan


@pytest.mark.parametrize("sort", ["amount", "-created_at"])
def test_what_points_to_a_record_is_read_from_an_index_in_its_order_also_where_nearly_nothing_points_anywhere(
    app: TestApp, sort: str
) -> None:
    with app.database.write() as connection:
        connection.execute(text("UPDATE crm__deal SET account = NULL WHERE account <> 'a7'"))
        connection.execute(text("ANALYZE"))
    query = Query("crm.deal", ("name",), related=("account", "a7"), sort=(sort,), limit=5)
    plan = _explained(app, query, Step("held"), {"kith_related": "a7", LIMIT: 6})
    index = "of_account" if sort == "amount" else "account"
    assert f"ix_crm__deal__{index}_" in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan


def test_every_index_exists(app: TestApp) -> None:
    sqlite = app.database.dialect_name == "sqlite"
    names = text("SELECT name FROM sqlite_master") if sqlite else text("SELECT indexname FROM pg_indexes")
    with app.database.read() as connection:
        found = set(connection.execute(names).scalars())
    for name in app.published.snapshot.entities():
        wanted = {item.name for item in indexes_of(app.published.snapshot, app.published.storage.entity(name), name)}
        assert wanted <= found
        assert all(len(item) <= 63 for item in wanted)


def test_the_same_metadata_gives_the_same_indexes() -> None:
    first, second = publish(), publish()
    for name in first.snapshot.entities():
        assert indexes_of(first.snapshot, first.storage.entity(name), name) == indexes_of(
            second.snapshot, second.storage.entity(name), name
        )


def test_keys_are_unique_among_live_records_where_their_condition_holds() -> None:
    published = publish()
    deals = indexes_of(published.snapshot, published.storage.entity("crm.deal"), "crm.deal")
    (code,) = [item for item in deals if item.key == "key:code"]
    assert (code.unique, code.rows, code.where) == (True, "live", 'stage == "new"')
    assert code.columns[0].fold == "folded"
    accounts = indexes_of(published.snapshot, published.storage.entity("crm.account"), "crm.account")
    assert [item.key for item in accounts if item.unique] == ["field:name"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('name == "Deal 17"', 5),
        ('"Deal 17" == name and amount >= 0', 5),
        ('name in ["Deal 17"]', 5),
        ('name in ["Deal 17", "Deal 18", "deal 19"]', 10),
        ('starts_with(name, "Deal 89")', 45),
        ('starts_with(lower(name), "deal 89")', 45),
        ('lower(name) == "deal 17"', 5),
        ('name == "deal 17"', 0),
        ('starts_with(name, "deal 89")', 0),
    ],
)
def test_a_text_is_found_by_the_index_that_sorts_it(app: TestApp, where: str, found: int) -> None:
    query = Query("crm.deal", ("name",), where=where, sort=("-created_at",), limit=200)
    assert "ix_crm__deal__by_name" in _first_page(app, query)
    with app.reading() as ctx:
        assert len(select(ctx, query).ids) == found


def test_a_unique_text_is_found_by_the_index_that_holds_it_unique(app: TestApp) -> None:
    table = table_of(app.published, "crm.account")
    rows = [
        {"id": f"{number:020d}", "version": 1, "created_at": NOW, "updated_at": NOW, "name": f"Äcker {number}"}
        for number in range(4000)
    ]
    with app.database.write() as connection:
        connection.execute(insert(table), rows)
        connection.execute(text("ANALYZE"))
    query = Query("crm.account", ("name",), where='name == "Äcker 1704"')
    assert "ix_crm__account__" in _first_page(app, query)
    with app.reading() as ctx:
        assert list(select(ctx, query).ids) == [f"{1704:020d}"]


def test_lists_sort_letters_with_marks_by_their_letter(app: TestApp) -> None:
    names = [
        "Zebra",
        "Ärger",
        "apfel",
        "Éclair",
        "öl",
        "Straße",
        "strasse 2",
        "Ołów",
        "Ůl",
        "ñandu",
        "Norden",
        "Ωmega",
        "ωhm",
    ]
    table = table_of(app.published, "crm.account")
    rows = [
        {"id": f"{number:020d}", "version": 1, "created_at": NOW, "updated_at": NOW, "name": name}
        for number, name in enumerate(names)
    ]
    with app.database.write() as connection:
        connection.execute(insert(table), rows)
    wanted = [
        "apfel",
        "Ärger",
        "Éclair",
        "ñandu",
        "Norden",
        "öl",
        "Ołów",
        "Straße",
        "strasse 2",
        "Ůl",
        "Zebra",
        "ωhm",
        "Ωmega",
    ]
    assert _paged(app, "name") == wanted
    assert _paged(app, "-name") == wanted[::-1]


def _paged(app: TestApp, sort: str) -> list[str]:
    """Read a list by pages of two and return what stands in it."""
    found, after = [], None
    while True:
        with app.reading() as ctx:
            page = select(ctx, Query("crm.account", ("name",), sort=(sort,), limit=2, after=after))
        found += [row[0] for row in page.rows]
        after = page.next
        if not after:
            return found


def _first_page(app: TestApp, query: Query) -> str:
    return _explained(app, query, Step("held"), {})


def test_a_key_is_looked_up_in_its_index(app: TestApp) -> None:
    table = table_of(app.published, "crm.account")
    rows = [
        {"id": f"{number:020d}", "version": 1, "created_at": NOW, "updated_at": NOW, "name": f"Äcker {number}"}
        for number in range(4000)
    ]
    with app.database.write() as connection:
        connection.execute(insert(table), rows)
        connection.execute(text("ANALYZE"))
    asked: list[tuple[str, Any]] = []
    with app.reading() as ctx:
        event.listen(ctx.connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        (key,) = [key for key in keys_of(ctx, "crm.account") if key.name == "name"]
        found = find_by_key(ctx, writer_for(ctx, "crm.account"), key, {"name": "äCKER 1704"})
        sql, values = asked[-1]
        explain = "EXPLAIN QUERY PLAN " if ctx.database.dialect_name == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row[-1]) for row in ctx.connection.exec_driver_sql(explain + sql, values))
    assert found is not None
    assert found["id"] == f"{1704:020d}"
    assert "ix_crm__account__u_name" in plan
