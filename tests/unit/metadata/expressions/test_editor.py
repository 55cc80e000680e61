"""The editor's questions: what may come next, how a function is called, the type at the cursor, and what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kith_metadata.expressions import FORMER, FieldInfo, ListInfo, types
from kith_metadata.expressions.editor import Suggestion, complete, part_at, report, signature
from support.expression_bench import SCOPE as BENCH

SCOPE = replace(
    BENCH,
    fields={**BENCH.fields, "close_date": FieldInfo(types.DATE, "Expected close")},
    others={**BENCH.others, "base.task": {"hours": FieldInfo(types.DECIMAL, "Hours"),
                                          "status": FieldInfo(types.choice("s"), "Status", ("open", "done"))}},
    listed={"sales.deal": {"tasks": (ListInfo("base.task", "deal"),)}},
    known_roles=("sales.rep", "sales.manager"),
    known_settings={"currency": FieldInfo(types.TEXT, "The currency")},
)  # fmt: skip


def names(text: str) -> list[str]:
    """Return the suggestions where the bar stands in a text."""
    before, _, after = text.partition("|")
    lines = before.split("\n")
    found = complete(before + after, (len(lines), len(lines[-1]) + 1), SCOPE)
    return [item.name for item in found.items]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("clo|", ["close_date"]),
        ("amount > 5 and\n  expected|", ["close_date"]),
        ("account.in|", ["industry"]),
        ("account.owner.man|", ["manager"]),
        ("me.reg|", ["region"]),
        ("stage.prob|", ["probability"]),
        ('stage == "|', ["qualify", "propose", "won"]),
        ('stage in ["won", "pro|', ["propose"]),
        ('"|', []),
        ("count(ta|", ["tasks"]),
        ("sum(tasks.h|", ["hours"]),
        ("count(tasks, hou|", ["hours"]),
        ('count(tasks, status == "d|', ["done"]),
        ("count(tasks, this.clo|", ["close_date"]),
        ('has_role("sales.m|', ["sales.manager"]),
        ('setting("|', ["currency"]),
        ("nothing_like_it.x|", []),
        ("name.x|", []),
    ],
)
def test_what_may_stand_at_the_cursor(text: str, first: list[str]) -> None:
    assert names(text)[: len(first) or 1] == first


def test_names_come_before_labels_and_functions_have_their_bracket() -> None:
    found = complete("ro", (1, 3), SCOPE)
    assert found.items[0] == Suggestion("round", "round(number, places?)", "function", "", "round(")
    assert (found.start, found.end) == ((1, 1), (1, 3))
    assert "this" not in names("|")
    assert "this" in names("any(tasks, |")
    assert "old" not in names("|")
    assert "old" in [item.name for item in complete("", (1, 1), replace(SCOPE, features=frozenset({FORMER}))).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("round(amount, |", ("round(number, places?)", 1)),
        ("round(abs(|", ("abs(number)", 0)),
        ("round((1 + |", ("round(number, places?)", 0)),
        ("count(tasks, hours > |", ("count(list, condition?)", 1)),
        ("max(tasks.hours|", ("max(list.field, condition?)", 0)),
        ("max(1, 2, 3|", ("max(value, …)", 0)),
        ('contains("a(", |', ("contains(text, part)", 1)),
        ("has_role(|", ('has_role("app.role")', 0)),
    ],
)
def test_the_call_around_the_cursor(text: str, expected: tuple[str, int]) -> None:
    found = signature(text.replace("|", ""), (1, text.index("|") + 1))
    assert found is not None
    assert (found.text, found.argument) == expected


def test_outside_of_calls_there_is_no_help() -> None:
    assert signature("round(1) + ", (1, 12)) is None
    assert signature("unknown(", (1, 9)) is None


def test_the_type_at_the_cursor() -> None:
    found = report("amount * 2 > 10 and\n  account.owner.region == name", SCOPE)
    for place, kind in (((1, 2), "money"), ((1, 10), "integer"), ((2, 14), "text"), ((1, 17), "yes/no")):
        part = part_at(found.parts, place)
        assert part is not None
        assert str(part.node.type) == kind
    assert found.problems == ()
    assert found.type == types.BOOLEAN


def test_problems_leave_the_types_that_are_known() -> None:
    found = report("amount + nothing > 5 or active", SCOPE)
    assert [(problem.line, problem.column, problem.code) for problem in found.problems] == [(1, 10, "unknown_name")]
    assert part_at(found.parts, (1, 3)) is not None
    assert report("amount +", SCOPE).problems[0].code == "syntax"


@pytest.mark.parametrize("text", ["", "((((", '"', "'\\", "a..b", "]])", "\n\n", "💥.", "count(,,,", "x" * 30_000])
def test_no_text_is_too_odd(text: str) -> None:
    report(text, SCOPE)
    for place in ((1, 1), (1, len(text) + 1), (9, 9), (0, 0)):
        complete(text, place, SCOPE)
        signature(text, place)
