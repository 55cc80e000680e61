"""Keep stored formulas and roll-ups true: in the transaction of the change, once each, in the order of their needs.

Every write of records tells :func:`follow` what it changed. From the graph of the snapshot follow the records whose
values may differ now; these are locked, worked out as they would be on reading, and written where they differ. A value
that changed may change others, which come later in the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from kith_metadata.values import Reference
from kith_platform.database.prepared import Prepared
from kith_runtime.computed_graph import Behind, ComputedGraph, ComputedNode, Over, computed_graph
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.columns import stored_columns, target_entity
from kith_runtime.queries.link_conditions import is_link
from kith_runtime.queries.plan import among, given_ids
from kith_runtime.records.recompute import recompute
from kith_runtime.storage import SYSTEM_COLUMNS
from kith_runtime.tables import link_table_of, table_of

_RECORDS = "kith_records"
_EVERY = frozenset({"version", "updated_at", "updated_by"})
"""System fields that every change of a record changes."""
GONE = frozenset({"deleted_at"})
"""What changes when records go to the recycle bin."""

Values = dict[str, dict[str, Any]]
"""Record id to values by field."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to records of one entity.

    ``fields`` are the fields whose values changed; None when the records are new or came back. ``former`` are the
    values that lookups among them had before. ``values`` are those of a single record now, where they are at hand: then
    nobody has to ask where it points.
    """

    entity: str
    records: Sequence[str]
    fields: frozenset[str] | None = None
    former: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    values: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Dirty:
    """What has changed so far in one entity: record ids by field.

    ``whole`` are new or returned records, ``written`` those of the change itself, which are locked already, and
    ``known`` the values of single ones.
    """

    whole: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    by_field: dict[str, set[str]] = field(default_factory=dict)
    former: dict[str, set[Any]] = field(default_factory=dict)

    def note(self, change: Change) -> None:
        self.written.update(change.records)
        if change.values is not None:
            self.known[change.records[0]] = change.values
        if change.fields is None:
            self.whole.update(change.records)
        for name in change.fields or ():
            self.by_field.setdefault(name, set()).update(change.records)
        if change.fields is not None:
            for name in _EVERY:
                self.by_field.setdefault(name, set()).update(change.records)
        for name, values in change.former.items():
            self.former.setdefault(name, set()).update(value for value in values if value is not None)

    def hit(self, fields: frozenset[str]) -> set[str]:
        found = set(self.whole)
        for name in fields & self.by_field.keys():
            found |= self.by_field[name]
        return found


def graph_of(ctx: Context) -> ComputedGraph:
    """Return the graph of the context's snapshot."""
    return computed_graph(ctx.snapshot)


def concerns(ctx: Context, entity: str) -> bool:
    """Tell whether changes of an entity can change a stored computed field."""
    return entity in graph_of(ctx).sources


def follow(ctx: Context, changes: Iterable[Change]) -> dict[str, Values]:
    """Bring up to date what follows from some changes; return the values that differ now, by entity and record.

    Must be called with all changes of one write together, after they are written: each value is worked out once.
    """
    graph = graph_of(ctx)
    dirty: dict[str, _Dirty] = {}
    for change in changes:
        if change.entity in graph.sources and change.records:
            dirty.setdefault(change.entity, _Dirty()).note(change)
    written: dict[str, Values] = {}
    for group in graph.groups if dirty else ():
        records: set[str] = set()
        for node in group:
            records |= _affected(ctx, node, dirty)
        if not records:
            continue
        if ctx.database.dialect_name == "postgresql":
            for node in group:
                _hold_sources(ctx, node, dirty)
        entity = group[0].entity
        locked = dirty[entity].written if entity in dirty else set()
        names = tuple(node.name for node in group)
        found = recompute(ctx, entity, names, sorted(records - locked)) if records - locked else {}
        if records & locked:
            found |= recompute(ctx, entity, names, sorted(records & locked), locked=True)
        for record, values in found.items():
            for name in values:
                dirty.setdefault(entity, _Dirty()).by_field.setdefault(name, set()).add(record)
            written.setdefault(entity, {}).setdefault(record, {}).update(values)
    return written


def _affected(ctx: Context, node: ComputedNode, dirty: Mapping[str, _Dirty]) -> set[str]:
    """Return the records whose value of a stored field may differ now."""
    own = dirty.get(node.entity)
    found = own.hit(node.own) if own is not None else set()
    for behind in node.behind:
        found |= _in_front_of(ctx, node.entity, behind, dirty)
    if node.over is not None:
        found |= _parents(ctx, node, node.over, dirty)
    return found


def _in_front_of(ctx: Context, entity: str, behind: Behind, dirty: Mapping[str, _Dirty]) -> set[str]:
    """Return the records of an entity whose lookups lead to changed fields."""
    holder = dirty.get(behind.holder)
    changed = holder.hit(behind.fields) if holder is not None else set()
    if not changed:
        return set()
    statement = ctx.published.compiled(
        ("leading to", ctx.database.dialect_name, entity, behind.path),
        lambda: Prepared(_leading(ctx.published, ctx.database.dialect_name, entity, behind.path)),
    )
    return _ids(ctx, statement, changed)


def _leading(published: Published, dialect: str, entity: str, path: tuple[str, ...]) -> Select[Any]:
    table = table_of(published, entity).alias()
    pointer = table.c[stored_columns(published, entity, path[0])[0]]
    if len(path) == 1:
        return select(table.c.id).where(among(pointer, _RECORDS, dialect))
    inner = _leading(published, dialect, _target(published, entity, path[0]), path[1:])
    return select(table.c.id).where(pointer.in_(inner))


def _target(published: Published, entity: str, lookup: str) -> str:
    return target_entity(fields_of(published.snapshot, entity)[lookup])


def _parents(ctx: Context, node: ComputedNode, over: Over, dirty: Mapping[str, _Dirty]) -> set[str]:
    """Return the records that changed records point to, or pointed to before."""
    of_children = dirty.get(over.entity)
    changed = of_children.hit(over.fields | GONE) if of_children is not None else set()
    found: set[str] = set()
    for behind in over.behind:
        changed |= _in_front_of(ctx, over.entity, behind, dirty)
    if of_children is not None:
        found |= _targets(of_children.former.get(over.by, ()), node.entity)
        known = _known_pointers(ctx, over, of_children)
        for record in changed & known.keys():
            found |= _targets((known[record].get(over.by),), node.entity)
        changed -= known.keys()
    if changed:
        statement = ctx.published.compiled(
            ("pointed to", ctx.database.dialect_name, over.entity, over.by, node.entity),
            lambda: Prepared(_pointed(ctx.published, ctx.database.dialect_name, over, node.entity)),
        )
        found |= _ids(ctx, statement, changed)
    return found


def _known_pointers(ctx: Context, over: Over, children: _Dirty) -> Mapping[str, Mapping[str, Any]]:
    """Return the records whose pointer is at hand: no list, of which a writer may see a part, and no system field."""
    if over.by in SYSTEM_COLUMNS or is_link(ctx.published, over.entity, over.by):
        return {}
    return children.known


def _hold_sources(ctx: Context, node: ComputedNode, dirty: Mapping[str, _Dirty]) -> None:
    """Lock the records behind the lookups of changed records until the end of the transaction.

    On PostgreSQL somebody who changes one of them at the same moment does not see these records yet: one of the two has
    to wait for the other, and the later one finds both changes.
    """
    own = dirty.get(node.entity)
    parts = [(node.entity, behind, own.hit(node.own) if own is not None else set()) for behind in node.behind]
    children = dirty.get(node.over.entity) if node.over is not None else None
    if node.over is not None and children is not None:
        changed = children.hit(node.over.fields)
        parts += [(node.over.entity, behind, changed) for behind in node.over.behind]
    for entity, behind, records in parts:
        if records:
            _ids(ctx, _hold_statement(ctx, entity, behind.path), records)


def _hold_statement(ctx: Context, entity: str, path: tuple[str, ...]) -> Prepared:
    return ctx.published.compiled(("hold", entity, path), lambda: Prepared(_held(ctx.published, entity, path)))


def _held(published: Published, entity: str, path: tuple[str, ...]) -> Select[Any]:
    table = table_of(published, entity)
    inner = select(table.c[stored_columns(published, entity, path[0])[0]]).where(
        among(table.c.id, _RECORDS, "postgresql")
    )
    holder = _target(published, entity, path[0])
    for step in path[1:]:
        between = table_of(published, holder).alias()
        inner = select(between.c[stored_columns(published, holder, step)[0]]).where(between.c.id.in_(inner))
        holder = _target(published, holder, step)
    held = table_of(published, holder).alias()
    return select(held.c.id).where(held.c.id.in_(inner)).order_by(held.c.id).with_for_update(key_share=True)


def _targets(values: Iterable[Any], entity: str) -> set[str]:
    """Return the ids of the records of an entity among the values of a lookup of any kind."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, Reference):
            found |= {value.id} if value.entity == entity else set()
        elif isinstance(value, (tuple, list)):
            found.update(value)
        elif value is not None:
            found.add(value)
    return found


def _pointed(published: Published, dialect: str, over: Over, parent: str) -> Select[Any]:
    if is_link(published, over.entity, over.by):
        links = link_table_of(published, over.entity, over.by)
        return select(links.c.target_id.label("id")).where(among(links.c.record_id, _RECORDS, dialect)).distinct()
    table = table_of(published, over.entity)
    columns = stored_columns(published, over.entity, over.by)
    pointer = table.c[columns[0]]
    query = select(pointer.label("id")).where(among(table.c.id, _RECORDS, dialect), pointer.is_not(None)).distinct()
    return query if len(columns) == 1 else query.where(table.c[columns[1]] == parent)


def _ids(ctx: Context, statement: Prepared, records: set[str]) -> set[str]:
    given = {_RECORDS: given_ids(sorted(records), ctx.database.dialect_name)}
    return {row[0] for row in statement.rows(ctx.connection, given)}
