"""Why computed fields of JSON records have no value: a member beside the fields of those records that need it.

Reasons are asked for by a statement of their own, for the records in which such a field is blank: where nothing is
blank, or nothing can fail, reading costs what it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kith_metadata.expressions import EvaluationError, ExpressionError, nodes
from kith_metadata.expressions.server_only import walk
from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue
from kith_platform.errors import KithError
from kith_runtime.context import Context
from kith_runtime.field_types.rollup import Rollup
from kith_runtime.published import Published
from kith_runtime.queries.compile import Question, plan_of
from kith_runtime.queries.expression_sql import error_sql
from kith_runtime.queries.expression_sql_size import SizingBinding
from kith_runtime.queries.expression_where import formula_of
from kith_runtime.queries.plan import IDS, given_ids
from kith_runtime.queries.query import Query
from kith_runtime.queries.server_formulas import formula_problems

REASONS = "_reasons"
"""The member of a JSON record: reasons by field. No field can have this name, for names begin with a letter."""


def add_reasons(ctx: Context, query: Query, rows: Sequence[dict[str, Any]], ids: Sequence[str]) -> None:
    """Add :data:`REASONS` to each JSON record that has null where something could not be worked out.

    ``ids`` are those of the records. Only fields of the query are told of, within the rights of the actor.
    """
    possible = failing_fields(ctx.published, query.entity)
    failing = tuple(name for name in query.fields if name in possible)
    if not failing:
        return
    blank = {key: row for key, row in zip(ids, rows, strict=True) if any(row[name] is None for name in failing)}
    if not blank:
        return
    plan = plan_of(ctx, Question(query.entity, failing, one="ids", rows="all", reasons=True))
    binds = {**plan.binds(ctx), IDS: given_ids(list(blank), ctx.database.dialect_name)}
    fetched = plan.one_of_many().run(ctx.connection, binds)
    for raw, values in zip(fetched, plan.values.rows(fetched), strict=True):
        named = zip(failing, values, strict=True)
        found = {name: value.reason for name, value in named if isinstance(value, ErrorValue)}
        if found:
            blank[raw[-1]][REASONS] = found


def failing_fields(published: Published, entity: str) -> frozenset[str]:
    """Return which fields of an entity may have an error value for some record."""

    def found() -> frozenset[str]:
        declared = published.snapshot.entity(entity).fields.values()
        return frozenset(field.name for field in declared if _may_fail(published, entity, field))

    return published.compiled(("failing fields", entity), found)


def _may_fail(published: Published, entity: str, field: Field) -> bool:
    if field.type == "rollup":
        return _mixes(published, field)
    if field.type != "formula":
        return False
    if formula_problems(published, entity, field.name):
        return True
    try:
        checked = formula_of(published, entity, field.name)
        named = {node.path[-1] for node in walk(checked.root) if isinstance(node, nodes.Field)}
        if not named.isdisjoint(_mixing(published)):
            return True
        return error_sql(checked, SizingBinding.of(checked.root)) is not None
    except (EvaluationError, ExpressionError, KithError, LookupError):
        # A formula that cannot be used at all is told where it is read.
        return True


def _mixing(published: Published) -> frozenset[str]:
    """Return the names of all roll-ups that may meet several currencies; a formula may name one of any entity."""

    def found() -> frozenset[str]:
        snapshot = published.snapshot
        fields = (field for name in snapshot.entities() for field in snapshot.entity(name).fields.values())
        return frozenset(field.name for field in fields if field.type == "rollup" and _mixes(published, field))

    return published.compiled(("mixing roll-ups",), found)


def _mixes(published: Published, field: Field) -> bool:
    """Tell whether a roll-up is over amounts of money, which may be in several currencies."""
    own = field.options
    return own.function != "count" and Rollup().result(field, published.snapshot).type == "money"
