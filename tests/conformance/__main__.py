"""`python -m conformance [file]`: run a case file through all engines and print how far they agree."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.cases import read_cases
from conformance.engines import COMPILED, SERVER, Engine, InBrowser
from conformance.run import Report, run
from conformance.sql_engine import SqlEngine
from kith_platform.database import open_database
from support.browser_engine import BrowserEngine
from support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ROOT.parent / "shared/corpora/formula-conformance/cases.jsonl"
SHOWN = 20


def main(arguments: list[str]) -> int:
    """Run, print, and return 1 when an engine disagrees without a written reason."""
    path = Path(arguments[0]) if arguments else DEFAULT
    if not path.is_file():
        _say(f"There is no case file at {path}. Name one: make conformance CASES=path/to/cases.jsonl")
        return 1 if arguments else 0
    with all_engines() as engines:
        report = run(read_cases(path), engines)
    print_report(report)
    return 1 if report.disagreements else 0


@contextmanager
def all_engines() -> Iterator[list[Engine]]:
    """Give every engine that this machine can run; databases are private and gone afterwards."""
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder, BrowserEngine() as browser:
            sqlite = open_database(f"sqlite:///{folder}/cases.db")
            postgresql = open_database(server.url(server.create()))
            yield [
                SERVER,
                COMPILED,
                SqlEngine("sqlite", sqlite),
                SqlEngine("postgresql", postgresql),
                InBrowser(browser),
            ]
            sqlite.dispose()
            postgresql.dispose()
    finally:
        server.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def print_report(report: Report) -> None:
    """Print one line for each engine, the exemptions, and the first disagreements."""
    for name, tally in report.tallies.items():
        rest = sum(tally.not_applicable.values())
        _say(f"{name}: {tally.agree}/{tally.total}" + (f" ({rest} not asked)" if rest else ""))
    for name, tally in report.tallies.items():
        for reason, number in [*tally.not_applicable.items(), *tally.exempt.items()]:
            _say(f"  {name}, {number} rows: {reason}")
    # One for each formula tells more than many of the first.
    first = {(found.engine, found.case.test): found for found in reversed(report.disagreements)}
    if first:
        _say(f"\n{len(report.disagreements)} disagreements in {len({test for _, test in first})} formulas, the first:")
    for found in list(reversed(first.values()))[:SHOWN]:
        _say(f"- {found}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
