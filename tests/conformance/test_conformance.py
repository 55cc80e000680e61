"""The engines agree with a few cases of our own, and a run tells what does not agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.__main__ import DEFAULT, main
from conformance.cases import Case, read_cases
from conformance.engines import COMPILED, SERVER, Engine, InBrowser
from conformance.run import run
from conformance.sql_engine import SqlEngine
from kith_platform.database import Database
from support.browser_engine import BrowserEngine

OWN = Path(__file__).with_name("own_cases.jsonl")


def agreed(cases: Iterable[Case], *engines: Engine) -> dict[str, tuple[int, int]]:
    """Run and return agree and total of each engine."""
    report = run(cases, engines)
    assert not report.disagreements, "\n".join(map(str, report.disagreements[:10]))
    return {name: (tally.agree, tally.total) for name, tally in report.tallies.items()}


def test_every_engine_agrees_with_our_own_cases(database: Database) -> None:
    with BrowserEngine() as browser:
        found = agreed(read_cases(OWN), SERVER, COMPILED, SqlEngine("sql", database), InBrowser(browser))
    assert found == dict.fromkeys(("server", "compiled", "sql", "browser"), (28, 28))


def test_a_wrong_answer_is_told_with_its_formula_and_input() -> None:
    case = next(read_cases(OWN))
    rows = [{"input": "1,2.5", "expected": {"formula": "7", "formulaNullAsNull": "6"}}]
    report = run([replace(case, rows=rows)], [SERVER])
    assert (report.tallies["server"].agree, report.tallies["server"].total) == (1, 2)
    (found,) = report.disagreements
    assert "input '1,2.5': expected 7, found 6.0" in str(found)
    assert "customnumber1__c + customnumber2__c * 2" in str(found)


def test_a_case_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "cases.jsonl"
    assert main([str(missing)]) == 1
    assert str(missing) in capsys.readouterr().out


# Without the file there is nothing to run, and pytest says so.
@pytest.mark.parametrize("path", [path for path in [DEFAULT] if path.is_file()])
def test_no_answer_on_the_server_is_other_than_expected(path: Path) -> None:
    report = run(read_cases(path), [SERVER, COMPILED])
    wrong = [found for found in report.disagreements if not str(found.found).startswith("refused: ")]
    assert not wrong, "\n".join(map(str, wrong[:10]))
    assert all(tally.agree for tally in report.tallies.values())
