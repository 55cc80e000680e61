"""Patterns: whether a text has a given shape, on an engine whose time grows only with the length of the text."""

from __future__ import annotations

import functools
from typing import Any

import re2

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.problems import EvaluationError

MAX_PATTERN = 1_000
_MEMORY = 1 << 20


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def pattern_problem(pattern: str) -> str | None:
    """Return why a pattern cannot be used, or None when it can."""
    if len(pattern) > MAX_PATTERN:
        return f"A pattern has at most {MAX_PATTERN} characters; this has {len(pattern)}."
    if _compiled(pattern) is None:
        return f"'{pattern[:40]}' is not a pattern: a part is not closed, too large, or not in the language RE2."
    return None


def _matches(text: str | None, pattern: str | None) -> bool:
    if pattern is None:
        return False
    problem = pattern_problem(pattern)
    if problem is not None:
        raise EvaluationError(problem, "A pattern cannot be used.")
    return _compiled(pattern).fullmatch(text or "") is not None


def _like(text: str | None, pattern: str | None) -> bool:
    if pattern is None:
        return False
    if len(pattern) > MAX_PATTERN:
        raise EvaluationError(f"A pattern has at most {MAX_PATTERN} characters; this has {len(pattern)}.")
    return _compiled(_from_wildcards(pattern)).fullmatch(text or "") is not None


def _from_wildcards(pattern: str) -> str:
    """Return the pattern in which % is any text, _ any one character, and a backslash takes both literally."""
    parts: list[str] = []
    signs = iter(pattern)
    for sign in signs:
        if sign == "\\":
            parts.append(re2.escape(next(signs, sign)))
        else:
            parts.append({"%": "(?s:.*)", "_": "(?s:.)"}.get(sign) or re2.escape(sign))
    return "".join(parts)


_PATTERN = Parameter("pattern", frozenset({"text"}), verify=pattern_problem)

FAMILIES.register("patterns")(
    Family(
        "Patterns",
        (
            Function("matches", "Tell whether a whole text has the shape of a pattern of the language RE2 (no "
                     "look-around, no back references). A blank text counts as an empty one; "
                     "nothing matches a blank pattern.",
                     (Parameter("text", t.TEXT_KINDS), _PATTERN),
                     always(t.BOOLEAN), _matches,
                     ('matches("10115", "[0-9]{5}")', 'not matches("10115 Berlin", "[0-9]{5}")',
                      'matches("94105-1234", "\\\\d{5}(-\\\\d{4})?")', 'matches(blank, "[0-9]*")',
                      'not matches("a", blank)'),
                     keeps_blank=True, fallible=True, in_sql=False),
            Function("like", "Tell whether a whole text has a shape in which % stands for any text and _ for any one "
                     "character; a backslash before them means the sign itself.",
                     (Parameter("text", t.TEXT_KINDS), Parameter("pattern", t.TEXT_KINDS)), always(t.BOOLEAN), _like,
                     ('like("Berlin", "B%n")', 'like("Berlin", "_erlin")', 'not like("Berlin", "b%")',
                      'like("100%", "100\\\\%")', 'not like("1000", "100\\\\%")', 'not like("a", blank)'),
                     keeps_blank=True, fallible=True, in_sql=False),
        ),
    )
)  # fmt: skip
