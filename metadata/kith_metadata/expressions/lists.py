"""What a figure over a list of records is, worked out in Python: the measure for every other engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any, Protocol, runtime_checkable

from kith_metadata.expressions import calendar_rules, exact
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.nodes import Aggregate
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.expressions.values import behind

Row = Mapping[str, Any]
Evaluate = Callable[[Row, Environment], Any]


@runtime_checkable
class Answers(Protocol):
    """A record that works out figures over its lists itself, in the database, instead of handing out the list."""

    def aggregate(self, node: Aggregate, environment: Environment) -> Any:
        """Return the figure; the last of the environment's `outers` is the record that the list is asked of."""
        ...


def aggregate_value(
    node: Aggregate, record: Row, environment: Environment, parts: tuple[Evaluate | None, Evaluate | None]
) -> Any:
    """Return a figure over a list of a record; `parts` evaluate the condition and the value for a listed record.

    The list stands in the record under the name by which the expression calls it.
    """
    inside = replace(environment, outers=(*environment.outers, record))
    holder: Any = behind(node.path, record)
    if isinstance(holder, Answers):
        return holder.aggregate(node, inside)
    rows: Iterable[Row] = () if holder is None else holder[node.path[-1]] or ()
    return fold(node, rows, inside, parts)


def fold(
    node: Aggregate, rows: Iterable[Row], environment: Environment, parts: tuple[Evaluate | None, Evaluate | None]
) -> Any:
    """Work out a figure over the records of a list, in their order.

    A record whose condition is an error value is not counted; for `all` it counts as one that does not hold. A value
    that is an error value counts as blank. Blank values are passed over. Raises `EvaluationError` for mixed currencies.
    """
    condition, value = parts
    held = [row for row in rows if _holds(condition, row, environment)] if node.name != "all" else []
    match node.name:
        case "count":
            return len(held)
        case "any":
            return bool(held)
        case "all":
            return all(_holds(condition, row, environment) for row in rows)
        case "first":
            return None if not held else held[0]["id"] if value is None else _value(value, held[0], environment)
    found = [item for row in held if (item := _value(value, row, environment)) is not None]
    return _figure(node, found)


def _figure(node: Aggregate, found: list[Any]) -> Any:
    if node.name in ("min", "max"):
        return reduce(_smaller if node.name == "min" else _larger, found) if found else None
    if node.type.kind == "duration":
        total = sum(calendar_rules.microseconds(item) for item in found)
        return calendar_rules.duration(total) if found else timedelta()
    total = reduce(exact.add, found) if found else 0
    if node.name == "sum":
        return total
    return exact.divide(total, len(found)) if found else None


def _holds(condition: Evaluate | None, row: Row, environment: Environment) -> bool:
    if condition is None:
        return True
    try:
        return bool(condition(row, environment))
    except EvaluationError:
        return False


def _value(value: Evaluate | None, row: Row, environment: Environment) -> Any:
    try:
        return None if value is None else value(row, environment)
    except EvaluationError:
        return None


def _smaller(left: Any, right: Any) -> Any:
    exact.same_currency(left, right)
    return right if exact.amount(right) < exact.amount(left) else left


def _larger(left: Any, right: Any) -> Any:
    exact.same_currency(left, right)
    return right if exact.amount(right) > exact.amount(left) else left
