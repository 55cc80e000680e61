"""The FROM clause of a question: the entity's table, joined to looked-up records as far as the actor may see them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_

from kith_metadata.expressions import Checked
from kith_runtime.access.filters import record_condition, uses_surroundings
from kith_runtime.access.rights import EntityRights, RightsKey, rights_of
from kith_runtime.queries.columns import Surroundings, field_of, stored_column, target_entity
from kith_runtime.queries.expression_sql import to_sql
from kith_runtime.queries.expression_sql_values import SqlColumn
from kith_runtime.queries.expression_where import TRUSTED, RuleBinding, field_column, inlined
from kith_runtime.queries.link_conditions import is_link, link_column
from kith_runtime.tables import table_of


class Source:
    """Grows a join for each lookup whose target is asked for, once, under the target's own record rights.

    ``uses`` collects what the statement took from its surroundings (me, now, today): it may be used again only where
    these are the same.
    """

    def __init__(self, surroundings: Surroundings, key: RightsKey, entity: str) -> None:
        self.surroundings = surroundings
        self.published = surroundings.published
        self.key = key
        self.entity = entity
        self.table = table_of(self.published, entity)
        self.clause: FromClause = self.table
        self.uses: set[str] = set(uses_surroundings(surroundings, key, entity))
        self.has_expression = False
        self._joined: dict[str, FromClause] = {}

    def rights(self, entity: str) -> EntityRights:
        """Return the rights of this question over an entity."""
        return rights_of(self.published, self.key, entity)

    def linked(self, lookup: str) -> FromClause:
        """Return the joined table behind a lookup; a record that is hidden from the actor is blank there."""
        if lookup not in self._joined:
            target = target_entity(field_of(self.published, self.entity, lookup))
            found = table_of(self.published, target).alias(f"to_{lookup}")
            pointer = stored_column(self.published, self.entity, self.table, lookup).element
            condition: ColumnElement[bool] = found.c.id == pointer
            allowed = record_condition(self.surroundings, self.key, target, "read", found)
            if allowed is not None:
                condition = and_(condition, allowed)
                self.uses |= uses_surroundings(self.surroundings, self.key, target)
            self.clause = self.clause.outerjoin(found, condition)
            self._joined[lookup] = found
        return self._joined[lookup]

    def visible(self, entity: str, table: FromClause) -> ColumnElement[bool] | None:
        """Return the record rights over records that a list of this source holds; None when all may be seen."""
        self.uses |= uses_surroundings(self.surroundings, self.key, entity)
        return record_condition(self.surroundings, self.key, entity, "read", table)

    def condition(self, checked: Checked) -> ColumnElement[bool]:
        """Return a condition over this source."""
        whole = inlined(self.published, self.entity, checked)
        self.uses |= whole.uses
        self.has_expression = True
        return to_sql(whole, _JoinedBinding(self))

    def readable(self) -> ColumnElement[bool] | None:
        """Return the record rights for reading; None when every record may be read."""
        return record_condition(self.surroundings, self.key, self.entity, "read", self.table)

    def binding(self) -> RuleBinding:
        """Return what the expression engine needs to write formulas over this source."""
        self.has_expression = True
        return RuleBinding(self.surroundings, self.entity, self.table)


class _JoinedBinding(RuleBinding):
    """Paths through a lookup use the joined table, so that the database may also begin with the looked-up records."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.surroundings, source.entity, source.table)
        self._source = source

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        if path[0] == TRUSTED:
            return super().column(path)
        published = self.surroundings.published
        holder = self._holder(path)
        if len(path) <= 2 and is_link(published, holder, path[-1]):
            key = (self.table if len(path) == 1 else self._source.linked(path[0])).c.id
            return link_column(published, holder, path[-1], key, self._source.visible)
        if len(path) == 1:
            return super().column(path)
        target = target_entity(field_of(published, self.entity, path[0]))
        alias = self._source.linked(path[0])
        if len(path) > 2:
            return RuleBinding(self.surroundings, target, alias).column(path[1:])
        found = field_column(self.surroundings, target, alias, path[1])
        return SqlColumn(found.element, found.type, found.scale, found.currency, True)
