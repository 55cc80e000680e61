"""What an attack on the language costs: the time and memory until it is refused, or until its value is told.

The attacks are the corpora of the tests: ways to reach Python, and expressions that would be large without caps.
"""

from __future__ import annotations

import runpy
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kith_metadata.expressions import EvaluationError, ExpressionError, compile_check, evaluate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.expression_bench import BLANK_RECORD, ENVIRONMENT, SCOPE

CORPORA = Path(__file__).resolve().parents[1] / "tests" / "unit" / "metadata" / "expressions"
ROUNDS = 5
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Attacks:
    """How many attacks of a kind there are, the worst processor time (ms) and memory (bytes), and what they were."""

    kind: str
    count: int
    milliseconds: float
    slowest: str
    memory: int
    largest: str

    def __str__(self) -> str:
        """Return it as a line of the run's report."""
        return (
            f"attacks, {self.count} {self.kind}: worst time {self.milliseconds:.1f} ms ({self.slowest}), "
            f"worst memory {self.memory / MEGABYTE:.1f} MB ({self.largest})"
        )


def attacks() -> Iterator[Attacks]:
    """Try all attacks; each is asked several times, and its median counts."""
    escapes = runpy.run_path(str(CORPORA / "corpus_escapes.py"))["ESCAPES"]
    bombs = runpy.run_path(str(CORPORA / "corpus_bombs.py"))
    yield _tried("ways to reach Python", {text[:40]: text for text in escapes})
    yield _tried("bombs that are refused", bombs["BOMBS"])
    yield _tried("bombs that give a value or an error value", bombs["BOUNDED"])


def _tried(kind: str, texts: Mapping[str, str]) -> Attacks:
    found = {name: (_milliseconds(text), _memory(text)) for name, text in texts.items()}
    slowest = max(found, key=lambda name: found[name][0])
    largest = max(found, key=lambda name: found[name][1])
    return Attacks(kind, len(found), found[slowest][0], slowest, found[largest][1], largest)


def _try(text: str) -> None:
    with suppress(ExpressionError, EvaluationError):
        evaluate(compile_check(text, SCOPE), BLANK_RECORD, ENVIRONMENT)


def _milliseconds(text: str) -> float:
    return statistics.median(_seconds(lambda: _try(text)) for _ in range(ROUNDS)) * 1_000


def _seconds(run: Callable[[], Any]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def _memory(text: str) -> int:
    tracemalloc.start()
    try:
        _try(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
