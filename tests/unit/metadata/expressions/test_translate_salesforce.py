"""Salesforce's formulas in our language: what is written, that our checker accepts it, and what is refused where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kith_metadata.expressions import Environment, FieldInfo, FieldScope, compile_check, evaluate
from kith_metadata.expressions import types as t
from kith_metadata.expressions.scope import FORMER
from kith_metadata.expressions.translate import ForeignField, MappedScope, TranslationError, translate_salesforce
from kith_metadata.expressions.translate.foreign_tokens import MAX_DEPTH
from kith_metadata.expressions.types import Type

STAGE = t.choice("sales.stage")
KNOWN: dict[str, tuple[str, Type]] = {
    "Name": ("name", t.TEXT),
    "Amount": ("amount", t.DECIMAL),
    "Discount__c": ("discount", t.PERCENT),
    "Paid__c": ("paid", t.BOOLEAN),
    "Urgent__c": ("urgent", t.BOOLEAN),
    "CloseDate": ("close_date", t.DATE),
    "Start__c": ("start", t.DATE),
    "CreatedDate": ("created_at", t.DATETIME),
    "LastModifiedDate": ("modified_at", t.DATETIME),
    "StageName": ("stage", STAGE),
    "Labels__c": ("labels", t.choices("sales.label")),
    "AccountId": ("account", t.record("sales.account")),
    "Account.Industry": ("account.industry", t.TEXT),
}
OPTIONS = {"Closed Won": "won", "Prospecting": "prospecting"}
FOREIGN = MappedScope(
    {name.lower(): ForeignField(text, kind, OPTIONS if kind == STAGE else {}) for name, (text, kind) in KNOWN.items()}
)
OURS = FieldScope(
    "sales.deal",
    {text: FieldInfo(kind, options=tuple(OPTIONS.values()) if kind == STAGE else ()) for text, kind in KNOWN.values()},
    {"sales.account": {"industry": FieldInfo(t.TEXT)}},
)

WRITTEN = [
    ("amount + 1", "amount + 1"),
    ("2 * 3 + 4 * 5", "2 * 3 + 4 * 5"),
    ("(2 + 3) * 4", "(2 + 3) * 4"),
    ("10 - (4 - 3)", "10 - (4 - 3)"),
    ("-(Amount) - -2", "-amount - -2"),
    (".50 + 007.", "0.50 + 7"),
    ("\"a\" & Name + 'b'", '"a" + name + "b"'),
    (r'"say \"x\"" & "\n"', r'"say \"x\"" + "\n"'),
    ("/* why */ NAME /* not */", "name"),
    ("Paid__c = TRUE", "paid"),
    ("Paid__c <> true && !Urgent__c", "not paid and not urgent"),
    ("Paid__c == Urgent__c", "blank_value(paid, false) == blank_value(urgent, false)"),
    ("NOT Paid__c || (Urgent__c && Amount > 5)", "not paid or urgent and amount > 5"),
    ("AND(Paid__c, OR(Urgent__c, Amount >= 10))", "paid and (urgent or amount >= 10)"),
    ("NOT(AND(Paid__c, Urgent__c))", "not (paid and urgent)"),
    ("IF(Paid__c, 1, IF(Urgent__c, 2, NULL))", "1 if paid else 2 if urgent else blank"),
    ("IF(Paid__c, Name, NULL) & Name", "(name if paid else blank) + name"),
    ("CloseDate + 30", "close_date + days(30)"),
    ("7 + CloseDate", "close_date + days(7)"),
    ("CloseDate - Start__c", "close_date - start"),
    ("CloseDate - TODAY() > 14", "close_date - today() > 14"),
    ("NOW() + 1/24", "now() + days(1 / 24)"),
    ("CloseDate = Start__c", "start != blank and close_date == start"),
    ("CloseDate = TODAY()", "close_date == today()"),
    ("YEAR(CreatedDate)", "year(date_of(created_at))"),
    ("DATEVALUE(CreatedDate)", "date_of(created_at)"),
    ('ISPICKVAL(StageName, "Closed Won")', 'stage == "won"'),
    ('ISPICKVAL(StageName, "")', "stage == blank"),
    ('"Prospecting" = TEXT(StageName)', '"prospecting" == stage'),
    ('INCLUDES(Labels__c, "vip")', '"vip" in labels'),
    ('Account.Industry = "Banking"', 'account.industry == "Banking"'),
    ("ISBLANK(AccountId)", "is_blank(account)"),
    ("AccountId = NULL", "account == blank"),
    ("ISNULL(Name)", "false"),
    ("ISNULL(CloseDate)", "is_blank(close_date)"),
    ("BLANKVALUE(CloseDate, TODAY())", "blank_value(close_date, today())"),
    ("NULLVALUE(Name, 'x')", "name"),
    ("CASESAFEID(AccountId)", "account"),
    ("Discount__c * Amount", "discount * amount"),
    ("ROUND(Amount, 0)", "round(amount, 0)"),
    ("{!Amount} > 0", "amount > 0"),
    ("{!$Record.Amount} > 0", "amount > 0"),
]


@pytest.mark.parametrize(("formula", "ours"), WRITTEN)
def test_a_formula_is_written_in_our_language_and_checked(formula: str, ours: str) -> None:
    found = translate_salesforce(formula, FOREIGN, blanks_as_zero=False)
    assert found.text == ours
    compile_check(found.text, OURS)


def test_the_power_binds_weaker_than_the_product() -> None:
    assert translate_salesforce("2*3^2", FOREIGN).text == "power(2 * 3, 2)"


def test_blank_numbers_count_as_zero_where_the_formula_says_so() -> None:
    found = translate_salesforce("Amount + LEN(Name) > 0 && ISBLANK(CloseDate)", FOREIGN, blanks_as_zero=True)
    assert found.text == "blank_value(amount, 0) + len(name) > 0 and is_blank(close_date)"


def test_the_result_becomes_what_the_field_holds() -> None:
    assert translate_salesforce("NOW()", FOREIGN, returns=t.DATE).text == "date_of(now())"
    assert translate_salesforce("StageName", FOREIGN, returns=t.TEXT).text == "text(stage)"


CHANGES = [
    ("ISNEW() || ISCHANGED(StageName)", "is_new() or is_changed(stage)"),
    ("PRIORVALUE(Amount) < Amount", "(amount if is_new() else old.amount) < amount"),
    ("$Record__Prior.Amount < $Record.Amount", "old.amount < amount"),
    ('HYPERLINK("/" & AccountId, Name, "_blank") & BR()', 'link("/" + text(account), name) + line_break()'),
    ('CASE(StageName, "Closed Won", 1, 0)', 'case(stage, "won", 1, 0)'),
    ("DATETIMEVALUE(CloseDate) - NOW()", "in_days(moment(close_date) - now())"),
    ("SUBSTITUTE(Name, '-', NULL)", 'replace(name, "-", blank)'),
]


@pytest.mark.parametrize(("formula", "ours"), CHANGES)
def test_what_asks_for_more_than_the_record_is_written(formula: str, ours: str) -> None:
    found = translate_salesforce(formula, FOREIGN, blanks_as_zero=False)
    assert found.text == ours
    compile_check(found.text, replace(OURS, features=frozenset({FORMER})))


REFUSED = [
    ("Amuont > 5", [(1, 1, "unknown_field")]),
    ("VLOOKUP(Name, Name, Name)", [(1, 1, "function")]),
    ("DISTANCE(GEOLOCATION(1, 2), GEOLOCATION(3, 4), 'km') > 5", [(1, 1, "function")]),
    ("ISCLONE()\n|| FOO(1) || Bar__c", [(1, 1, "function"), (2, 4, "function"), (2, 14, "unknown_field")]),
    ("Amount & LEFT(Name)", [(1, 10, "arguments")]),
    ("IF(Name, 1, 2)", [(1, 4, "types")]),
    ("IF(Paid__c, 1, 'x')", [(1, 1, "types")]),
    ("Name * 2", [(1, 6, "types")]),
    ("Amount = 'x'", [(1, 8, "types")]),
    ("Amount +", [(1, 9, "syntax")]),
    ("(Amount", [(1, 8, "syntax")]),
    ("'open", [(1, 1, "syntax")]),
    ("Amount ; 1", [(1, 8, "syntax")]),
    ("", [(1, 1, "syntax")]),
    ("(" * 200 + "1" + ")" * 200, [(1, MAX_DEPTH + 2, "syntax")]),
    ("x" * 30_000, [(1, 1, "syntax")]),
]


@pytest.mark.parametrize(("formula", "refusals"), REFUSED)
def test_what_cannot_be_carried_is_refused_with_every_place(formula: str, refusals: list[tuple[int, int, str]]) -> None:
    with pytest.raises(TranslationError) as caught:
        translate_salesforce(formula, FOREIGN, blanks_as_zero=False)
    assert [(found.line, found.column, found.code) for found in caught.value.refusals] == refusals
    assert all(found.message.endswith(".") for found in caught.value.refusals)


def test_a_long_chain_of_texts_is_carried() -> None:
    found = translate_salesforce(" & ".join(["'a'"] * 400), FOREIGN)
    around = Environment(datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1))
    assert evaluate(compile_check(found.text, OURS), {}, around) == "a" * 400


@pytest.mark.parametrize(("sign", "operand"), [("+", "1"), ("*", "1"), ("&&", "Paid__c"), ("||", "Paid__c")])
def test_a_chain_of_a_thousand_operators_is_written(sign: str, operand: str) -> None:
    assert translate_salesforce(f" {sign} ".join([operand] * 1000), FOREIGN).text


def test_a_longer_chain_is_refused() -> None:
    with pytest.raises(TranslationError, match="operators follow one another"):
        translate_salesforce("+".join(["1"] * 1500), FOREIGN)
