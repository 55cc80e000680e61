"""Many-to-many lookups in conditions: members, blank ones, through a lookup, and never what may not be seen."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from kith_platform.errors import Invalid
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Query, aggregate, get, select
from kith_runtime.queries.aggregation import Measure
from kith_runtime.tables import table_of
from support.apps import NOW, TestApp, person

TAGS = (None, ("hot",), ("hot", "cold"), ("cold",))


@pytest.fixture
def linked(app: TestApp) -> TestApp:
    """Four deals with helpers, one of whom is in the recycle bin."""
    app.row("base.team", id="team")
    for name in ("ann", "bob", "eve"):
        app.row("base.user", id=name, name=name.title(), region="north", teams=("team",))
    for number, helpers in enumerate((("bob", "ann"), ("ann",), (), ("eve",))):
        app.row("crm.deal", id=f"d{number}", code=f"c{number}", owner="ann", helpers=helpers, tags=TAGS[number])
        app.row("crm.line", id=f"l{number}", deal=f"d{number}", name="Line", quantity=2)
    with app.database.write() as connection:
        users = table_of(app.published, "base.user")
        connection.execute(update(users).where(users.c.id == "eve").values(deleted_at=NOW))
    return app


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('"ann" in helpers', "d0 d1"),
        ('"ann" not in helpers', "d2 d3"),
        ('"ann" in helpers and "bob" in helpers', "d0"),
        ('"eve" in helpers', ""),
        ("helpers == blank", "d2 d3"),
        ("is_blank(helpers)", "d2 d3"),
        ("helpers != blank", "d0 d1"),
        ('not ("bob" in helpers or "zed" in helpers)', "d1 d2 d3"),
        ("owner in helpers", "d0 d1"),
        ("blank in helpers", ""),
        ('"hot" in tags', "d1 d2"),
        ('tags == blank or "bob" in helpers', "d0"),
    ],
)
def test_lists_are_limited_by_members(linked: TestApp, where: str, expected: str) -> None:
    with linked.reading() as ctx:
        page = select(ctx, Query("crm.deal", ("id",), where=where, sort=("id",), count="exact"))
        counted = aggregate(ctx, "crm.deal", {"number": Measure("count")}, where=(where,))
    assert (" ".join(page.ids), page.count) == (expected, len(expected.split()))
    assert sum(group["number"] for group in counted) == len(expected.split())


def test_a_lookup_leads_to_members(linked: TestApp) -> None:
    with linked.reading() as ctx:
        page = select(ctx, Query("crm.line", ("id",), where='"bob" in deal.helpers', sort=("id",)))
    assert list(page.ids) == ["l0"]


@pytest.mark.parametrize(
    ("operator", "operand", "expected"),
    [
        ("has", "hot", "d1 d2"),
        ("has", "hot,cold", "d2"),
        ("has_any", "hot,cold", "d1 d2 d3"),
        ("has_not", "hot", "d0 d3"),
        ("has_not", "hot,cold", "d0"),
        ("blank", "", "d0"),
        ("not_blank", "", "d1 d2 d3"),
    ],
)
def test_operators_of_the_filter_builder(linked: TestApp, operator: str, operand: str, expected: str) -> None:
    with linked.reading() as ctx:
        field = fields_of(ctx.snapshot, "crm.deal")["tags"]
        scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
        where = field_types["choices"].filter_expression(field, operator, operand, scope)
        page = select(ctx, Query("crm.deal", ("id",), where=where, sort=("id",)))
    assert " ".join(page.ids) == expected


def test_members_that_may_not_be_seen_are_not_there(linked: TestApp) -> None:
    # A representative has no right over people.
    with linked.reading(person("ann", "rep")) as ctx:
        assert list(select(ctx, Query("crm.deal", ("id",), where='"bob" in helpers')).ids) == []
        assert len(select(ctx, Query("crm.deal", ("id",), where="helpers == blank")).ids) == 4
        assert list(select(ctx, Query("crm.line", ("id",), where='"bob" in deal.helpers')).ids) == []
        assert [row[0] for row in select(ctx, Query("crm.deal", ("helpers",))).rows] == [None] * 4
        assert get(ctx, "crm.deal", "d0")["helpers"] is None


def test_deleted_records_leave_the_list(linked: TestApp) -> None:
    with linked.reading() as ctx:
        rows = dict(select(ctx, Query("crm.deal", ("id", "helpers"))).rows)
        assert rows == {"d0": ("bob", "ann"), "d1": ("ann",), "d2": None, "d3": None}
        titled = dict(select(ctx, Query("crm.deal", ("id", "helpers"), titles=True)).rows)
        assert [item.title for item in titled["d0"]] == ["Bob", "Ann"]


def test_other_uses_of_a_list_are_refused_with_the_place(linked: TestApp) -> None:
    with linked.reading() as ctx, pytest.raises(Invalid, match="helpers"):
        select(ctx, Query("crm.deal", ("id",), where="(helpers if done else helpers) == blank"))
