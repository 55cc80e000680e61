"""Roll-ups: a number worked out over the records that point here, as a correlated subquery."""

from __future__ import annotations

from sqlalchemy import FromClause

from kith_metadata.kinds.entity import Field
from kith_runtime.queries.columns import Surroundings
from kith_runtime.queries.expression_sql_values import SqlColumn


def rollup_column(surroundings: Surroundings, entity: str, table: FromClause, field: Field) -> SqlColumn:
    """Return a roll-up as an element."""
    raise NotImplementedError
