"""The FROM clause of a question: the entity's table, joined to looked-up records as far as the actor may see them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_

from kith_metadata.expressions import Checked
from kith_metadata.expressions.nodes import Aggregate
from kith_runtime.access.filters import record_condition, uses_surroundings
from kith_runtime.access.rights import EntityRights, RightsKey, rights_of
from kith_runtime.queries.columns import Surroundings, field_of, stored_column, target_entity
from kith_runtime.queries.expression_sql import to_sql
from kith_runtime.queries.expression_sql_lists import Listing
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
        self._joined: dict[tuple[str, ...], FromClause] = {}

    def rights(self, entity: str) -> EntityRights:
        """Return the rights of this question over an entity."""
        return rights_of(self.published, self.key, entity)

    def linked(self, lookup: str) -> FromClause:
        """Return the joined table behind a lookup; a record that is hidden from the actor is blank there."""
        return self.joined((lookup,))[1]

    def joined(self, way: tuple[str, ...]) -> tuple[str, FromClause]:
        """Return the entity and the joined table at the end of some lookups; each step is joined once.

        A record that is hidden from the actor is blank, and so is all that stands behind it.
        """
        if not way:
            return self.entity, self.table
        holder, table = self.joined(way[:-1])
        target = target_entity(field_of(self.published, holder, way[-1]))
        if way not in self._joined:
            name = f"to_{way[0]}" if len(way) == 1 else f"via_{len(self._joined)}"
            found = table_of(self.published, target).alias(name)
            pointer = stored_column(self.published, holder, table, way[-1]).element
            condition: ColumnElement[bool] = found.c.id == pointer
            allowed = record_condition(self.surroundings, self.key, target, "read", found)
            if allowed is not None:
                condition = and_(condition, allowed)
                self.uses |= uses_surroundings(self.surroundings, self.key, target)
            self.clause = self.clause.outerjoin(found, condition)
            self._joined[way] = found
        return target, self._joined[way]

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
        super().__init__(source.surroundings, source.entity, source.table, source.visible)
        self._source = source

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        if TRUSTED in path:
            place = path.index(TRUSTED)
            holder, table = self._source.joined(path[:place])
            return RuleBinding(self.surroundings, holder, table).column(path[place + 1 :])
        holder, table = self._source.joined(path[:-1])
        if is_link(self.surroundings.published, holder, path[-1]):
            return link_column(self.surroundings.published, holder, path[-1], table.c.id, self._source.visible)
        if len(path) == 1:
            return super().column(path)
        found = field_column(self.surroundings, (holder, table), path[-1], self._source.visible)
        # An outer join: where there is no such record, each element is NULL.
        return found.behind(lambda element: element)

    def listing(self, node: Aggregate) -> Listing:
        place = node.path.index(TRUSTED) if TRUSTED in node.path else len(node.path) - 1
        holder, table = self._source.joined(node.path[:place])
        behind = (*node.path[place + 1 : -1], "id") if TRUSTED in node.path else ("id",)
        if len(behind) == 1:
            return self.listing_of(node, holder, table.c.id)
        trusting = RuleBinding(self.surroundings, holder, table)
        return self.listing_of(node, trusting.holder(behind), trusting.column(behind).element)
