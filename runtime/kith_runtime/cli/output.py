"""How the command line speaks: results on the standard output, problems on the error output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from kith_metadata.check import CheckResult
from kith_metadata.issues import FORMATS
from kith_platform.errors import KithError
from kith_runtime.publish.operations.base import count_of


def say(text: str = "") -> None:
    """Print a line of the result."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line about a problem."""
    print(text, file=sys.stderr, flush=True)


def complain_of(error: KithError) -> None:
    """Print an error in words: what happened, then what to do."""
    complain(f"kith: {error.message}")
    if error.hint:
        complain(f"      {error.hint}")
    if error.code == "database_away":
        complain("      Look whether the database server runs, and whether KITH_DATABASE_URL names it rightly.")


def say_json(data: Any) -> None:
    """Print plain data as JSON."""
    say(json.dumps(data, ensure_ascii=False, indent=2))


def say_issues(result: CheckResult, format: str = "text") -> None:
    """Print the issues of a check and, as text, how many there are."""
    if result.issues or format == "json":
        say(FORMATS[format](result.issues))
    if format == "text" and result.issues:
        errors = len(result.errors)
        say(f"{count_of(errors, 'error')}, {count_of(len(result.issues) - errors, 'warning')}.")


def say_table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in aligned columns."""
    shown = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
