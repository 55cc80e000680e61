"""Record rights on values in hand: the server's twin of the SQL condition; a property test holds that the two agree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import exists, select

from kith_metadata.expressions import Checked, EvaluationError, evaluate
from kith_runtime.access.filters import has_teams, team_tables
from kith_runtime.access.rights import Operation, Scope, parent_fields, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.queries.columns import field_of, stored_columns, surroundings_of, target_entity
from kith_runtime.queries.link_conditions import is_link
from kith_runtime.scopes import environment_of
from kith_runtime.storage import SYSTEM_COLUMNS
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.tables.overflow import OVERFLOW, overflow_names, whole


def may(ctx: Context, entity: str, operation: Operation, values: Mapping[str, Any]) -> bool:
    """Tell whether the actor may read, update or delete a record with these values.

    ``values`` holds the fields as Python values (a lookup as an id). Records behind lookups and parents are loaded when
    a rule asks for them. An expression that fails for this record allows nothing, as in SQL.
    """
    return _Policy(ctx).allows(entity, operation, values, frozenset())


class _Policy:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def allows(self, entity: str, operation: Operation, values: Mapping[str, Any], seen: frozenset[str]) -> bool:
        rights = rights_for(self._ctx, entity)
        if not self._scope_allows(entity, rights.read, values):
            return False
        if operation != "read" and not self._scope_allows(entity, rights.scope(operation), values):
            return False
        return entity in seen or self._parents_allow(entity, operation, values, seen | {entity})

    def _parents_allow(
        self, entity: str, operation: Operation, values: Mapping[str, Any], seen: frozenset[str]
    ) -> bool:
        needed: Operation = "read" if operation == "read" else "update"
        for field in parent_fields(self._ctx.snapshot, entity):
            target = field.options.to
            if self._unlimited(target, needed, seen):
                continue
            parent = values.get(field.name)
            found = None if parent is None else load_values(self._ctx, target, parent)
            if found is None or not self.allows(target, needed, found, seen):
                return False
        return True

    def _unlimited(self, entity: str, operation: Operation, seen: frozenset[str]) -> bool:
        """Tell whether every record is allowed, so that even a child without a parent is."""
        rights = rights_for(self._ctx, entity)
        if not (rights.read.everything and rights.scope(operation).everything):
            return False
        needed: Operation = "read" if operation == "read" else "update"
        parents = () if entity in seen else tuple(parent_fields(self._ctx.snapshot, entity))
        return all(self._unlimited(field.options.to, needed, seen | {entity}) for field in parents)

    def _scope_allows(self, entity: str, scope: Scope, values: Mapping[str, Any]) -> bool:
        if scope.everything:
            return True
        owner, actor = values.get("owner"), self._ctx.actor.id
        if (scope.own or scope.team) and actor and owner == actor:
            return True
        if scope.team and actor and owner is not None and self._share_a_team(owner):
            return True
        return any(self._holds(entity, condition, values) for condition in scope.conditions)

    def _share_a_team(self, owner: str) -> bool:
        if not has_teams(surroundings_of(self._ctx)):
            return False
        mine, theirs, teams = team_tables(self._ctx.published)
        shared = exists().where(
            mine.c.target_id == theirs.c.target_id,
            teams.c.id == mine.c.target_id,
            teams.c.deleted_at.is_(None),
            mine.c.record_id == self._ctx.actor.id,
            theirs.c.record_id == owner,
        )
        return bool(self._ctx.connection.execute(select(shared)).scalar())

    def _holds(self, entity: str, condition: Checked, values: Mapping[str, Any]) -> bool:
        try:
            return bool(evaluate(condition, self._with_related(entity, condition, values), environment_of(self._ctx)))
        except EvaluationError:
            return False

    def _with_related(self, entity: str, condition: Checked, values: Mapping[str, Any]) -> Mapping[str, Any]:
        behind = {path[0] for path in condition.references if len(path) > 1}
        related: dict[str, Any] = {}
        for path in condition.references:
            name = path[0]
            if len(path) == 1 and name not in values and is_link(self._ctx.published, entity, name):
                related[name] = linked_ids(self._ctx, entity, name, values.get("id"))
        for name in behind:
            target = target_entity(field_of(self._ctx.published, entity, name))
            links = {path[1] for path in condition.references if len(path) == 2 and path[0] == name}
            related[name] = self._loader(target, values.get(name), links)
        return {**values, **related} if related else values

    def _loader(
        self, entity: str, record: str | None, names: Collection[str]
    ) -> Callable[[], Mapping[str, Any] | None]:
        if record is None:
            return lambda: None

        def load() -> Mapping[str, Any]:
            # A lookup whose record is gone still is not blank; only what stands behind it is.
            found = load_values(self._ctx, entity, record) or _Gone(id=record)
            links = [name for name in names if is_link(self._ctx.published, entity, name)]
            found.update({name: linked_ids(self._ctx, entity, name, record) for name in links})
            return found

        return load


class _Gone(dict[str, Any]):
    """A record that is not there: every field of it is blank."""

    def __missing__(self, name: str) -> None:
        return None


def linked_ids(ctx: Context, entity: str, name: str, record: str | None) -> tuple[str, ...]:
    """Return the ids of a many-to-many lookup, without records in the recycle bin, whatever the actor may see."""
    links = link_table_of(ctx.published, entity, name)
    target = table_of(ctx.published, field_of(ctx.published, entity, name).options.to)
    query = (
        select(links.c.target_id)
        .join_from(links, target, target.c.id == links.c.target_id)
        .where(links.c.record_id == record, target.c.deleted_at.is_(None))
        .order_by(links.c.position)
    )
    return tuple(ctx.connection.execute(query).scalars())


def load_values(ctx: Context, entity: str, record: str) -> dict[str, Any] | None:
    """Return all stored values of a record for the use of rules, whatever the actor may see; None if there is none."""
    table = table_of(ctx.published, entity)
    row = ctx.connection.execute(whole(table).where(table.c.id == record)).mappings().first()
    if row is None:
        return None
    shared = overflow_names(table)
    values: dict[str, Any] = {name: row[name] for name in SYSTEM_COLUMNS}
    for name in ctx.published.storage.entity(entity).fields:
        columns = stored_columns(ctx.published, entity, name)
        if not columns:
            continue
        field = field_of(ctx.published, entity, name)
        held = row[OVERFLOW] if columns[0] in shared else row
        stored = tuple(held[column] for column in columns)
        blank = all(part is None for part in stored)
        values[name] = None if blank else field_types[field.type].load(stored, field)
    return values
