"""Record rights as SQL: the condition inside every query, so that no list, count or title leaks a record."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, and_, bindparam, false, or_, select, union_all

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText
from kith_runtime.access.rights import Operation, RightsKey, Scope, parent_fields, rights_key, rights_of
from kith_runtime.context import Context
from kith_runtime.published import Published
from kith_runtime.queries.columns import Surroundings, field_of, stored_columns, surroundings_of
from kith_runtime.queries.expression_sql_sqlite import prepare
from kith_runtime.queries.expression_where import inlined, rule_condition
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.tables import link_table_of, table_of

T = TypeVar("T")

ME, _RECORD, _RECORDS = "kith_me", "kith_record", "kith_records"
"""The bind of the actor's id; statements that are compiled once give it a new value each time they run."""


def record_filter(
    ctx: Context, entity: str, operation: Operation, table: FromClause | None = None
) -> ColumnElement[bool] | None:
    """Return the condition for the records that the actor may read, update or delete; None stands for all records.

    The condition is over ``table``, the entity's own when left out, with every bind filled in.
    """
    if ctx.actor.is_system:
        return None
    prepare(ctx.connection)
    found = table_of(ctx.published, entity) if table is None else table
    return record_condition(surroundings_of(ctx), rights_key(ctx.actor), entity, operation, found)


def record_condition(
    surroundings: Surroundings, key: RightsKey, entity: str, operation: Operation, table: FromClause
) -> ColumnElement[bool] | None:
    """Return the same for a set of rights, without a context; a record that cannot be read cannot be changed either."""
    return _Rules(surroundings, key).condition(entity, operation, table, frozenset())


def kept(ctx: Context, entity: str, name: Hashable, build: Callable[[], T]) -> T:
    """Return a statement that holds record rights of an entity, built once for each set of rights.

    ``name`` tells the statements of an entity apart. Run it with :func:`actor_bind`. Where rules read the person, the
    day or the time, their values are part of the statement, and it is built anew each time.
    """
    prepare(ctx.connection)
    if not rules_are_pure(ctx, entity):
        return build()
    return ctx.published.compiled(("statement", name, entity, rights_key(ctx.actor)), build)


def rules_are_pure(ctx: Context, entity: str) -> bool:
    """Tell whether the rights to records of an entity are the same at every moment, so that statements can be kept."""
    key = rights_key(ctx.actor)
    pure = ctx.published.compiled(
        ("pure rules", key, entity), lambda: (not uses_surroundings(surroundings_of(ctx), key, entity),)
    )
    return pure[0]


def kept_rows(
    ctx: Context, entity: str, name: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]
) -> Sequence[Mapping[Any, Any]]:
    """Run a statement that :func:`kept` keeps, with its values and the actor's, and return its rows by column name."""

    def prepared() -> Prepared:
        return Prepared(build())

    given = {**values, **actor_bind(ctx)}
    if rules_are_pure(ctx, entity):
        statement = kept(ctx, entity, ("prepared", name), prepared)
        return statement.mappings(ctx.connection, given)
    return ctx.connection.execute(kept(ctx, entity, name, build), given).mappings().all()


def actor_bind(ctx: Context) -> dict[str, Any]:
    """Return the bind that every statement with record rights may hold: who acts."""
    return {ME: ctx.actor.id}


def allows(ctx: Context, entity: str, operation: Operation, record: str) -> bool:
    """Tell whether the actor may read, update or delete a live record, asked of the database in one statement."""

    def build() -> Select[Any]:
        table = table_of(ctx.published, entity)
        mine = table.c.id == bindparam(_RECORD, None, IdText())
        query = select(table.c.id).where(mine, table.c.deleted_at.is_(None))
        condition = record_filter(ctx, entity, operation)
        return query if condition is None else query.where(condition)

    return bool(kept_rows(ctx, entity, ("allows", operation), build, {_RECORD: record}))


def allowed(ctx: Context, entity: str, operation: Operation, records: Sequence[str]) -> frozenset[str]:
    """Return those of some live records that the actor may read, update or delete, asked in one statement."""
    if not records:
        return frozenset()

    def build() -> Select[Any]:
        table = table_of(ctx.published, entity)
        several = table.c.id.in_(bindparam(_RECORDS, None, IdText(), expanding=True))
        query = select(table.c.id).where(several, table.c.deleted_at.is_(None))
        condition = record_filter(ctx, entity, operation)
        return query if condition is None else query.where(condition)

    query = kept(ctx, entity, ("allowed", operation), build)
    return frozenset(ctx.connection.execute(query, {_RECORDS: list(records), **actor_bind(ctx)}).scalars())


def uses_surroundings(surroundings: Surroundings, key: RightsKey, entity: str) -> frozenset[str]:
    """Return what the record rules of an entity, and of its parents, take from their surroundings: me, now, today.

    Formulas that the rules name are looked into: a statement is kept for others only where it is the same for them.
    """
    published = surroundings.published
    return published.compiled(("rules use", key, entity), lambda: _rules_use(published, key, entity))


def _rules_use(published: Published, key: RightsKey, entity: str) -> frozenset[str]:
    found: set[str] = set()
    pending, seen = [entity], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        rights = rights_of(published, key, name)
        for scope in (rights.read, rights.update, rights.delete):
            for condition in scope.conditions:
                found |= inlined(published, name, condition).uses
        pending.extend(field.options.to for field in parent_fields(published.snapshot, name))
    return frozenset(found)


class _Rules:
    def __init__(self, surroundings: Surroundings, key: RightsKey) -> None:
        self._surroundings = surroundings
        self._published = surroundings.published
        self._key = key

    def condition(
        self, entity: str, operation: Operation, table: FromClause, seen: frozenset[str]
    ) -> ColumnElement[bool] | None:
        rights = rights_of(self._published, self._key, entity)
        parts = [self._scope(entity, rights.read, table)]
        if operation != "read":
            parts.append(self._scope(entity, rights.scope(operation), table))
        if entity not in seen:
            parts.extend(self._parents(entity, operation, table, seen | {entity}))
        needed = [part for part in parts if part is not None]
        return and_(*needed) if needed else None

    def _parents(
        self, entity: str, operation: Operation, table: FromClause, seen: frozenset[str]
    ) -> list[ColumnElement[bool] | None]:
        # Deleting a part of a record changes that record, it does not delete it.
        needed: Operation = "read" if operation == "read" else "update"
        found: list[ColumnElement[bool] | None] = []
        for field in parent_fields(self._published.snapshot, entity):
            target = table_of(self._published, field.options.to).alias()
            allowed = self.condition(field.options.to, needed, target, seen)
            if allowed is not None:
                column = table.c[stored_columns(self._published, entity, field.name)[0]]
                found.append(column.in_(select(target.c.id).where(allowed)))
        return found

    def _scope(self, entity: str, scope: Scope, table: FromClause) -> ColumnElement[bool] | None:
        if scope.everything:
            return None
        allowed = [rule_condition(self._surroundings, entity, table, condition) for condition in scope.conditions]
        owner = stored_columns(self._published, entity, "owner")
        if owner and (scope.own or scope.team):
            me = bindparam(ME, self._surroundings.environment.me.get("id"), IdText())
            # One list of owners and no OR: so the index of owners can serve it, which makes counts forty times faster.
            teamed = scope.team and has_teams(self._surroundings)
            allowed.append(table.c[owner[0]].in_(self._team_mates(me)) if teamed else table.c[owner[0]] == me)
        return or_(*allowed) if allowed else false()

    def _team_mates(self, me: ColumnElement[str]) -> CompoundSelect[Any]:
        """Select the actor and everybody who shares a team with them."""
        mine, theirs, teams = team_tables(self._published)
        mates = (
            select(theirs.c.record_id)
            .select_from(mine.join(theirs, mine.c.target_id == theirs.c.target_id))
            .join(teams, teams.c.id == mine.c.target_id)
            .where(mine.c.record_id == me, teams.c.deleted_at.is_(None))
        )
        return union_all(select(me), mates)


def has_teams(surroundings: Surroundings) -> bool:
    """Tell whether people are in teams at all: the app ``base`` says so, a small test app may not."""
    storage = surroundings.published.storage
    return PERSON_ENTITY in storage and bool(getattr(storage.entity(PERSON_ENTITY).fields.get("teams"), "link", ""))


def team_tables(published: Published) -> tuple[FromClause, FromClause, FromClause]:
    """Return the members of teams twice, and the teams themselves: a team in the recycle bin joins nobody."""
    links = link_table_of(published, PERSON_ENTITY, "teams")
    entity = field_of(published, PERSON_ENTITY, "teams").options.to
    return links.alias(), links.alias(), table_of(published, entity).alias()
