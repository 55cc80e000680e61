"""docs/expressions.md: its examples hold, and its table of functions is the one that the declarations give."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from kith_metadata.expressions import compile_check, types
from kith_metadata.expressions.family import FAMILIES
from kith_platform.database import Database
from support.expression_bench import BLANK_RECORD, DEALS, SCOPE, create, in_sql, outcome

PAGE = Path(__file__).parents[4] / "docs" / "expressions.md"
START, END = "<!-- functions -->\n", "<!-- end -->"


def _examples() -> list[str]:
    return [line[4:] for line in PAGE.read_text().splitlines() if line.startswith(">>> ")]


def _table() -> str:
    rows = [
        f"| `{function.signature}` | {function.summary} `{function.examples[0]}` |"
        for _, family in FAMILIES.items()
        for function in family.functions
    ]
    return "\n".join(["| function | what it does |", "|---|---|", *rows]) + "\n"


@pytest.mark.parametrize("example", _examples())
def test_an_example_holds_on_the_server(example: str) -> None:
    assert outcome(compile_check(example, SCOPE, types.BOOLEAN), BLANK_RECORD) is True


def test_all_examples_hold_in_sql(database: Database) -> None:
    create(database)
    with database.write() as connection:
        connection.execute(sa.insert(DEALS).values(name="a"))
        for example in _examples():
            assert in_sql(connection, compile_check(example, SCOPE, types.BOOLEAN)) == (True, True), example


def test_the_table_of_functions_is_current() -> None:
    text = PAGE.read_text()
    before, rest = text.split(START)
    _, after = rest.split(END)
    wanted = before + START + _table() + END + after
    if os.environ.get("KITH_WRITE_DOCS"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, "Run this test with KITH_WRITE_DOCS=1 to write the table."
