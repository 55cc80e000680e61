"""Patterns are matched on the server only: the databases know other pattern languages."""

from __future__ import annotations

from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily

SQL_FAMILIES.register("patterns")(SqlFamily({}))
