"""Simple conditions become plain SQL that an index can serve; literals are always binds."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from kith_metadata.expressions import FieldInfo, FieldScope, compile_check, types
from kith_runtime.queries.expression_sql import sql_support, to_sql
from support.expression_bench import SCOPE, Binding

PLAIN = [
    ("name == 'x'", "deals.name ="),
    ("amount < 10", "deals.amount <"),
    ("amount < 10.25 and quantity >= 3", "deals.quantity >="),
    ("share > 0.2", "deals.share >"),
    ("stage in ['won', 'propose']", "deals.stage IN"),
    ("quantity in [1, 2]", "deals.quantity IN"),
    ("owner == me", "deals.owner ="),
    ("team in me.teams", "deals.team IN"),
    ("close_date <= today() + days(7)", "deals.close_date <="),
    ("10 > amount", "deals.amount <"),
    ("effort > days(1)", "deals.effort >"),
]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("text", "wanted"), PLAIN)
def test_a_simple_condition_stays_plain(text: str, wanted: str, dialect: str) -> None:
    sql = str(_compiled(text, dialect))
    assert wanted in sql
    for wrapping in ("coalesce", "kith_", "CASE", "CAST"):
        assert wrapping not in sql


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_unequal_lets_blanks_through_without_wrapping_the_column(dialect: str) -> None:
    sql = str(_compiled("stage != 'won'", dialect))
    assert "deals.stage IS NULL OR deals.stage !=" in sql


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_literals_are_binds(dialect: str) -> None:
    compiled = _compiled("name == 'secret; drop' or 'needle' in note or round(weight * 77.5, 2) > 4242", dialect)
    for literal in ("secret", "needle", "77", "4242"):
        assert literal not in str(compiled)
    assert "secret; drop" in compiled.params.values()


def test_what_cannot_run_in_sql_is_named() -> None:
    scope = FieldScope("sales.deal", {"helpers": FieldInfo(types.records("base.user"))})
    (problem,) = sql_support(compile_check("helpers if 1 > 2 else helpers", scope))[:1]
    assert problem.code == "no_sql"
    assert sql_support(compile_check("me in helpers and helpers != blank and not is_blank(helpers)", scope)) == ()
    assert sql_support(compile_check("amount > 5 and team in me.teams", SCOPE)) == ()


def _compiled(text: str, dialect: str) -> Any:
    dialects: dict[str, Any] = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}
    engine = dialects[dialect]()
    return to_sql(compile_check(text, SCOPE, types.BOOLEAN), Binding(dialect)).compile(dialect=engine)
