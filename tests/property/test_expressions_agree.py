"""Random typed expressions over random records: every engine gives the same value, blank or error on both databases.

`KITH_EXAMPLES` sets how many examples, each an expression with a record, are tried (default 10,000 on each database).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kith_metadata.expressions import Checked, ExpressionError, Type, compile_check, parse, render
from kith_platform.database import Database
from support.browser_engine import BrowserEngine
from support.expression_bench import ACCOUNTS, DEALS, ENVIRONMENT, LEFT_OUT, SCOPE, create, many_in_sql, outcome, stored
from support.random_expressions import expression, record

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "10000"))
# Expressions of one batch, which is one statement, and the records that each of them meets.
BATCH, RECORDS = 25, 3
KINDS = ("number", "number", "text", "text", "boolean", "boolean", "date", "datetime", "duration", "time")
EFFORT = settings(
    max_examples=max(1, EXAMPLES // (BATCH * RECORDS)),
    deadline=None,
    database=None,
    # Every run tries the same examples, so that no failure comes by chance; who names a number gets others.
    derandomize="KITH_EXAMPLES" not in os.environ,
    # A seed cannot be made smaller in a way that means something; the message holds expression and record.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**63)


def _checked(random: Random) -> tuple[str, Checked]:
    """Return the next random expression whose types fit."""
    while True:
        text = expression(random, random.choice(KINDS), 3)
        try:
            return text, compile_check(text, SCOPE)
        except ExpressionError:
            continue


def _same(kind: Type, left: Any, right: Any) -> bool:
    if left is None or right is None or "error" in (left, right):
        return bool(left == right)
    return bool(left == right) and (kind.kind != "boolean" or isinstance(right, bool))


@pytest.fixture
def filled(database: Database) -> Database:
    create(database)
    return database


@pytest.fixture(scope="module")
def browser_engine() -> Iterator[BrowserEngine]:
    with BrowserEngine() as engine:
        yield engine


def test_all_engines_agree(filled: Database, browser_engine: BrowserEngine) -> None:
    seen = {"browser": 0, "left to the server": 0, "left out of SQL": 0}

    @EFFORT
    @given(seed=SEEDS)
    def agree(seed: int) -> None:
        random = Random(seed)
        records = [record(random) for _ in range(RECORDS)]
        batch = [_checked(random) for _ in range(BATCH)]
        expected = [[outcome(checked, row) for _, checked in batch] for row in records]
        with filled.write() as connection:
            _fill(connection, records)
            found = many_in_sql(connection, [checked for _, checked in batch])
        seen["left out of SQL"] += sum(value == LEFT_OUT for row in found for value, _ in row)
        for row, wanted, values in zip(records, expected, found, strict=True):
            for (text, checked), right, (value, matched) in zip(batch, wanted, values, strict=True):
                used = {path[0]: row[path[0]] for path in checked.references}
                told = f"{text}: {right!r} on the server, {value!r} in SQL for {used}"
                assert value == LEFT_OUT or _same(checked.type, right, value), told
                shown = browser_engine.run(checked, row, ENVIRONMENT)
                seen["left to the server" if shown == "unsupported" else "browser"] += 1
                assert shown == "unsupported" or _same(checked.type, right, shown), f"{told}, {shown!r} in the browser"
                assert value == LEFT_OUT or matched is (right is True or checked.type.kind != "boolean"), (
                    f"{told}, as a condition"
                )

    agree()
    assert seen["left to the server"] == 0
    assert seen["left out of SQL"] < seen["browser"] / 3


def _fill(connection: sa.Connection, records: list[dict[str, Any]]) -> None:
    connection.execute(sa.delete(DEALS))
    connection.execute(sa.delete(ACCOUNTS))
    for number, row in enumerate(records):
        key = f"a{number}"
        held = stored(row)
        connection.execute(sa.insert(DEALS).values({**held, "key": number, "account": held["account"] and key}))
        if row["account"]:
            account = row["account"]
            revenue = account["revenue"].amount if account["revenue"] else None
            connection.execute(sa.insert(ACCOUNTS).values({**account, "id": key, "revenue": revenue}))


@EFFORT
@given(seed=SEEDS)
def test_rendering_and_json_keep_the_meaning(seed: int) -> None:
    random = Random(seed)
    for _ in range(3):
        text, checked = _checked(random)
        assert Checked.from_json(checked.to_json()) == checked
        once = render(parse(text))
        assert render(parse(once)) == once
        again = compile_check(once, SCOPE)
        assert (again.type, again.references, again.uses) == (checked.type, checked.references, checked.uses)
