"""What the server engine does with records: percent, money, lookups, and error values that say why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kith_metadata.expressions import EvaluationError, compile_check, compiled, evaluate
from kith_metadata.values import Money
from support.expression_bench import BLANK_RECORD, ENVIRONMENT, SCOPE, outcome


def value(text: str, **fields: Any) -> Any:
    """Return the value of an expression for a record that is blank but for the given fields."""
    return evaluate(compile_check(text, SCOPE), {**BLANK_RECORD, **fields}, ENVIRONMENT)


def test_percent_enters_as_a_fraction() -> None:
    assert value("share * 200", share=Decimal("12.5")) == Decimal(25)
    assert value("share == 0.2", share=Decimal(20)) is True
    assert value("amount * stage.probability", amount=Money(Decimal(80), "EUR"), stage="propose") == Money(
        Decimal(50), "EUR"
    )


def test_money_of_two_currencies_is_an_error_value() -> None:
    mixed = {"amount": Money(Decimal(1), "EUR"), "budget": Money(Decimal(2), "USD")}
    for text in ("amount + budget", "amount < budget", "max(amount, budget)"):
        with pytest.raises(EvaluationError, match="EUR and USD"):
            value(text, **mixed)
    assert value("amount < 5 and budget == 2", **mixed) is True


def test_division_by_zero_says_what_to_do() -> None:
    with pytest.raises(EvaluationError, match="Test the divisor first"):
        value("weight / quantity", weight=Decimal(1), quantity=0)
    assert value("quantity != 0 and weight / quantity > 1", weight=Decimal(1), quantity=0) is False
    assert value("blank if quantity == 0 else weight / quantity", weight=Decimal(1), quantity=0) is None


def test_a_lookup_may_be_a_mapping_a_resolver_or_an_id() -> None:
    account = {"id": "a1", "industry": "Media"}
    text = "account.industry == 'Media' and not is_blank(account)"
    assert value(text, account=account) is True
    assert value(text, account=lambda: account) is True
    assert value("not is_blank(account)", account="a1") is True
    assert value("is_blank(account.industry)", account=None) is True
    with pytest.raises(EvaluationError, match="was not loaded"):
        value(text, account="a1")


def test_a_field_that_was_not_handed_over_is_never_taken_for_blank() -> None:
    checked = compile_check("is_blank(amount)", SCOPE)
    with pytest.raises(EvaluationError, match="'amount' was not loaded"):
        evaluate(checked, {}, ENVIRONMENT)
    with pytest.raises(EvaluationError, match="'amount' was not loaded"):
        compiled(checked)({}, ENVIRONMENT)


def test_the_person_and_the_person_s_day() -> None:
    assert value("owner == me and team in me.teams and weight < me.limit", owner="u1", team="t2", weight=Decimal(100))
    assert value("me.manager == blank and me.region == 'North'") is True
    # 23:30 in UTC is half past midnight in Berlin.
    assert value("day(today()) == 25 and date_of(now()) == today()") is True


def test_months_and_limits() -> None:
    checked = compile_check('add_months("2004-02-29", 1) == "2004-03-31"', SCOPE)
    assert outcome(checked, BLANK_RECORD) is True
    assert outcome(compile_check('add_months("9999-12-31", 1) == blank', SCOPE), BLANK_RECORD) == "error"
    digits = " * ".join(["99999999999999999999999999999999999999"] * 4)
    assert outcome(compile_check(f"{digits} > 1", SCOPE), BLANK_RECORD) == "error"
