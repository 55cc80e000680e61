"""The corpora of attacks are refused by reading or checking, and no tree ever passes the caps."""

from __future__ import annotations

import ast
import runpy
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from kith_metadata.expressions import ExpressionError, Tree, compile_check, parse
from kith_metadata.expressions.parse import MAX_DEPTH, MAX_NODES
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


def test_what_would_be_large_takes_little_memory() -> None:
    names = ("repeated text", "repeats of repeats", "padding", "growing replacement", "tower of powers", "long number")
    checked = [compile_check(BOUNDED[name], SCOPE) for name in names]
    tracemalloc.start()
    for each in checked:
        outcome(each, BLANK_RECORD)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40_000_000


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
