"""The values of one record as the server engine asks for them, with what stands behind its lookups.

Values in hand are used as they are, so that a record can be judged before it is saved; everything else is loaded when
an expression asks for it, and once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from kith_metadata.expressions import Environment, EvaluationError, evaluate, nodes
from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue
from kith_runtime.access.filters import allowed, allows
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import (
    field_of,
    stored_columns,
    stored_rollup,
    surroundings_of,
    target_entity,
    type_of,
)
from kith_runtime.queries.expression_where import TRUSTED, RuleBinding, formula_of
from kith_runtime.queries.record_lists import Asked, answer, figure_of
from kith_runtime.queries.source import Source
from kith_runtime.scopes import environment_of
from kith_runtime.storage import SYSTEM_COLUMNS
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.tables.overflow import OVERFLOW, overflow_names, whole


class RecordValues(Mapping[str, Any]):
    """A record of an entity, field by field; a lookup is again such a record.

    ``record`` is its id, None for one that is not saved yet; ``given`` holds values in hand. With ``limited``, what
    the actor may not see is not there: a hidden record behind a lookup has only its id, and lists hold visible records.
    What a formula with full rights reads is not limited: it gives the same to everybody who may read it.
    """

    def __init__(
        self,
        ctx: Context,
        entity: str,
        record: str | None,
        given: Mapping[str, Any] | None = None,
        limited: bool = False,
    ) -> None:
        self._ctx, self._entity, self._record = ctx, entity, record
        self._given: Mapping[str, Any] = {} if given is None else given
        self._limited = limited
        self._found: dict[str, Any] = {}
        self._loaded: Mapping[str, Any] | None = None
        self.pointer = record

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            self._found[name] = self._value(name)
        found = self._found[name]
        if isinstance(found, ErrorValue):
            raise EvaluationError(found.reason)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(fields_of(self._ctx.snapshot, self._entity))

    def __len__(self) -> int:
        return len(fields_of(self._ctx.snapshot, self._entity))

    def _value(self, name: str) -> Any:
        if name == TRUSTED:
            return self._trusted()
        if name == "id":
            return self._seen()
        field = field_of(self._ctx.published, self._entity, name)
        target = target_entity(field)
        if target:
            pointer = self._stored(name)
            return None if pointer is None else RecordValues(self._ctx, target, pointer, limited=self._limited)
        if field.type == "lookups":
            return self._links(field)
        if field.type == "formula":
            formula = formula_of(self._ctx.published, self._entity, name)
            seen = self._trusted() if field.options.full_rights else self
            return evaluate(formula, seen, environment_of(self._ctx))
        if field.type == "rollup":
            return self._rollup(field)
        stored = self._stored(name)
        if stored is None and field.type == "money" and stored_rollup(self._ctx.published, self._entity, name):
            # Blank for want of amounts, or because there are several currencies: the database tells.
            self._in_sql(field)
        return stored

    def _seen(self) -> str | None:
        """Return the id; None for a record that is hidden from the actor, behind which everything is blank."""
        if self._record is None or not self._limited or allows(self._ctx, self._entity, "read", self._record):
            return self._record
        return None

    def _trusted(self) -> RecordValues:
        if not self._limited:
            return self
        return RecordValues(self._ctx, self._entity, self["id"], self._given)

    def _stored(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded.get(name)

    def _load(self) -> Mapping[str, Any]:
        """Return the stored values; none for a record that is new, gone or hidden."""
        record = self["id"]
        if record is None:
            return {}
        pending = self._ctx.pending.get((self._entity, record))
        return load_values(self._ctx, self._entity, record) or {} if pending is None else pending

    def _links(self, field: Field) -> tuple[str, ...]:
        if field.name in self._given:
            found = tuple(self._given[field.name] or ())
        else:
            found = linked_ids(self._ctx, self._entity, field.name, self["id"])
        if not self._limited:
            return found
        seen = allowed(self._ctx, field.options.to, "read", found)
        return tuple(record for record in found if record in seen)

    def _rollup(self, field: Field) -> Any:
        if self["id"] is None:
            return 0 if field.options.function == "count" else None
        return self._in_sql(field)

    def _in_sql(self, field: Field) -> Any:
        """Return what the database says of a field; raises EvaluationError where that is an error value."""
        node = nodes.Field(type_of(self._ctx.published, field), (1, 1), (field.name,))
        table = table_of(self._ctx.published, self._entity)
        surroundings = surroundings_of(self._ctx)
        seen = Source(surroundings, rights_key(self._ctx.actor), self._entity).visible if self._limited else None
        binding = RuleBinding(surroundings, self._entity, table, seen)
        return answer(self._ctx, node, binding, table.c.id == self["id"])

    def aggregate(self, node: nodes.Aggregate, environment: Environment) -> Any:
        """Return a figure over a list of this record, asked of the database in one statement.

        What the condition says of the records around is taken from their present values.
        """
        given = self._given.get(node.by) if node.ours else None
        asked = Asked(self._ctx, self._entity, self["id"], None if given is None else tuple(given), self._limited)
        return figure_of(asked, node, environment)


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
