"""The engine of the browser gives what the server gives: values, blanks, and error values with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kith_metadata.expressions import FORMER, Environment, EvaluationError, FieldInfo, compile_check, evaluate, types
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.values import Money
from support.browser_engine import BrowserEngine
from support.expression_bench import BLANK_RECORD, ENVIRONMENT, ME, SCOPE

RECORD: dict[str, Any] = {
    **BLANK_RECORD,
    "name": "\U0001f600",
    "note": "\ufb01",
    "quantity": 2**62,
    "weight": Decimal("-0.005"),
    "share": Decimal("12.5"),
    "amount": Money(Decimal("84000.00"), "EUR"),
    "budget": Money(Decimal("1"), "USD"),
    "close_date": date(9999, 12, 31),
    "created_at": datetime(2026, 3, 29, 1, 30, 0, 250, tzinfo=UTC),
    "effort": timedelta(days=-1, microseconds=1),
    "opens": time(9, 30, 0, 250_000),
    "account": {"id": "a1", "industry": "Steel", "revenue": None, "owner": "u1"},
    "stage": "propose",
    "labels": ("vip",),
}
SAME = (
    "quantity * quantity",
    "1 / 3 * 3 == 1",
    "round(weight, 2)",
    "-0.000000000000000001 / 2",
    "share * 200 + stage.probability",
    "amount * 2 - amount / 7",
    "amount / amount",
    "name > note",
    "len(name + note)",
    "upper(note)",
    'lower("ΑΣ")',
    "created_at + effort - created_at",
    "account.industry",
    "account.revenue + 1",
    "account == blank",
    "owner == me.manager",
    '"vip" in labels and "new" not in labels',
    'account.owner == me and me.region == "North"',
    "effort * 0.3333333",
    "now() - days(0.000000000001)",
    "add_months(close_date, -11)",
    "text(created_at)",
    "text(weight) + text(amount * 3) + text(opens)",
    "opens + hours(30.123456)",
    'time("23:00") - opens',
    "millisecond(created_at)",
    "iso_week(close_date) + iso_year(close_date) * 100 + day_of_year(close_date)",
    "start_of_week(close_date)",
    "unix_time(created_at - days(50000))",
    "from_unix_time(weight)",
    "format_duration(effort, true)",
    "in_hours(effort)",
    'case(stage, "qualify", 1, "propose", weight, 1 / 0)',
    'if_error(number(name), blank_value(number("-.5"), 0))',
    "option_count(labels)",
    'link("HTTPS://x.example/a b?c=<d>", name) + line_break() + note',
    'link(" http://x/a", image("/a\\t.png", note, 5)) + link("data:x", image("/a.png", name))',
    'image("/a.png", "<b>", 10.9, 99999)',
    "power(1.0000001, 1000000) + power(2, -39) + power(-3, 7)",
    "power(7, -200)",
    "exp(230.1) - exp(-0.5) + exp(44.75)",
    "ln(quantity) + ln(0.000000000000000001) - log10(84000)",
    "sin(1.5) + cos(1000000000000000) + tan(1.570796326794896619)",
    "asin(0.999999999999999999) + acos(-0.3) + atan(-84000) + atan2(-1, -0.00001)",
    'like(note + "a%", "_%\\\\%") or like(name, "_")',
    'matches(name, ".") and matches("Berlin-10115", "(?i)[[:alpha:]]+-[0-9]{5}")',
)
ERRORS = (
    "amount / (quantity - quantity)",
    "amount + budget",
    "amount < budget",
    "min(amount, budget)",
    "close_date + days(1)",
    "add_months(close_date, 1)",
    "days(quantity)",
    "effort * quantity",
    " * ".join(["quantity"] * 6),
    "number(name)",
    'date("2026-2-30")',
    "date(quantity, 1, 1)",
    'moment("24.11.2026")',
    'time("24:00")',
    'time("x" + name)',
    "opens - hours(20)",
    "from_unix_time(quantity)",
    "sqrt(weight)",
    "power(quantity, 1000)",
    "power(2, 0.5)",
    "power(0, -1)",
    "ln(weight)",
    "exp(232)",
    "acos(quantity)",
    "sin(quantity * quantity)",
    'like(name, repeat("%", 1001))',
)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserEngine]:
    """One process of Node for this file."""
    with BrowserEngine() as engine:
        yield engine


def test_the_examples_of_all_functions_hold(browser: BrowserEngine) -> None:
    for function in FUNCTIONS.values():
        for example in function.examples:
            checked = compile_check(example, SCOPE, types.BOOLEAN)
            found, reason = browser.answer(checked, BLANK_RECORD, ENVIRONMENT)
            assert found is True, f"{example}: {reason}"


@pytest.mark.parametrize("text", SAME)
def test_values_are_the_same(browser: BrowserEngine, text: str) -> None:
    checked = compile_check(text, SCOPE)
    assert browser.answer(checked, RECORD, ENVIRONMENT) == (evaluate(checked, RECORD, ENVIRONMENT), "")


@pytest.mark.parametrize("text", ERRORS)
def test_error_values_have_the_same_reasons(browser: BrowserEngine, text: str) -> None:
    checked = compile_check(text, SCOPE)
    with pytest.raises(EvaluationError) as raised:
        evaluate(checked, RECORD, ENVIRONMENT)
    assert browser.answer(checked, RECORD, ENVIRONMENT) == ("error", str(raised.value))


@pytest.mark.parametrize("zone", ZONES)
def test_days_turn_at_the_same_moment_in_every_zone(browser: BrowserEngine, zone: str) -> None:
    checked = compile_check("date_of(created_at)", SCOPE)
    starts = [
        datetime(year, month, 27, 23, 59, 59, tzinfo=UTC) for year in (1905, 1972, 2011, 2026) for month in (3, 12)
    ]
    for moment in [start + timedelta(hours=hours) for start in starts for hours in range(0, 120, 7)]:
        record, environment = {"created_at": moment}, Environment.at(moment, ME, zone)
        assert browser.run(checked, record, environment) == evaluate(checked, record, environment), moment


@pytest.mark.parametrize("former", [None, {**RECORD, "stage": "won", "labels": ("vip", "new")}, RECORD])
def test_former_values_roles_and_settings_are_the_same(browser: BrowserEngine, former: dict[str, Any] | None) -> None:
    scope = replace(
        SCOPE.offering(FORMER),
        known_roles=("sales.rep", "sales.manager"),
        known_settings={"currency": FieldInfo(types.TEXT)},
    )
    environment = replace(ENVIRONMENT, former=former, roles=frozenset({"sales.rep"}), settings={"currency": "EUR"})
    for text in (
        "old.stage",
        "old.amount + 1",
        "is_changed(stage)",
        "is_changed(labels)",
        "is_changed(amount)",
        "is_new()",
        'has_role("sales.rep") and not has_role("sales.manager")',
        'setting("currency")',
    ):
        checked = compile_check(text, scope)
        assert browser.answer(checked, RECORD, environment) == (evaluate(checked, RECORD, environment), ""), text


def test_a_field_that_is_not_in_hand_is_an_error_and_an_unknown_function_is_told(browser: BrowserEngine) -> None:
    missing = compile_check("amount > 1", SCOPE)
    found, reason = browser.answer(missing, {}, ENVIRONMENT)
    assert (found, "amount" in reason) == ("error", True)
    unknown = compile_check("lower(name)", SCOPE).to_json()["root"] | {"name": "constructor"}
    assert browser.ask(unknown, RECORD, ENVIRONMENT) == {"unsupported": "constructor"}
