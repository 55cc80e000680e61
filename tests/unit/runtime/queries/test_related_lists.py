"""Figures over lists of records: in filters by SQL, for one record by the server engine, and folded in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from kith_metadata.expressions import EvaluationError, compile_check, evaluate
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.values import Money
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.queries import Query, select
from kith_runtime.queries.record_values import RecordValues, load_values
from kith_runtime.scopes import EntityScope, checked_rule, environment_of, saving
from kith_runtime.tables import table_of
from support.apps import NOW, TestApp, person

DEALS: tuple[tuple[str, str, Any], ...] = (
    # account, stage, amount
    ("a0", "new", Money(Decimal(10), "EUR")),
    ("a0", "won", Money(Decimal("2.5"), "EUR")),
    ("a0", "won", None),
    ("a1", "lost", Money(Decimal(7), "EUR")),
    ("a1", "new", Money(Decimal(7), "USD")),
)


@pytest.fixture
def listed(app: TestApp) -> TestApp:
    """Three accounts: one with deals, one with deals in two currencies, one with none; and a deal in the bin."""
    for name, region in (("ann", "north"), ("bob", "south")):
        app.row("base.user", id=name, name=name.title(), region=region)
    for number in range(3):
        app.row("crm.account", id=f"a{number}", name=f"A{number}", rating=number, owner="bob", region="north")
    for number, (account, stage, amount) in enumerate(DEALS):
        app.row("crm.deal", id=f"d{number}", name=f"D{number}", account=account, stage=stage, amount=amount,
                owner="ann" if number % 2 else "bob", code=f"c{number}", helpers=("ann", "bob") if number < 2 else (),
                probability=Decimal(number) / 4)  # fmt: skip
        for line in range(number):
            app.row("crm.line", id=f"l{number}{line}", deal=f"d{number}", name="Line", quantity=line)
    app.row("crm.deal", id="gone", account="a2", stage="won", amount=Money(Decimal(99), "EUR"))
    with app.database.write() as connection:
        deals = table_of(app.published, "crm.deal")
        connection.execute(update(deals).where(deals.c.id == "gone").values(deleted_at=NOW))
    return app


ACCOUNTS = [
    ("count(deals) == 3", "a0"),
    ("count(deals) == 0", "a2"),
    ('count(deals, stage == "won") > 1', "a0"),
    ("any(deals)", "a0 a1"),
    ('any(deals, stage == "won" and amount > 2)', "a0"),
    ('not any(deals, stage == "won")', "a1 a2"),
    ('all(deals, stage != "won")', "a1 a2"),
    ("all(deals, amount > 1)", "a1 a2"),
    ("sum(deals.amount) == 12.5", "a0"),
    ("sum(deals.amount) == 0", "a2"),
    ('sum(deals.amount, stage == "lost") == 7', "a1"),
    ("avg(deals.amount) == 6.25", "a0"),
    ("avg(deals.amount) == blank", "a2"),
    ("min(deals.amount) == 2.5 and max(deals.amount) == 10", "a0"),
    ("avg(deals.probability) == 0.25", "a0"),
    ("sum(deals.weighted) == 0.625", "a0"),
    ("max(deals.weighted) > 0.6", "a0"),
    ('first(deals.name) == "D0"', "a0"),
    ('first(deals.name, stage == "won") == "D1"', "a0"),
    ("first(deals) == blank", "a2"),
    ("count(deals, owner == me) == 1", "a0 a1"),
    ("count(deals, probability > this.rating / 4) == 2", "a0 a1"),
    ("any(deals, account.rating == 0)", "a0"),
    ('any(deals, account.owner.region == "south")', "a0 a1"),
    ("any(deals, count(lines) >= 3)", "a1"),
    ("any(deals, any(lines, quantity == this.rating))", "a0 a1"),
    ("any(deals, 1 / (probability - 0.25) > 0)", "a0 a1"),
    ("all(deals, 1 / (probability - 0.25) > -100)", "a1 a2"),
    ("open_deals == count(deals, stage == \"new\")", "a0 a1 a2"),
    ("count(deals_by_account) + count(crm_deals) == 6", "a0"),
]  # fmt: skip


def by_engine(ctx: Context, entity: str, text: str, limited: bool = False) -> str:
    """Return the ids for which the server engine says yes, record by record."""
    checked = compile_check(text, EntityScope(ctx.snapshot, entity), BOOLEAN)
    found = []
    for record in select(ctx, Query(entity, ("id",), sort=("id",))).ids:
        try:
            if evaluate(checked, RecordValues(ctx, entity, record, limited=limited), environment_of(ctx)):
                found.append(record)
        except EvaluationError:
            continue
    return " ".join(found)


@pytest.mark.parametrize(("where", "expected"), ACCOUNTS)
def test_a_figure_over_a_list(listed: TestApp, where: str, expected: str) -> None:
    actor = person("ann", "admin")
    with listed.reading(actor) as ctx:
        assert " ".join(select(ctx, Query("crm.account", ("id",), where=where, sort=("id",))).ids) == expected
        assert by_engine(ctx, "crm.account", where) == expected
        assert folded(ctx, where) == expected


def folded(ctx: Context, text: str) -> str:
    """Return the ids for which the pure engine says yes when it is handed the lists themselves."""
    checked = compile_check(text, EntityScope(ctx.snapshot, "crm.account"), BOOLEAN)
    found = []
    for number in range(3):
        try:
            if evaluate(checked, _account(ctx, f"a{number}"), environment_of(ctx)):
                found.append(f"a{number}")
        except EvaluationError:
            continue
    return " ".join(found)


def _account(ctx: Context, record: str) -> dict[str, Any]:
    account: dict[str, Any] = {**_values(ctx, "crm.account", record), "owner": _values(ctx, "base.user", "bob")}
    deals = [_deal(ctx, number, account) for number, row in enumerate(DEALS) if row[0] == record]
    account |= dict.fromkeys(("deals", "deals_by_account", "crm_deals"), deals)
    return account | {"open_deals": sum(deal["stage"] == "new" for deal in deals)}


def _deal(ctx: Context, number: int, account: Mapping[str, Any]) -> dict[str, Any]:
    deal = _values(ctx, "crm.deal", f"d{number}")
    amount = deal["amount"]
    weighted = None if amount is None else replace(amount, amount=amount.amount * deal["probability"])
    lines = [_values(ctx, "crm.line", f"l{number}{line}") for line in range(number)]
    return {**deal, "account": account, "weighted": weighted, "lines": lines}


def _values(ctx: Context, entity: str, record: str) -> dict[str, Any]:
    found = load_values(ctx, entity, record)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('count(helpers, region == "north") == 1', "d0 d1"),
        ("count(helpers) == 2 and first(helpers.name) == \"Ann\"", "d0 d1"),
        ("count(account.deals) == 3", "d0 d1 d2"),
        ("sum(account.deals.amount) == 12.5", "d0 d1 d2"),
        ("any(account.deals, id != this.id and amount == this.amount)", ""),
        ("sum(lines.quantity) == 3", "d3"),
        ('any(owner.deals_by_helpers, stage == "won")', "d0 d1 d2 d3 d4"),
        ('has_role("crm.admin") and setting("currency") == "EUR" and stage == "lost"', "d3"),
        ('has_role("crm.rep")', ""),
    ],
)  # fmt: skip
def test_lists_behind_lookups_and_of_many_to_many_fields(listed: TestApp, where: str, expected: str) -> None:
    with listed.reading(person("ann", "admin")) as ctx:
        assert " ".join(select(ctx, Query("crm.deal", ("id",), where=where, sort=("id",))).ids) == expected
        assert by_engine(ctx, "crm.deal", where) == expected


def test_a_filter_counts_only_what_its_reader_may_see(listed: TestApp) -> None:
    rep = person("ann", "rep")
    with listed.reading(rep) as ctx:
        for where, expected in (
            ("count(deals) == 1", "a0 a1"),
            ("sum(deals.amount) == 2.5", "a0"),
            ("any(deals)", "a0 a1"),
        ):
            assert " ".join(select(ctx, Query("crm.account", ("id",), where=where, sort=("id",))).ids) == expected
            assert by_engine(ctx, "crm.account", where, limited=True) == expected


def test_a_closed_field_of_a_list_sounds_like_one_that_is_not_there(listed: TestApp) -> None:
    with listed.reading(person("ann", "rep")) as ctx:
        for where in ("sum(deals.margin) > 1", "any(deals, margin > 1)", "count(deals, nothing > 1) > 1"):
            with pytest.raises(Invalid, match="has no field"):
                select(ctx, Query("crm.account", ("id",), where=where))


def test_every_step_of_a_path_is_limited_to_what_the_reader_may_see(listed: TestApp) -> None:
    where = 'account.owner.region == "south"'
    with listed.reading(person("ann", "admin")) as ctx:
        assert len(select(ctx, Query("crm.deal", ("id",), where=where)).ids) == 5
    grants = {"crm.deal": {"read": "all"}, "crm.account": {"read": 'name == "A0"'}, "base.user": {"read": "all"}}
    listed.publish_more({"role:crm.rep": {"label": "Rep", "grants": grants}})
    with listed.reading(person("ann", "rep")) as ctx:
        assert select(ctx, Query("crm.deal", ("id",), where=where, sort=("id",))).ids == ["d0", "d1", "d2"]
        assert by_engine(ctx, "crm.deal", where, limited=True) == "d0 d1 d2"
        assert select(ctx, Query("crm.deal", ("id",), where="count(account.deals) > 0", sort=("id",))).ids == [
            "d0", "d1", "d2"]  # fmt: skip


def test_an_ambiguous_list_names_the_ways_out(listed: TestApp) -> None:
    with listed.reading(person("ann", "admin")) as ctx, pytest.raises(Invalid) as caught:
        select(ctx, Query("base.user", ("id",), where="count(deals) > 1"))
    assert "'deals' can mean several lists" in str(caught.value)
    assert "Write deals_by_helpers or deals_by_owner." in str(caught.value)


def test_amounts_of_several_currencies_have_no_sum(listed: TestApp) -> None:
    with listed.reading(person("ann", "admin")) as ctx:
        checked = compile_check("sum(deals.amount)", EntityScope(ctx.snapshot, "crm.account"))
        with pytest.raises(EvaluationError, match="several currencies"):
            evaluate(checked, RecordValues(ctx, "crm.account", "a1"), environment_of(ctx))
        assert select(ctx, Query("crm.account", ("id",), where="sum(deals.amount) > 0", sort=("id",))).ids == ["a0"]


def test_values_in_hand_count_before_they_are_saved(listed: TestApp) -> None:
    with listed.reading(person("ann", "admin")) as ctx:
        given = {"account": "a0", "helpers": ("bob",), "amount": Money(Decimal(3), "EUR"), "stage": "new"}
        record = RecordValues(ctx, "crm.deal", None, given)
        for text, expected in (
            ("count(helpers)", 1),
            ("first(helpers.name)", "Bob"),
            ("count(lines)", 0),
            ("count(account.deals, amount < this.amount)", 1),
            ("account.owner.name", "Bob"),
            ("weighted == blank", True),
        ):
            checked = compile_check(text, EntityScope(ctx.snapshot, "crm.deal"))
            assert evaluate(checked, record, environment_of(ctx)) == expected


def test_a_rule_sees_the_record_before_and_after(listed: TestApp) -> None:
    with listed.reading(person("ann", "admin")) as ctx:
        before = load_values(ctx, "crm.deal", "d0")
        assert before is not None
        after = RecordValues(ctx, "crm.deal", "d0", {**before, "stage": "won", "account": "a1"})
        environment = saving(environment_of(ctx), RecordValues(ctx, "crm.deal", "d0", before))
        for text in (
            'is_changed(stage) and old.stage == "new" and stage == "won"',
            'is_changed(account) and old.account.name == "A0" and account.name == "A1"',
            "not is_changed(amount) and not is_changed(helpers) and not is_new()",
            "old.weighted == weighted",
        ):
            assert evaluate(checked_rule(ctx.published, "crm.deal", text, BOOLEAN), after, environment) is True
        with pytest.raises(Invalid, match="has no meaning here"):
            select(ctx, Query("crm.deal", ("id",), where="is_new()"))


def test_a_formula_over_a_list_is_shown_sorted_and_filtered_by(listed: TestApp) -> None:
    account = json.loads(listed.published.snapshot.documents["entity:crm.account"])
    account["fields"] |= {
        "won": {"type": "formula", "returns": "integer", "formula": 'count(deals, stage == "won")'},
        "larger": {"type": "formula", "returns": "integer", "formula": "count(deals, amount > this.rating * 5)"},
    }
    listed.publish_more({"entity:crm.account": account})
    with listed.reading(person("ann", "admin")) as ctx:
        page = select(ctx, Query("crm.account", ("won", "larger"), sort=("-won", "id")))
        assert (page.ids, page.rows) == (["a0", "a1", "a2"], [(2, 2), (0, 2), (0, 0)])
        behind = Query("crm.deal", ("id",), where="account.won > 1 and any(account.deals, account.larger == 2)")
        assert sorted(select(ctx, behind).ids) == ["d0", "d1", "d2"]
        assert by_engine(ctx, "crm.deal", behind.where) == "d0 d1 d2"
