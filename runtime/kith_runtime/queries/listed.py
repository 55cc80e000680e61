"""Lists of records for expressions: which rows belong to a record's list, by lookup or by a many-to-many table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_

from kith_metadata.expressions.nodes import Aggregate
from kith_runtime.published import Published
from kith_runtime.queries.columns import field_of, stored_columns, target_entity
from kith_runtime.tables import link_table_of, table_of

Allowed = Callable[[str, FromClause], ColumnElement[bool] | None]
"""Gives the condition for the records of an entity that the actor may see; None when all may be seen."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a list: where they stand, the tables of the list itself, which rows, and in which order."""

    children: FromClause
    source: FromClause
    tables: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[object], ...]


def rows_of(
    published: Published, entity: str, node: Aggregate, key: ColumnElement[str], allowed: Allowed | None
) -> Rows:
    """Return the live records in a list of the record of ``entity`` whose id is ``key``.

    The order is that of a many-to-many field, else the oldest first.
    """
    children = table_of(published, node.entity).alias()
    limits: list[ColumnElement[bool]] = [children.c.deleted_at.is_(None)]
    limit = None if allowed is None else allowed(node.entity, children)
    if limit is not None:
        limits.append(limit)
    by_age: tuple[ColumnElement[object], ...] = (children.c.created_at, children.c.id)
    holder = entity if node.ours else node.entity
    if field_of(published, holder, node.by).type != "lookups":
        limits.append(_points(published, node, children, entity, key))
        return Rows(children, children, (children,), tuple(limits), by_age)
    links = link_table_of(published, holder, node.by).alias()
    mine, theirs = ("record_id", "target_id") if node.ours else ("target_id", "record_id")
    source = children.join(links, children.c.id == links.c[theirs])
    limits.append(links.c[mine] == key)
    order = (links.c.position, *by_age) if node.ours else by_age
    return Rows(children, source, (children, links), tuple(limits), order)


def _points(
    published: Published, node: Aggregate, children: FromClause, entity: str, key: ColumnElement[str]
) -> ColumnElement[bool]:
    """A lookup points here by its id; one that may point to several entities says also to which."""
    columns = stored_columns(published, node.entity, node.by)
    here: ColumnElement[bool] = children.c[columns[0]] == key
    if target_entity(field_of(published, node.entity, node.by)) or len(columns) < 2:
        return here
    return and_(here, children.c[columns[1]] == entity)
