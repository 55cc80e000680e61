"""Conditions in words, for people who want to know why a field is there or must be filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import Checked, nodes
from kith_metadata.expressions.nodes import Node
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types._options import ChoiceOptions, option_label, options_of
from kith_runtime.field_types.system import fields_of

_SIGNS = {"==": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"}
_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
LONGEST = 160


def spoken(snapshot: Snapshot, entity: str, checked: Checked) -> str:
    """Return a condition such as `stage == "lost"` as "Stage is Lost"; "" when it is too elaborate for a sentence."""
    words = _Speaker(snapshot, entity).say(checked.root)
    return words if words is not None and len(words) <= LONGEST else ""


class _Speaker:
    """Says the parts of conditions on one entity; None for what it has no words for."""

    def __init__(self, snapshot: Snapshot, entity: str) -> None:
        self._snapshot, self._fields = snapshot, fields_of(snapshot, entity)

    def say(self, node: Node, holds: bool = True) -> str | None:
        match node:
            case nodes.Field(path=(name,)) if node.type.kind == "boolean":
                return f"{self._label(name)} is {'yes' if holds else 'no'}"
            case nodes.Logic(operator="not"):
                return self.say(node.operands[0], not holds)
            case nodes.Logic():
                joined = " and " if (node.operator == "and") == holds else " or "
                parts = [self.say(part, holds) for part in node.operands]
                return None if None in parts else joined.join(part for part in parts if part)
            case nodes.Compare():
                return self._compared(node, node.operator if holds else _OPPOSITES[node.operator])
            case nodes.Contains(item=nodes.Field(path=(name,)), container=nodes.Items(items=items)):
                values = [self._value(name, item.value) for item in items]
                return f"{self._label(name)} is {'' if holds else 'not '}{_either(values)}"
            case nodes.Call(name="is_blank", arguments=(nodes.Field(path=(name,)),)):
                return f"{self._label(name)} is {'empty' if holds else 'filled in'}"
        return None

    def _compared(self, node: nodes.Compare, operator: str) -> str | None:
        left, right = node.left, node.right
        if not (isinstance(left, nodes.Field) and len(left.path) == 1 and isinstance(right, nodes.Literal)):
            return None
        label = self._label(left.path[0])
        if right.value is None:
            return f"{label} is {'empty' if operator == '==' else 'filled in'}"
        value = self._value(left.path[0], right.value)
        return f"{label} {_SIGNS[operator]} {value}" if value else None

    def _label(self, name: str) -> str:
        declared = self._fields.get(name)
        return (declared.label if declared is not None else "") or name.replace("_", " ").capitalize()

    def _value(self, name: str, value: Any) -> str:
        if value is None:
            return "empty"
        if isinstance(value, bool):
            return "yes" if value else "no"
        declared = self._fields.get(name)
        if declared is not None and isinstance(declared.options, ChoiceOptions):
            options: Mapping[str, Any] = options_of(declared, self._snapshot)
            return option_label(str(value), options.get(str(value)))
        if declared is not None and declared.type == "percent" and isinstance(value, Decimal):
            return f"{(value * 100).normalize():f} %"
        return value.isoformat() if isinstance(value, date) else str(value)


def _either(values: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(values[:-1]), *values[-1:]]))
