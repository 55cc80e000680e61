"""The SQL of several choices."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from kith_metadata.expressions.types import Type
from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, Surroundings
from kith_runtime.queries.expression_sql_values import Sql


def option_count(around: Surroundings, arguments: list[Sql], result: Type) -> Sql:
    """Write option_count(choices)."""
    (chosen,) = arguments
    if around.dialect == "sqlite":
        length = sa.func.json_array_length(chosen.element, type_=sa.BigInteger())
    else:
        length = sa.func.jsonb_array_length(sa.type_coerce(chosen.element, JSONB), type_=sa.BigInteger())
    count = sa.func.coalesce(length, 0, type_=sa.BigInteger())
    return Sql(count, result, digits=10, nullable=False, error=chosen.error)


SQL_FAMILIES.register("choices")(SqlFamily({"option_count": option_count}))
