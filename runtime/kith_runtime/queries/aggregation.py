"""Counts, sums and extremes over the records that the actor may see, in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, extract, func, literal_column, select, type_coerce

from kith_metadata.expressions import Checked
from kith_metadata.kinds.entity import Field
from kith_metadata.values import Money
from kith_platform.errors import Invalid
from kith_runtime.access.rights import RightsKey, rights_key, rights_of
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.queries.columns import Surroundings, field_of, stored_column, stored_columns, surroundings_of
from kith_runtime.queries.compile import check_readable, checked_where, closed
from kith_runtime.queries.expression_sql import prepare
from kith_runtime.queries.outputs import computed_elements
from kith_runtime.queries.server_formulas import server_problems
from kith_runtime.queries.source import Source

SUMMABLE = frozenset({"integer", "decimal", "money", "percent", "duration", "rating"})
MOST_GROUPS = 1000


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: ``count``, or ``sum``, ``min``, ``max`` or ``avg`` of a field."""

    function: Literal["count", "sum", "min", "max", "avg"] = "count"
    field: str = ""


def aggregate(
    ctx: Context,
    entity: str,
    measures: Mapping[str, Measure],
    *,
    group_by: Sequence[str] = (),
    where: Sequence[str | Checked] = (),
) -> list[dict[str, Any]]:
    """Return one dictionary for each group, with the values of ``group_by`` and the measures by name.

    ``name:month`` groups a date by its month: the value is the year times twelve and the month from 0. An amount of
    money gives a tuple of ``Money``, one for each currency, because currencies do not add up. At most
    :data:`MOST_GROUPS` groups. Raises Invalid for a field that may not be read, as in :func:`select`.
    """
    prepare(ctx.connection)
    work = _Aggregate(surroundings_of(ctx), rights_key(ctx.actor), entity)
    for measure in measures.values():
        work.check(measure)
    conditions = work.conditions(where)
    plain = {name: measure for name, measure in measures.items() if not work.is_money(measure)}
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in ctx.connection.execute(work.query(group_by, plain, conditions)):
        values = work.row(row, group_by, plain)
        groups[tuple(row[: len(group_by)])] = values
    for name, measure in measures.items():
        if work.is_money(measure):
            for values in groups.values():
                values[name] = ()
            for row in ctx.connection.execute(work.money_query(group_by, measure, conditions)):
                key = tuple(row[: len(group_by)])
                if key in groups and row[-1] is not None:
                    groups[key][name] = (*groups[key][name], work.money(row, measure))
    return list(groups.values())


class _Aggregate:
    def __init__(self, surroundings: Surroundings, key: RightsKey, entity: str) -> None:
        self._published = surroundings.published
        self._key = key
        self._entity = entity
        if rights_of(self._published, key, entity).read.nothing:
            raise closed()
        self._source = Source(surroundings, key, entity)

    def check(self, measure: Measure) -> None:
        """Raise Invalid for a measure that cannot be taken, or whose field may not be read."""
        if measure.function == "count":
            return
        check_readable(self._published, self._key, self._entity, measure.field)
        kind = self._field(measure.field)
        if not stored_columns(self._published, self._entity, measure.field) or (
            measure.function in ("sum", "avg") and kind.type not in SUMMABLE
        ):
            raise Invalid(
                "not_summable", f"There is no {measure.function} of {kind.label or kind.name}.", "Choose a number."
            )

    def is_money(self, measure: Measure) -> bool:
        """Tell whether a measure is taken of amounts of money."""
        return measure.function != "count" and self._field(measure.field).type == "money"

    def conditions(self, where: Sequence[str | Checked]) -> list[ColumnElement[bool]]:
        """Return the conditions of all statements."""
        found: list[ColumnElement[bool]] = [self._source.table.c.deleted_at.is_(None)]
        for item in where:
            checked = item if isinstance(item, Checked) else self._checked(item)
            found.append(self._source.condition(checked))
        allowed = self._source.readable()
        if allowed is not None:
            found.append(allowed)
        return found

    def query(
        self, group_by: Sequence[str], measures: Mapping[str, Measure], conditions: list[ColumnElement[bool]]
    ) -> Select[Any]:
        """Return the statement of the measures that are no money."""
        groups = [self._group(name) for name in group_by]
        figures = [figure for measure in measures.values() for figure in self._figures(measure)]
        figures = figures or [func.count()]
        return self._grouped([*groups, *figures], groups, conditions)

    def money_query(
        self, group_by: Sequence[str], measure: Measure, conditions: list[ColumnElement[bool]]
    ) -> Select[Any]:
        """Return the statement of a measure of money, with the currency as the last group."""
        groups = [self._group(name) for name in group_by]
        currency = self._source.table.c[stored_columns(self._published, self._entity, measure.field)[1]]
        elements = [*groups, *self._figures(measure), currency]
        return self._grouped(elements, [*groups, currency], conditions)

    def row(self, row: Sequence[Any], group_by: Sequence[str], measures: Mapping[str, Measure]) -> dict[str, Any]:
        """Return a group with its measures."""
        values: dict[str, Any] = dict(zip(group_by, row, strict=False))
        place = len(group_by)
        for name, measure in measures.items():
            width = 2 if measure.function == "avg" else 1
            values[name] = self._value(measure, row[place : place + width])
            place += width
        return values

    def money(self, row: Sequence[Any], measure: Measure) -> Money:
        """Return the amount of a row of :meth:`money_query`."""
        width = 2 if measure.function == "avg" else 1
        return Money(self._value(measure, row[-1 - width : -1]), row[-1])

    def _grouped(self, elements: list[Any], groups: list[Any], conditions: list[ColumnElement[bool]]) -> Select[Any]:
        named = [element.label(f"kith_{number}") for number, element in enumerate(elements)]
        query = select(*named).select_from(self._source.clause).where(*conditions)
        if not groups:
            return query
        # By their names: a formula that was written twice would have other binds, and be another formula.
        names = [f"kith_{number}" for number, element in enumerate(elements) if any(element is item for item in groups)]
        return query.group_by(*names).order_by(*names).limit(literal_column(str(MOST_GROUPS)))

    def _figures(self, measure: Measure) -> list[ColumnElement[Any]]:
        if measure.function == "count":
            return [func.count()]
        column = stored_column(self._published, self._entity, self._source.table, measure.field).element
        if measure.function == "avg":
            return [type_coerce(func.sum(column), column.type), func.count(column)]
        return [type_coerce(getattr(func, measure.function)(column), column.type)]

    def _value(self, measure: Measure, cells: Sequence[Any]) -> Any:
        value = cells[0]
        if measure.function == "count" or value is None:
            return value
        field = self._field(measure.field)
        kind = field_types[field.type]
        if measure.function == "avg":
            scale = max(2, self._published.storage.entity(self._entity).fields[field.name].columns[0].scale)
            return (Decimal(value) / cells[1]).quantize(Decimal(1).scaleb(-scale))
        if isinstance(value, Decimal) and field.type in ("integer", "rating", "duration"):
            value = int(value)
        return value if kind.simple or field.type == "money" else kind.load((value,), field)

    def _group(self, name: str) -> ColumnElement[Any]:
        name, _, part = name.partition(":")
        check_readable(self._published, self._key, self._entity, name)
        column, kind = self._grouping(name)
        if not part:
            return column
        if part != "month" or kind != "date":
            raise Invalid("not_groupable", f"Records cannot be grouped by {part} of {name}.", "Choose another field.")
        # The months from the year 0 on. As whole numbers they are the same on both databases.
        twelve: ColumnElement[int] = literal_column("12", Integer())
        one: ColumnElement[int] = literal_column("1", Integer())
        return extract("year", column) * twelve + extract("month", column) - one

    def _grouping(self, name: str) -> tuple[ColumnElement[Any], str]:
        """Return what records are grouped by, and its type; raises Invalid for what the database does not know."""
        refused = Invalid("not_groupable", f"Records cannot be grouped by {name}.", "Choose another field.")
        if "." in name:
            raise refused
        field = self._field(name)
        if field.type == "formula" and field.options.returns != "money":
            for problem in server_problems(self._published, self._entity, name):
                message = f"Lists cannot be grouped by {field.label or name}: {problem.message}"
                raise Invalid("not_groupable", message, "Choose another field, or store this one (`stored: true`).")
            return computed_elements(self._source, self._entity, self._source.table, field)[0], field.options.returns
        columns = stored_columns(self._published, self._entity, name)
        if len(columns) != 1 or not field_types[field.type].simple:
            raise refused
        return self._source.table.c[columns[0]], field.type

    def _field(self, name: str) -> Field:
        return field_of(self._published, self._entity, name)

    def _checked(self, text: str) -> Checked:
        return checked_where(self._published, self._key, self._entity, text)
