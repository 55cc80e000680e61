"""Tables and indexes from metadata: real, used by the lists they are made for, and the same for the same metadata."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from kith_platform.database import Database
from kith_runtime.queries import Query
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.queries.paging import Step, key_name
from kith_runtime.queries.plan import LIMIT
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
    with app.reading() as ctx:
        plan = plan_of(ctx, question_of(query, titles=False))
        statement = plan.page(Step("held", blanks=tuple(False for _ in values)))
        binds = {LIMIT: 51, **{key_name(number): value for number, value in enumerate(values)}}
        explain = "EXPLAIN QUERY PLAN " if ctx.database.dialect_name == "sqlite" else "EXPLAIN "
        if statement.order is None:
            rows = ctx.connection.exec_driver_sql(explain + statement.sql, {**statement.constants, **binds})
        else:
            merged = {**statement.constants, **binds}
            rows = ctx.connection.exec_driver_sql(explain + statement.sql, tuple(merged[n] for n in statement.order))
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("sort", "value", "index"),
    [("amount", 300, "amount"), ("-amount", 300, "amount"), ("-created_at", None, "created")],
)
def test_deep_pages_are_read_from_an_index(app: TestApp, sort: str, value: object, index: str) -> None:
    if value is None:
        value = NOW.isoformat(timespec="microseconds")[:26] + "Z" if app.database.dialect_name == "sqlite" else NOW
    plan = _plan(app, Query("crm.deal", ("name",), sort=(sort,)), [value, f"{2000:020d}"])
    assert f"ix_crm__deal__{index}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


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
