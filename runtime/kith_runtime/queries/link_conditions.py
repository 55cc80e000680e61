"""Many-to-many lookups in conditions: whether a record points to another, or to any at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, select

from kith_runtime.published import Published
from kith_runtime.queries.columns import field_of, type_of
from kith_runtime.queries.expression_sql_values import SqlColumn
from kith_runtime.tables import link_table_of, table_of

Allowed = Callable[[str, FromClause], ColumnElement[bool] | None]


def is_link(published: Published, entity: str, name: str) -> bool:
    """Tell whether a field is a many-to-many lookup, whose ids stand in a table of their own."""
    return field_of(published, entity, name).type == "lookups"


def link_to(
    published: Published, entity: str, name: str, key: ColumnElement[str], target: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return the condition that the record ``key`` has ``target`` in its many-to-many lookup."""
    links = link_table_of(published, entity, name).alias()
    query: Select[Any] = select(literal_column("1")).where(links.c.record_id == key, links.c.target_id == target)
    return query.correlate_except(links).exists()


def link_column(
    published: Published, entity: str, name: str, key: ColumnElement[str], allowed: Allowed | None = None
) -> SqlColumn:
    """Return a many-to-many lookup of the record whose id is ``key``, in the form that the expression engine takes.

    Records in the recycle bin are not in the list. ``allowed`` gives the condition for those that may be seen.
    """
    field = field_of(published, entity, name)

    def holds(item: ColumnElement[str] | None) -> ColumnElement[bool]:
        links = link_table_of(published, entity, name).alias()
        target = table_of(published, field.options.to).alias()
        query: Select[Any] = (
            select(literal_column("1"))
            .select_from(links.join(target, target.c.id == links.c.target_id))
            .where(links.c.record_id == key, target.c.deleted_at.is_(None))
        )
        if item is not None:
            query = query.where(links.c.target_id == item)
        limit = None if allowed is None else allowed(field.options.to, target)
        if limit is not None:
            query = query.where(limit)
        return query.correlate_except(links, target).exists()

    return SqlColumn(literal_column("NULL"), type_of(published, field), links=holds)
