"""What stands in other tables: many-to-many lookups, titles of lookups to any of several, and expansions in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from kith_metadata.values import Reference
from kith_runtime.access.filters import record_condition, uses_surroundings
from kith_runtime.access.rights import rights_for, rights_key
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked
from kith_runtime.queries.cache import memory_of
from kith_runtime.queries.columns import field_of, surroundings_of, target_entity
from kith_runtime.queries.plan import IDS, Plan, Statement, actor_binds, among, given_ids, statement_of
from kith_runtime.queries.query import Query
from kith_runtime.queries.titling import titles
from kith_runtime.tables import link_table_of, table_of

Rows = Sequence[tuple[Any, ...]]


def fill_links(ctx: Context, plan: Plan, query: Query, rows: Rows, ids: Sequence[str]) -> Rows:
    """Return the rows with their many-to-many lookups: tuples of ids, or of ``Linked`` when titles are wanted."""
    if not plan.links or not rows:
        return rows
    columns = list(zip(*rows, strict=True))
    for number in plan.links:
        name = plan.outputs[number].link
        found = _targets(ctx, query.entity, name, ids)
        column: list[Any] = [tuple(found.get(record, ())) or None for record in ids]
        if query.titles or name in query.expand:
            column = _titled(ctx, field_of(ctx.published, query.entity, name).options.to, column)
        columns[number] = tuple(column)
    return list(zip(*columns, strict=True))


def _targets(ctx: Context, entity: str, name: str, ids: Sequence[str]) -> dict[str, list[str]]:
    target = field_of(ctx.published, entity, name).options.to
    if rights_for(ctx, target).read.nothing:
        return {}
    found: dict[str, list[str]] = {}
    binds = {IDS: given_ids(ids, ctx.database.dialect_name), **actor_binds(ctx)}
    for record, linked in _link_statement_of(ctx, entity, name, target).run(ctx.connection, binds):
        found.setdefault(record, []).append(linked)
    return found


def _link_statement_of(ctx: Context, entity: str, name: str, target: str) -> Statement:
    key, surroundings = rights_key(ctx.actor), surroundings_of(ctx)
    if uses_surroundings(surroundings, key, target):
        return _link_statement(ctx, entity, name, target)
    kept = ("links", key, entity, name)
    return memory_of(ctx.published).get(kept, lambda: _link_statement(ctx, entity, name, target))


def _link_statement(ctx: Context, entity: str, name: str, target: str) -> Statement:
    """Read the links to records that are live and that the actor may see; the ids of others are nobody's business."""
    links, targets = link_table_of(ctx.published, entity, name), table_of(ctx.published, target)
    query = (
        select(links.c.record_id, links.c.target_id)
        .join_from(links, targets, targets.c.id == links.c.target_id)
        .where(among(links.c.record_id, IDS, ctx.database.dialect_name), targets.c.deleted_at.is_(None))
        .order_by(links.c.record_id, links.c.position, links.c.target_id)
    )
    seen = record_condition(surroundings_of(ctx), rights_key(ctx.actor), target, "read", targets)
    query = query if seen is None else query.where(seen)
    return statement_of(query, ctx.connection.dialect, functions=True)


def _titled(ctx: Context, entity: str, column: Iterable[Any]) -> list[Any]:
    cells = list(column)
    known = titles(ctx, entity, sorted({item for cell in cells if cell for item in cell}))
    return [cell and tuple(Linked(item, known.get(item), entity) for item in cell) for cell in cells]


def with_reference_titles(ctx: Context, query: Query, rows: Rows) -> Rows:
    """Return the rows with lookups to any of several as ``Linked``; one query for each entity that occurs."""
    places = [
        number
        for number, name in enumerate(query.fields)
        if "." not in name and field_of(ctx.published, query.entity, name).type == "any_lookup"
    ]
    if not places or not rows:
        return rows
    columns = list(zip(*rows, strict=True))
    wanted: dict[str, set[str]] = {}
    for number in places:
        for cell in columns[number]:
            if isinstance(cell, Reference):
                wanted.setdefault(cell.entity, set()).add(cell.id)
    known = {entity: titles(ctx, entity, sorted(ids)) for entity, ids in wanted.items()}
    for number in places:
        columns[number] = tuple(
            Linked(cell.id, known[cell.entity].get(cell.id), cell.entity) if isinstance(cell, Reference) else cell
            for cell in columns[number]
        )
    return list(zip(*columns, strict=True))


def reference_titles(ctx: Context, query: Query, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return JSON rows with the titles of expanded lookups to any of several, and of many-to-many lookups, as maps."""
    for name in query.expand:
        field = field_of(ctx.published, query.entity, name)
        if field.type == "any_lookup":
            _title_references(ctx, name, rows)
        elif not target_entity(field):
            for row in rows:
                row[name] = row[name] and [{"id": item.id, "title": item.title} for item in row[name]]
    return rows


def _title_references(ctx: Context, name: str, rows: list[dict[str, Any]]) -> None:
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row[name]:
            wanted.setdefault(row[name]["entity"], set()).add(row[name]["id"])
    known = {entity: titles(ctx, entity, sorted(ids)) for entity, ids in wanted.items()}
    for row in rows:
        if row[name]:
            row[name] = {**row[name], "title": known[row[name]["entity"]].get(row[name]["id"])}
