"""Lists, former values, roles and settings: what the checker says of them, and both Python engines on plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kith_metadata.expressions import (
    FORMER,
    Checked,
    Environment,
    ExpressionError,
    FieldInfo,
    FieldScope,
    ListInfo,
    compile_check,
    compiled,
    evaluate,
    types,
)
from support.expression_bench import ENVIRONMENT

TASKS = ListInfo("base.task", "deal")
SCOPE = FieldScope(
    "sales.deal",
    {
        "amount": FieldInfo(types.DECIMAL),
        "credit": FieldInfo(types.DECIMAL),
        "account": FieldInfo(types.record("sales.account")),
        "tags": FieldInfo(types.choices("sales.tag"), options=("hot",)),
    },
    {
        "sales.account": {"credit": FieldInfo(types.DECIMAL)},
        "base.task": {
            "hours": FieldInfo(types.DECIMAL),
            "status": FieldInfo(types.TEXT),
            "deal": FieldInfo(types.record("sales.deal")),
        },
    },
    listed={
        "sales.deal": {"tasks": (TASKS,)},
        "sales.account": {
            "deals": (ListInfo("sales.deal", "account"), ListInfo("sales.deal", "partner")),
            "deals_by_account": (ListInfo("sales.deal", "account"),),
            "deals_by_partner": (ListInfo("sales.deal", "partner"),),
        },
    },
    features=frozenset({FORMER}),
    known_roles=("sales.rep", "sales.manager"),
    known_settings={"currency": FieldInfo(types.TEXT)},
)
HOURS = ((2, "done"), (3, "open"), (None, "open"))
RECORD: dict[str, Any] = {
    "id": "d1",
    "amount": 7,
    "credit": 2,
    "tags": None,
    "tasks": [{"id": f"t{n}", "hours": hours, "status": status} for n, (hours, status) in enumerate(HOURS)],
    "account": {"id": "a1", "credit": 3, "deals_by_account": [{"amount": 7}, {"amount": 5}]},
}
SAVED = replace(
    ENVIRONMENT, former={**RECORD, "amount": 5}, roles=frozenset({"sales.rep"}), settings={"currency": "EUR"}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('count(tasks, status != "done")', 2),
        ("sum(tasks.hours)", 5),
        ("avg(tasks.hours) == 2.5", True),
        ("min(tasks.hours) == 2 and max(tasks.hours) == 3", True),
        ("min(3, 4) == 3", True),
        ("any(tasks, hours > this.credit)", True),
        ("all(tasks, hours > this.credit)", False),
        ("all(tasks, 1 / (hours - 2) > 0)", False),
        ("count(tasks, 1 / (hours - 2) > 0)", 1),
        ("first(tasks.status)", "done"),
        ("first(tasks)", "t0"),
        ("sum(account.deals_by_account.amount, amount >= this.amount)", 7),
        ("sum(account.deals_by_account.amount, amount >= this.account.credit)", 12),
        ("this.amount == amount", True),
        ("amount > old.amount and is_changed(amount)", True),
        ("is_changed(credit) or is_changed(tags)", False),
        ("is_new()", False),
        ('has_role("sales.rep") and not has_role("sales.manager")', True),
        ('setting("currency") == "EUR"', True),
    ],
)
def test_both_python_engines_agree(text: str, expected: Any) -> None:
    checked = compile_check(text, SCOPE)
    assert evaluate(checked, RECORD, SAVED) == expected
    assert compiled(checked)(RECORD, SAVED) == expected
    assert Checked.from_json(checked.to_json()) == checked


def test_of_no_record_and_of_a_new_one() -> None:
    empty = {**RECORD, "tasks": [], "account": None}
    new: Environment = replace(SAVED, former=None)
    for text in (
        "count(tasks) == 0 and sum(tasks.hours) == 0 and avg(tasks.hours) == blank and first(tasks) == blank",
        'not any(tasks) and all(tasks, status == "x") and count(account.deals_by_account) == 0',
        "is_new() and not is_changed(amount) and old.amount == blank",
    ):
        assert evaluate(compile_check(text, SCOPE), empty, new) is True


@pytest.mark.parametrize(
    ("text", "column", "code", "hint"),
    [
        ("count(taks) > 1", 7, "unknown_list", "Did you mean 'tasks'?"),
        ("count(account.deals)", 7, "ambiguous", "Write account.deals_by_account or account.deals_by_partner."),
        ("sum(tasks)", 5, "wrong_type", "Write sum(list.field, condition?)."),
        ("sum(tasks.status)", 5, "wrong_type", "sum() takes decimal, duration, integer, money, percent."),
        ("count(tasks.hours)", 7, "wrong_type", "Write count(tasks, hours != blank)."),
        ("tasks > 1", 1, "unknown_name", "'tasks' is a list of records: write count(tasks), or any(tasks, …)."),
        (
            'count(tasks) > "x"',
            1,
            "wrong_type",
            "Put the value in quotes, or read a number from the text with number(…).",
        ),
        ("any(tasks, amount > 1)", 12, "unknown_name", "'amount' is a field of deal: write deal.amount."),
        ("any(tasks, stauts == 'x')", 12, "unknown_name", "Did you mean 'status'?"),
        ("any(tasks, hours)", 12, "wrong_type", "Compare it, for example with: != blank."),
        ("all(tasks)", 1, "wrong_count", "Write all(list, condition)."),
        ('has_role("sales.rap")', 10, "unknown_role", "Did you mean 'sales.rep'?"),
        ('setting("curency")', 9, "unknown_setting", "Did you mean 'currency'?"),
        ("is_changed(amuont)", 12, "unknown_name", "Did you mean 'amount'?"),
        ("coutn(tasks)", 1, "unknown_function", "Did you mean 'count'?"),
    ],
)
def test_a_problem_has_its_place_and_a_fix(text: str, column: int, code: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check(text, SCOPE)
    problem = caught.value.problems[0]
    assert (problem.column, problem.code, problem.hint) == (column, code, hint)


@pytest.mark.parametrize("text", ["old.amount > 1", "is_new()", "is_changed(amount)"])
def test_former_values_are_only_where_a_record_is_saved(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"has no meaning here.*rules that run when a record is saved"):
        compile_check(text, replace(SCOPE, features=frozenset()))


def test_lists_cannot_be_nested_without_end() -> None:
    deep = "any(tasks, any(deal.tasks, any(deal.tasks, hours > 1)))"
    with pytest.raises(ExpressionError, match="lists inside lists of lists"):
        compile_check(deep, SCOPE)
    with pytest.raises(ExpressionError, match="more than 20 figures"):
        compile_check(" + ".join(["count(tasks)"] * 21), SCOPE)
