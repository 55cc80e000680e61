"""Whatever stands where an expression should: it is refused with a place, or runs within the caps, and nothing else.

`KITH_EXAMPLES` sets how many texts are tried in each way (default 400).
"""

from __future__ import annotations

import ast
import os
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kith_metadata.expressions import EvaluationError, ExpressionError, Tree, compile_check, evaluate, parse
from kith_metadata.expressions.editor import complete, report, signature
from kith_metadata.expressions.exact import LIMIT_DIGITS, PLACES
from kith_metadata.expressions.functions.pieces import MAX_TEXT
from kith_metadata.expressions.nodes import Literal
from kith_metadata.expressions.parse import MAX_DEPTH, MAX_NODES
from kith_metadata.expressions.server_only import walk
from support.expression_bench import BLANK_RECORD, ENVIRONMENT, SCOPE
from support.random_expressions import FORMS, expression, record

EFFORT = settings(
    max_examples=int(os.environ.get("KITH_EXAMPLES", "400")),
    deadline=None,
    database=None,
    derandomize="KITH_EXAMPLES" not in os.environ,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
SIGNS = st.text("()[]{}.,:+-*/%<>=!&|^~@\"'\\ \n#0123456789eExabnametruifotdslk_λ\x00\ud800", max_size=60)
WORDS = st.lists(
    st.sampled_from(
        ["name", "amount", "me", ".", "(", ")", ",", "if", "else", "and", "or", "not", "in", "count", "case", "==", "<",
         "1", "-", "**", '"a"', "blank", "old", "this", "first", "lambda", "for", "[", "]", "repeat", "9e9", "today"]
    ),
    max_size=25,
).map(" ".join)  # fmt: skip


def tried(text: str) -> None:
    """Read, check and run a text as a person's, and ask an editor about it."""
    place = (1, min(len(text), 7) + 1)
    for problem in report(text, SCOPE).problems:
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        assert problem.column >= 1, problem
        assert problem.message
    complete(text, place, SCOPE)
    signature(text, place)
    try:
        tree = parse(text)
        checked = compile_check(text, SCOPE)
    except ExpressionError:
        return
    assert len(list(ast.walk(tree.body))) <= 2 * MAX_NODES
    assert deepest(tree) <= MAX_DEPTH
    assert all(digits(node.value) <= 38 for node in walk(checked.root) if isinstance(node, Literal))
    for row in (BLANK_RECORD, record(Random(text.encode("utf-8", "replace")))):
        try:
            value = evaluate(checked, row, ENVIRONMENT)
        except EvaluationError:
            continue
        assert not isinstance(value, str) or len(value) <= MAX_TEXT
        assert digits(value) <= LIMIT_DIGITS + PLACES


def digits(value: object) -> int:
    """Return how many digits a number has; other values have none."""
    number = getattr(value, "amount", value)
    return len(Decimal(number).as_tuple().digits) if type(number) in (int, Decimal) else 0


def deepest(tree: Tree) -> int:
    """Return how many levels a tree has."""
    found, pending = 0, [(tree.body, 1)]
    while pending:
        node, depth = pending.pop()
        found = max(found, depth)
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return found


@EFFORT
@given(st.one_of(SIGNS, WORDS, st.text(max_size=60), st.binary(max_size=60).map(lambda data: data.decode("latin-1"))))
def test_any_text_and_any_bytes(text: str) -> None:
    tried(text)


@EFFORT
@given(st.integers(0, 2**63), st.integers(0, 400), st.integers(0, 20), st.one_of(SIGNS, WORDS))
def test_an_expression_with_a_wound(seed: int, start: int, length: int, put: str) -> None:
    random = Random(seed)
    text = expression(random, random.choice([kind for kind in FORMS if kind != "record"]), 3)
    at = start % (len(text) + 1)
    tried(text[:at] + put + text[at + length :])
