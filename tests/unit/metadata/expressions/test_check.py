"""Problems with exact places and useful hints; what a checked expression tells about itself; rendering and renaming."""

from __future__ import annotations

import pytest

from kith_metadata.expressions import ExpressionError, compile_check, parse, rename, render, types
from support.expression_bench import SCOPE

PROBLEMS = [
    ("amuont > 5", 1, 1, "unknown_name", "Did you mean 'amount'?"),
    ("amount > 5 and naem == 'x'", 1, 16, "unknown_name", "Did you mean 'name'?"),
    ("amount > 5\n  and naem == 'x'", 2, 7, "unknown_name", "Did you mean 'name'?"),
    ("'ä' == naem", 1, 8, "unknown_name", "Did you mean 'name'?"),
    ("account.industri == 'x'", 1, 1, "unknown_name", "Did you mean 'industry'?"),
    ("stage.probabilty > 1", 1, 1, "unknown_name", "Did you mean 'stage.probability'?"),
    ("me.regoin == 'x'", 1, 1, "unknown_name", "Did you mean 'me.region'?"),
    ("close_date + amount", 1, 1, "wrong_type", "Did you mean `days(…)`?"),
    ("stage == 'wom'", 1, 10, "unknown_option", "Did you mean 'won'?"),
    ("stage in ['won', 'proprose']", 1, 18, "unknown_option", "Did you mean 'propose'?"),
    ("'vipp' in labels", 1, 1, "unknown_option", "Did you mean 'vip'?"),
    ("close_date > '24.11.2026'", 1, 14, "wrong_value", 'Write a date as "2026-11-24".'),
    ("close_date < now()", 1, 1, "wrong_type", "Turn the moment into a date with date_of(…), or compare with now()."),
    ("amount = 5", 1, 1, "syntax", "Compare with ==; a single = is not possible."),
    ("name.lower()", 1, 1, "not_allowed", "Write lower(text)."),
    ("lowr(name)", 1, 1, "unknown_function", "Did you mean 'lower'?"),
    ("round()", 1, 1, "wrong_count", "Write round(number, places?)."),
    ("len(amount)", 1, 5, "wrong_type", "Turn it into a text with text(…)."),
    ("sqrt(name)", 1, 6, "wrong_type", "Read a number from the text with number(…)."),
    ("year(created_at)", 1, 6, "wrong_type", "Turn the moment into a date with date_of(…)."),
    ("time_of(close_date)", 1, 9, "wrong_type", "Turn the date into a moment with moment(…)."),
    ("opens + 2", 1, 1, "wrong_type", "Did you mean `hours(…)` or `minutes(…)`?"),
    ("case(stage, 'wom', 1, 2)", 1, 13, "unknown_option", "Did you mean 'won'?"),
    ("matches(name, '[a-')", 1, 15, "wrong_value", "Look at 'pattern' of matches(text, pattern)."),
    ("name and active", 1, 1, "wrong_type", "Compare it, for example with: != blank."),
    (
        "owner.manager.manager.manager.manager.manager.manager.manager == me",
        1,
        1,
        "too_far",
        "Add a formula field to the record in between.",
    ),
    ("industry == 'x'", 1, 1, "unknown_name", "'industry' is a field of account: write account.industry."),
    ("region == 'x'", 1, 1, "unknown_name", "'region' is a field of owner: write owner.region."),
    (
        "subject.name == 'x'",
        1,
        1,
        "unknown_name",
        "It may point to records of several entities, which share no fields; compare it with blank.",
    ),
    ("name == null", 1, 9, "unknown_name", "Write blank."),
    ("stage > 'won'", 1, 1, "wrong_type", "Options have no order; use ==, != or `in`."),
    ("amount % 2 == 0", 1, 1, "not_allowed", "Write 20 % as 0.2; the remainder of a division is mod(a, b)."),
]


@pytest.mark.parametrize(("text", "line", "column", "code", "hint"), PROBLEMS)
def test_a_problem_has_its_place_and_a_hint(text: str, line: int, column: int, code: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check(text, SCOPE)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.code, problem.hint) == (line, column, code, hint)


def test_all_problems_come_at_once_and_in_order() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check("nope > 1 and name + 1 == 'x' or lowr(name) == nothing", SCOPE)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["unknown_name", "wrong_type", "unknown_function", "unknown_name"]


def test_the_expected_type_is_asked_for() -> None:
    with pytest.raises(ExpressionError, match=r"Expected yes/no, found text"):
        compile_check("name", SCOPE, types.BOOLEAN)
    assert compile_check("amount * share", SCOPE, types.MONEY).type == types.MONEY


def test_what_an_expression_refers_to() -> None:
    checked = compile_check("account.industry == 'x' and owner == me and created_at < now()", SCOPE)
    assert checked.references == {("account", "industry"), ("owner",), ("created_at",)}
    assert ("sales.account", "industry") in checked.reads
    assert ("sales.deal", "account") in checked.reads
    assert checked.uses == {"me", "now"}


def test_rename_changes_only_the_path() -> None:
    tree = parse("amount>1  and account.amount > 2\n  or lower(name) == 'amount' and 'ä' == amount")
    assert rename(tree, ("amount",), ("total",)).text == (
        "total>1  and account.amount > 2\n  or lower(name) == 'amount' and 'ä' == total"
    )
    assert rename(parse("account.industry == name"), ("account", "industry"), ("account", "branch")).text == (
        "account.branch == name"
    )


def test_render_keeps_numbers_and_needed_brackets() -> None:
    text = "(a+b)*-c-(d-e)>0.10 and not(x or y)and(p if q else r)in('a',0.300)"
    wanted = '(a + b) * -c - (d - e) > 0.10 and not (x or y) and (p if q else r) in ["a", 0.300]'
    assert render(parse(text)) == wanted
