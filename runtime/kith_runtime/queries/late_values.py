"""What a statement takes from the clock: values that each run gives anew, so that one statement serves every moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import BindParameter, Dialect, bindparam

from kith_metadata.expressions import Checked, Environment, EvaluationError, evaluate
from kith_metadata.expressions.nodes import Node
from kith_runtime.queries.expression_sql_values import sql_type

LATE_KINDS = frozenset({"date", "datetime"})
"""Types whose values may come late: nothing is decided by them while a statement is written."""

CLOCK = frozenset({"now", "today"})


@dataclass
class LateValues:
    """Collects, while a statement is written, the parts of expressions that are worked out at each run.

    ``baked`` says that something was taken from the clock into the statement itself, which then serves one moment only.
    """

    dialect_name: str
    parts: dict[Node, BindParameter[Any]] = field(default_factory=dict)
    baked: bool = False

    def bind(self, node: Node, value: Any) -> BindParameter[Any]:
        """Return the bind of a part that depends on no row; ``value`` is what it gives now."""
        if node not in self.parts:
            name = f"kith_late_{len(self.parts)}"
            self.parts[node] = bindparam(name, value, sql_type(node.type, self.dialect_name))
        return self.parts[node]

    def given(self, environment: Environment, dialect: Dialect) -> Mapping[str, Any]:
        """Return the values of the binds for a run, as the driver takes them; an error value is blank."""
        found = {}
        for node, bind in self.parts.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            value = _value(node, environment)
            found[bind.key] = value if convert is None or value is None else convert(value)
        return found


@runtime_checkable
class LateBinding(Protocol):
    """A binding whose statement is kept and run again."""

    @property
    def late(self) -> LateValues | None:
        """Return what collects the late values; None for a statement that runs at once."""
        ...


def late_values_of(binding: object) -> LateValues | None:
    """Return what collects the late values of a binding; None when it has no use for them."""
    return binding.late if isinstance(binding, LateBinding) else None


def _value(node: Node, environment: Environment) -> Any:
    try:
        return evaluate(Checked(node, frozenset(), frozenset(), frozenset()), {}, environment)
    except EvaluationError:
        return None
