"""The corpora of attacks are refused by reading or checking, and no tree ever passes the caps."""

from __future__ import annotations

import ast
import runpy
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kith_metadata.expressions import ExpressionError, Tree, compile_check, parse
from kith_metadata.expressions.parse import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_NODES, MAX_PLACES, MAX_TOKENS
from support.expression_bench import BLANK_RECORD, SCOPE, outcome

_HERE = Path(__file__).parent


def _names(module: str) -> dict[str, Any]:
    return runpy.run_path(str(_HERE / f"{module}.py"))


ESCAPES: tuple[str, ...] = _names("corpus_escapes")["ESCAPES"]
BOMBS: dict[str, str] = _names("corpus_bombs")["BOMBS"]
BOUNDED: dict[str, str] = _names("corpus_bombs")["BOUNDED"]


def test_the_corpora_are_large_enough() -> None:
    assert len(set(ESCAPES)) >= 200
    assert len(BOMBS) + len(BOUNDED) >= 60


@pytest.mark.parametrize("text", ESCAPES)
def test_an_escape_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check(text, SCOPE)
    problem = caught.value.problems[0]
    assert problem.line >= 1
    assert problem.column >= 1
    assert problem.message.endswith((".", ".)"))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(name: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check(BOMBS[name], SCOPE)
    assert len(str(caught.value)) < 40_000


@pytest.mark.parametrize("name", BOUNDED)
def test_what_would_be_large_is_bounded(name: str) -> None:
    found = outcome(compile_check(BOUNDED[name], SCOPE), BLANK_RECORD)
    assert len(str(found)) <= 1_000_000


@pytest.mark.parametrize("text", [*BOMBS.values(), *BOUNDED.values()], ids=[*BOMBS, *BOUNDED])
def test_an_attack_takes_little_memory(text: str) -> None:
    tracemalloc.start()
    try:
        with suppress(ExpressionError):
            outcome(compile_check(text, SCOPE), BLANK_RECORD)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1" * (MAX_LENGTH + 1), "too_long"),
        ("1+" * MAX_TOKENS + "1", "too_long"),
        ("name in [" + ",".join(["1"] * (MAX_NODES + 1)) + "]", "too_many"),
        ("-" * (MAX_DEPTH + 1) + "1", "too_deep"),
        ("9" * (MAX_DIGITS + 1), "number_too_large"),
        ("0." + "1" * (MAX_PLACES + 1), "number_too_large"),
    ],
)
def test_one_more_than_a_cap_is_refused(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_check(text, SCOPE)
    assert {problem.code for problem in caught.value.problems} == {code}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_parsed_stays_within_the_caps(name: str) -> None:
    try:
        tree = parse(BOMBS[name])
    except ExpressionError:
        return
    assert len(list(ast.walk(tree.body))) <= 2 * MAX_NODES
    assert _depth(tree) <= MAX_DEPTH


def _depth(tree: Tree) -> int:
    deepest, pending = 0, [(tree.body, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return deepest
