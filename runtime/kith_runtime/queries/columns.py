"""The fields of an entity as SQL elements over one table or alias, for conditions, formulas and sorts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import FromClause

from kith_metadata.expressions import Environment
from kith_metadata.expressions.types import JSON, Type
from kith_metadata.kinds.entity import Field
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.lookup import Lookup
from kith_runtime.field_types.system import declared_field, fields_of
from kith_runtime.published import Published
from kith_runtime.queries.expression_sql_values import SqlColumn
from kith_runtime.queries.late_values import LateValues
from kith_runtime.scopes import environment_of
from kith_runtime.storage import SYSTEM_COLUMNS
from kith_runtime.tables.indexes import found_by


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What turning metadata into SQL depends on: the snapshot, the database and what expressions know besides."""

    published: Published
    dialect_name: str
    environment: Environment
    late: LateValues | None = None
    """Collects what each run of a kept statement gives anew; None for a statement that runs at once."""


def surroundings_of(ctx: Context) -> Surroundings:
    """Return the surroundings of a context."""
    return Surroundings(ctx.published, ctx.database.dialect_name, environment_of(ctx))


def field_of(published: Published, entity: str, name: str) -> Field:
    """Return a field, system fields included. Raises KeyError when there is none of that name."""
    return fields_of(published.snapshot, entity)[name]


def target_entity(field: Field) -> str:
    """Return the entity that a lookup points to; empty when it is no lookup or may point to one of several."""
    kind = field_types[field.type]
    return kind.target(field) if isinstance(kind, Lookup) else ""


def stored_columns(published: Published, entity: str, name: str) -> tuple[str, ...]:
    """Return the names of a field's physical columns, the main one first; none for links and formulas."""
    if name in SYSTEM_COLUMNS:
        return (name,)
    stored = published.storage.entity(entity).fields.get(name)
    return () if stored is None else tuple(column.name for column in stored.columns)


def type_of(published: Published, field: Field) -> Type:
    """Return the type that expressions see; fields that expressions cannot use count as JSON."""
    return field_types[field.type].expression_type(field, published.snapshot) or JSON


def _folds(published: Published, entity: str) -> Mapping[str, str]:
    def build() -> Mapping[str, str]:
        return found_by(published.snapshot, published.storage.entity(entity), entity)

    return published.compiled(("found by", entity), build)


def stored_column(published: Published, entity: str, table: FromClause, name: str) -> SqlColumn:
    """Return a stored field as an element over ``table``, in the form that the expression engine takes."""
    field = field_of(published, entity, name)
    columns = stored_columns(published, entity, name)
    kind = type_of(published, field)
    scale = 0
    if name not in SYSTEM_COLUMNS:
        scale = published.storage.entity(entity).fields[name].columns[0].scale
    currency = table.c[columns[1]] if kind.kind == "money" and len(columns) > 1 else None
    nullable = name not in ("id", "version", "created_at", "updated_at")
    fold = _folds(published, entity).get(columns[0], "") if kind.kind == "text" else ""
    return SqlColumn(table.c[columns[0]], kind, scale, currency, nullable, fold=fold)


def stored_rollup(published: Published, entity: str, name: str) -> Field | None:
    """Return the declaration of a roll-up whose value is stored; None for every other field."""
    declared = declared_field(published.snapshot, entity, name)
    return declared if declared is not None and declared.type == "rollup" and declared.options.stored else None
