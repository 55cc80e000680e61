"""Record rights on values in hand: the server's twin of the SQL condition; a property test holds that the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from kith_metadata.expressions import Checked, EvaluationError, evaluate
from kith_runtime.access.filters import has_teams, team_tables
from kith_runtime.access.rights import Operation, Scope, parent_fields, rights_for
from kith_runtime.context import Context
from kith_runtime.queries.columns import surroundings_of
from kith_runtime.queries.record_values import RecordValues, load_values
from kith_runtime.scopes import environment_of


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
            return bool(evaluate(condition, self._record(entity, values), environment_of(self._ctx)))
        except EvaluationError:
            return False

    def _record(self, entity: str, values: Mapping[str, Any]) -> RecordValues:
        return RecordValues(self._ctx, entity, values.get("id"), values)
