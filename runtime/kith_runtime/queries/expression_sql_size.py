"""How large an expression is in SQL: it is written over columns that stand for those of any table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from kith_metadata.expressions import Environment, nodes
from kith_metadata.expressions.nodes import Node
from kith_metadata.expressions.server_only import walk
from kith_metadata.expressions.types import JSON, Type
from kith_runtime.queries.expression_sql_lists import Listing
from kith_runtime.queries.expression_sql_values import SqlColumn

PLACES = 4
_ROWS = sa.table("rows", sa.column("id"))
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SizingBinding:
    """Stands for any table: each path of the tree is a column of its type, each list a table of such columns."""

    types: Mapping[tuple[str, ...], Type]
    dialect_name: str = "sqlite"
    outer: Any = None
    environment: Environment = field(default_factory=lambda: Environment.at(_MOMENT, {}))

    @staticmethod
    def of(root: Node) -> SizingBinding:
        """Return the binding for a tree."""
        return SizingBinding({node.path: node.type for node in walk(root) if isinstance(node, nodes.Field)})

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        """Return a column of the type that the tree says."""
        kind = self.types.get(path, JSON)
        currency: ColumnElement[Any] | None = sa.column("currency") if kind.kind == "money" else None
        return SqlColumn(sa.column("value"), kind, PLACES, currency, links=lambda item: sa.column("linked") == item)

    def listing(self, node: nodes.Aggregate) -> Listing:
        """Return a list of records with such columns."""
        inner = SizingBinding(self.types, self.dialect_name, self, self.environment)
        rows = _ROWS.alias()
        return Listing(rows, (rows,), (), (), rows.c.id, inner)

    def me(self) -> Mapping[str, Any]:
        """Return the person: nobody."""
        return self.environment.me

    def now(self) -> datetime:
        """Return a moment."""
        return self.environment.now

    def today(self) -> date:
        """Return a day."""
        return self.environment.today

    def time_zone(self) -> str:
        """Return a time zone."""
        return self.environment.time_zone
