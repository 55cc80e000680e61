"""Angles are worked out on the server only, where they are exact; pi is a constant of the query."""

from __future__ import annotations

from kith_runtime.queries.expression_sql_family import SQL_FAMILIES, SqlFamily, known_before

SQL_FAMILIES.register("angles")(SqlFamily({"pi": known_before("pi")}))
