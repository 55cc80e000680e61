"""Every documented example of every function holds in both Python engines and in SQL on both databases."""

from __future__ import annotations

import sqlalchemy as sa

from kith_metadata.expressions import compile_check, types
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.family import FAMILIES
from kith_metadata.expressions.operators import OPERATORS
from kith_platform.database import Database
from kith_runtime.queries import expression_sql_operators
from kith_runtime.queries.expression_sql import sql_support
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES
from support.expression_bench import BLANK_RECORD, DEALS, SCOPE, create, in_sql, outcome


def test_the_sql_side_has_the_same_families_with_the_same_functions() -> None:
    python = {
        name: {function.name for function in family.functions if function.in_sql} for name, family in FAMILIES.items()
    }
    assert {name: set(family.functions) for name, family in SQL_FAMILIES.items()} == python
    assert set(expression_sql_operators.OPERATORS) == set(OPERATORS)


def test_every_function_has_examples_and_a_summary() -> None:
    for function in FUNCTIONS.values():
        assert function.examples, function.name
        assert function.summary.endswith("."), function.name


def test_the_examples_hold_in_every_engine(database: Database) -> None:
    create(database)
    with database.write() as connection:
        connection.execute(sa.insert(DEALS).values(name="a"))
        for function in FUNCTIONS.values():
            for example in function.examples:
                checked = compile_check(example, SCOPE, types.BOOLEAN)
                assert outcome(checked, BLANK_RECORD) is True, example
                if sql_support(checked):
                    assert function.server_kinds or not function.in_sql, example
                else:
                    assert in_sql(connection, checked) == (True, True), example
