"""Running a case file: every row through every engine in both treatments of blanks, counted and compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from conformance.cases import ERROR, MODES, Case, read_expected
from conformance.engines import Engine, NotApplicable, Question
from conformance.exceptions import EXEMPTIONS
from kith_metadata.expressions import Environment, ExpressionError, FieldInfo, FieldScope, compile_check
from kith_metadata.expressions.translate import TranslationError

# The oracle computes these in binary floating point, with 15 to 17 digits; we compute them exactly.
_FLOATING = re.compile(r"\b(SQRT|EXP|LN|LOG|SIN|COS|TAN|ASIN|ACOS|ATAN|ATAN2|DISTANCE)\s*\(|\^", re.IGNORECASE)
_FLOAT_TOLERANCE = Decimal("1e-14")
_TOLERANCE = Decimal("1e-17")
AROUND = Environment.at(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), {}, "UTC")


@dataclass(frozen=True)
class Disagreement:
    """One row in which an engine gave something else than expected."""

    engine: str
    mode: str
    case: Case
    input: str | None
    expected: Any
    found: Any
    expression: str

    def __str__(self) -> str:
        formula = " ".join(self.case.formula.split())
        return (
            f"{self.engine} {self.mode} {self.case.test}: {formula[:160]}\n    ours: {self.expression[:200]}\n"
            f"    input {self.input!r}: expected {_shown(self.expected)}, found {_shown(self.found)}"
        )


@dataclass
class Tally:
    """What one engine did: rows that agree, rows asked, rows it could not be asked, and exempted ones."""

    agree: int = 0
    total: int = 0
    not_applicable: Counter[str] = field(default_factory=Counter)
    exempt: Counter[str] = field(default_factory=Counter)


@dataclass
class Report:
    """The outcome of a run."""

    tallies: dict[str, Tally]
    disagreements: list[Disagreement] = field(default_factory=list)


def run(cases: Iterable[Case], engines: Sequence[Engine]) -> Report:
    """Put every case to every engine, with blanks as zero and with blanks as blank."""
    report = Report({engine.name: Tally() for engine in engines})
    for case in cases:
        for mode, blanks_as_zero in MODES.items():
            _run_case(case, mode, blanks_as_zero, engines, report)
    return report


def _run_case(case: Case, mode: str, blanks_as_zero: bool, engines: Sequence[Engine], report: Report) -> None:
    records = [case.record(row["input"]) for row in case.rows]
    expression = ""
    try:
        expression = case.translated(blanks_as_zero).text
        scope = FieldScope("case", {name: FieldInfo(kind) for name, kind in case.fields.items()})
        checked = compile_check(expression, scope)
    except (TranslationError, ExpressionError) as error:
        answers: dict[str, Sequence[Any]] = {engine.name: [f"refused: {error}"] * len(records) for engine in engines}
    else:
        question = Question(checked, case.fields, records, AROUND)
        answers = {engine.name: engine.answers(question) for engine in engines}
    for name, found in answers.items():
        for row, answer in zip(case.rows, found, strict=True):
            _count(report, Disagreement(name, mode, case, row["input"], row["expected"][mode], answer, expression))


def _count(report: Report, row: Disagreement) -> None:
    tally = report.tallies[row.engine]
    if isinstance(row.found, NotApplicable):
        tally.not_applicable[row.found.reason] += 1
        return
    tally.total += 1
    if agrees(row.case, row.expected, row.found):
        tally.agree += 1
        return
    exemption = next((found for found in EXEMPTIONS if found.covers(row.case.test, row.input)), None)
    if exemption is not None:
        tally.exempt[f"{exemption.test}: {exemption.reason}"] += 1
    else:
        report.disagreements.append(row)


def agrees(case: Case, text: str, found: Any) -> bool:
    """Tell whether an answer is the expected one; numbers are compared as numbers, to the digits that both keep."""
    expected = read_expected(text, found, case.returns)
    if case.returns == "Percent" and isinstance(found, Decimal | int) and not isinstance(found, bool):
        found = found * 100
    if isinstance(expected, Decimal) and isinstance(found, Decimal | int) and not isinstance(found, bool):
        formula = case.formula + " ".join(inner for inner, _ in case.inner.values())
        tolerance = _FLOAT_TOLERANCE if _FLOATING.search(formula) else _TOLERANCE
        return abs(expected - found) <= tolerance * max(1, abs(expected))
    if isinstance(found, datetime):
        # The file holds moments without fractions of a second.
        found = found.replace(microsecond=0)
    if isinstance(expected, str) and isinstance(found, str) and expected != ERROR:
        # The file holds texts without the spaces around them.
        return expected.strip() == found.strip()
    if expected is None or expected is ERROR:
        return found is expected or found == expected
    return type(expected) is type(found) and bool(expected == found)


def _shown(value: Any) -> str:
    return "blank" if value is None else str(value)
