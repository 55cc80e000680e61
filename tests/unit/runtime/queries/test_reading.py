"""What comes back: values, JSON, titles, figures; and what stays hidden whichever way one asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from kith_metadata.expressions import evaluate
from kith_metadata.values import Money
from kith_platform.clock import FixedClock
from kith_platform.errors import Forbidden, Invalid, NotFound
from kith_runtime.actors import SYSTEM
from kith_runtime.field_types.base import Linked
from kith_runtime.queries import (
    Measure,
    Query,
    aggregate,
    count,
    get,
    get_json,
    related,
    select,
    select_dicts,
    select_json,
    titles,
)
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.scopes import checked_expression, environment_of
from support.apps import TestApp, person

ANN = person("ann", "regional", region="north")


def test_values_come_as_python_values(filled: TestApp) -> None:
    with filled.reading() as ctx:
        row = select_dicts(ctx, Query("crm.deal", (), where='code == "c5"'))[0]
    assert row["amount"] == Money(Decimal("0.00"), "EUR")
    assert row["close_date"] == date(2026, 1, 6)
    assert row["done"] is True
    assert row["tags"] == ("hot",)
    assert row["helpers"] is None
    assert row["created_at"].tzinfo is not None
    assert row["version"] == 1


def test_json_is_what_the_api_shows(filled: TestApp) -> None:
    with filled.reading() as ctx:
        row = select_json(ctx, Query("crm.deal", (), where='code == "c1"')).rows[0]
        one = get_json(ctx, "crm.deal", row["id"])
    assert orjson.loads(orjson.dumps(row)) == orjson.loads(orjson.dumps(one))
    plain: Any = orjson.loads(orjson.dumps(row))
    assert plain["amount"] == {"amount": "0.25", "currency": "EUR"}
    assert plain["probability"] == "0.25"
    assert plain["close_date"] == "2026-01-02"
    assert plain["met_at"] == "2026-01-01T00:00:00Z"
    assert plain["tags"] == ["hot"]
    assert plain["weighted"]["currency"] == "EUR"
    assert Decimal(plain["weighted"]["amount"]) == Decimal("0.0625")


def test_formulas_and_rollups_are_read_filtered_and_sorted(filled: TestApp) -> None:
    with filled.reading() as ctx:
        deals = select(ctx, Query("crm.deal", ("amount", "probability", "weighted"), where="weighted > 0", limit=200))
        assert deals.rows
        for amount, probability, weighted in deals.rows:
            assert weighted == Money((amount.amount * probability).quantize(Decimal("0.0001")), "EUR")
        everything = select(ctx, Query("crm.deal", ("account", "stage", "amount", "probability"), limit=200)).rows
        accounts = select(ctx, Query("crm.account", ("id", "open_deals", "best", "average"), sort=("id",))).rows
        for account, opened, best, average in accounts:
            mine = [row for row in everything if row[0] == account]
            assert opened == sum(row[1] == "new" for row in mine)
            assert best == Money(sum((row[2].amount for row in mine if row[2]), Decimal(0)), "EUR")
            known = [row[3] for row in mine if row[3] is not None]
            assert abs(average - sum(known) / len(known)) <= Decimal("0.005")
        many = select(ctx, Query("crm.account", ("id",), where="open_deals >= 6"))
        assert set(many.ids) == {row[0] for row in accounts if row[1] >= 6}
        ranked = select(ctx, Query("crm.account", ("open_deals",), sort=("-open_deals",))).rows
        assert [row[0] for row in ranked] == sorted((row[1] for row in accounts), reverse=True)


def test_lookups_come_with_titles_and_a_hidden_record_keeps_its_own(filled: TestApp) -> None:
    with filled.reading(person("ann", "clerk", region="north")) as ctx:
        page = select(ctx, Query("crm.deal", ("account", "owner", "helpers"), titles=True, limit=200))
        for account, owner, helpers in page.rows:
            if account is not None:
                seen = "Account 0" if account.id == "acc0" else None
                assert account == Linked(account.id, seen, "crm.account")
            assert owner.title is None
            assert helpers is None or [item.id for item in helpers] == ["bob", "ann"]
        rows = select_json(ctx, Query("crm.deal", ("account",), expand={"account": ("rating",)}, limit=200)).rows
        for row in rows:
            if row["account"] and row["account"]["id"] == "acc0":
                assert row["account"] == {"id": "acc0", "title": "Account 0", "rating": 0}
            elif row["account"]:
                assert row["account"]["title"] is None
                assert "rating" not in row["account"]
        assert titles(ctx, "crm.account", ["acc0", "acc1", "nobody", 'x"y']) == {"acc0": "Account 0"}


def test_a_filter_through_a_lookup_finds_nothing_about_hidden_records(filled: TestApp) -> None:
    with filled.reading(person("ann", "clerk", region="north")) as ctx:
        found = select(ctx, Query("crm.deal", ("account",), where='account.name == "Account 1"', limit=200))
        blank = select(ctx, Query("crm.deal", ("account",), where="account.name == blank", limit=200))
    assert not found.rows
    assert {row[0] for row in blank.rows} == {"acc1", "acc2", None}


HIDDEN = ["margin", "no_such_field", "account.secret", "account.no_such_field", "amount.x", "kith_me", "deleted"]


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_field_is_as_unknown_as_one_that_does_not_exist(filled: TestApp, name: str) -> None:
    ways = (
        Query("crm.deal", (name,)),
        Query("crm.deal", ("id",), sort=(name,)),
        Query("crm.deal", ("id",), sort=(f"-{name}",)),
        Query("crm.deal", ("id",), where=f"{name} == blank"),
        Query("crm.deal", ("id",), filters=(f"{name} == blank",)),
    )
    with filled.reading(person("ann", "rep")) as ctx:
        for query in ways:
            with pytest.raises(Invalid):
                select(ctx, query)
        with pytest.raises(Invalid):
            count(ctx, ways[-1])
        with pytest.raises(Invalid):
            aggregate(ctx, "crm.deal", {"n": Measure()}, group_by=(name,))
        with pytest.raises(Invalid):
            aggregate(ctx, "crm.deal", {"n": Measure("max", name)})
        with pytest.raises(Invalid):
            get(ctx, "crm.deal", "x", (name,))
        with pytest.raises(Invalid) as hidden:
            select(ctx, Query("crm.deal", ("margin",)))
        with pytest.raises(Invalid) as missing:
            select(ctx, Query("crm.deal", ("nargin",)))
        assert str(hidden.value).replace("margin", "") == str(missing.value).replace("nargin", "")


@pytest.mark.parametrize(
    "where",
    ["1 = 1", "name ==", "name == 'a' or", "'; drop table crm__deal; --", "amount > 'x'", "__import__('os')", "(" * 200,
     "name == \"\0\"", "(helpers if done else helpers) == blank"],
)  # fmt: skip
def test_a_condition_that_cannot_be_used_says_where(filled: TestApp, where: str) -> None:
    with filled.reading(person("ann", "rep")) as ctx, pytest.raises(Invalid) as error:
        select(ctx, Query("crm.deal", ("id",), where=where))
    assert error.value.code == "where_invalid"
    assert error.value.field == "where"
    assert error.value.message[0].isdigit()


def test_what_people_write_stays_a_value(filled: TestApp) -> None:
    with filled.reading() as ctx:
        page = select(ctx, Query("crm.deal", ("id",), where='name == "\' OR 1=1 --"'))
    assert not page.rows


def test_a_record_that_may_not_be_read_does_not_exist(filled: TestApp) -> None:
    with filled.reading() as ctx:
        bobs = select(ctx, Query("crm.deal", ("id",), where='owner == "bob"', limit=1)).ids[0]
    with filled.reading(person("ann", "rep")) as ctx:
        for record in (bobs, "nothing", "\0"):
            with pytest.raises(NotFound):
                get(ctx, "crm.deal", record)
        with pytest.raises(Forbidden):
            select(ctx, Query("base.user", ("name",)))
    with filled.reading(person("ann")) as ctx, pytest.raises(Forbidden):
        select(ctx, Query("crm.deal", ("id",)))


def test_the_recycle_bin_holds_what_lists_do_not(filled: TestApp) -> None:
    gone = filled.row("crm.account", name="Gone", owner="ann", deleted_at=filled.clock.now(), deletion="d")
    with filled.reading() as ctx:
        assert gone not in select(ctx, Query("crm.account", ("id",))).ids
        assert list(select(ctx, Query("crm.account", ("id",), deleted=True)).ids) == [gone]
        with pytest.raises(NotFound):
            get(ctx, "crm.account", gone)


def test_related_records_are_those_that_point_there(filled: TestApp) -> None:
    with filled.reading() as ctx:
        page = related(ctx, Query("crm.deal", ("account",), limit=200), "account", "acc1")
        both = select(ctx, Query("crm.deal", ("id",), related=("account", "acc1"), limit=200, count="exact"))
    assert {row[0] for row in page.rows} == {"acc1"}
    assert both.count == len(page.rows)
    assert page.ids == both.ids


def test_related_records_are_also_those_that_point_there_among_others(filled: TestApp) -> None:
    with filled.reading() as ctx:
        page = select(ctx, Query("crm.deal", ("helpers",), related=("helpers", "bob"), limit=200, count="exact"))
    assert page.count == len(page.rows) == 4
    assert all("bob" in row[0] for row in page.rows)


def test_figures_are_taken_of_what_the_actor_sees(filled: TestApp) -> None:
    with filled.reading(person("ann", "rep")) as ctx:
        groups = aggregate(
            ctx,
            "crm.deal",
            {"n": Measure(), "total": Measure("sum", "amount"), "mean": Measure("avg", "probability")},
            group_by=("stage",),
        )
        rows = select(ctx, Query("crm.deal", ("amount", "probability"), limit=200)).rows
    assert [group["stage"] for group in groups] == ["won"]
    assert groups[0]["n"] == len(rows) == 20
    assert groups[0]["total"] == (Money(sum((row[0].amount for row in rows if row[0]), Decimal(0)), "EUR"),)
    known = [row[1] for row in rows if row[1] is not None]
    assert groups[0]["mean"] == (sum(known) / len(known)).quantize(Decimal("0.01"))


def test_what_depends_on_the_day_and_the_person_is_not_kept_for_others(filled: TestApp) -> None:
    where = "close_date < today() and owner == me"
    with filled.reading(person("ann", "clerk", region="north")) as ctx:
        first = count(ctx, Query("crm.deal", ("id",), where=where))
    with filled.reading(person("bob", "clerk", region="north")) as ctx:
        second = count(ctx, Query("crm.deal", ("id",), where=where))
    filled.clock.advance(days=-400)
    with filled.reading(person("ann", "clerk", region="north")) as ctx:
        third = count(ctx, Query("crm.deal", ("id",), where=where))
    assert first[0] > 0
    assert second[0] > 0
    assert third[0] == 0


def test_the_system_sees_everything(filled: TestApp) -> None:
    with filled.reading(SYSTEM) as ctx:
        assert count(ctx, Query("crm.deal", ("margin",), where="margin >= 0"), capped=False) == (40, False)


@pytest.mark.parametrize(
    "where",
    [
        "met_at < now()",
        "met_at >= now() - days(330)",
        "close_date < today()",
        "close_date in [blank] or close_date >= add_months(today(), -11)",
        'today() > "2026-06-01" and close_date != blank',
        "today() - close_date > 320",
        "year(today()) == 2026 and month(today()) == 12 or met_at == now()",
        "(close_date if done else today()) < today()",
    ],
)
def test_conditions_on_the_clock_follow_it(filled: TestApp, where: str) -> None:
    later = replace(filled, clock=FixedClock(filled.clock.now() + timedelta(days=12, hours=3)))
    query = Query("crm.deal", ("id", "met_at", "close_date", "done"), where=where, limit=200)
    everything = Query("crm.deal", query.fields, limit=200)
    for app in (filled, later, filled):
        with app.reading() as ctx:
            checked = checked_expression(ctx.published, "crm.deal", where)
            rows = select(ctx, everything).dicts()
            expected = {row["id"] for row in rows if evaluate(checked, row, environment_of(ctx))}
            assert set(select(ctx, query).ids) == expected


def test_a_statement_on_the_clock_serves_every_moment(filled: TestApp) -> None:
    later = replace(filled, clock=FixedClock(filled.clock.now() + timedelta(days=3)))
    question = question_of(Query("crm.deal", ("id",), where="met_at >= now() - days(14)"), titles=False)
    with filled.reading() as ctx:
        first = plan_of(ctx, question)
    with later.reading() as ctx:
        assert plan_of(ctx, question) is first
