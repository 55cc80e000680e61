"""Shares of a hundred."""

from __future__ import annotations

from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._person import percent_text
from kith_runtime.field_types.base import Example, InputScope
from kith_runtime.field_types.decimal import DecimalNumber


@field_types.register("percent")
class Percent(DecimalNumber):
    """A share as people write it: 12.5 is twelve and a half of a hundred."""

    name = "percent"
    label = "Percent"
    help = "A share of a hundred, such as a probability; 12.5 means 12.5 %."
    icon = "percentage"
    examples = (Example("12.50", "12.5%"), Example("-0.125", "-0.125%", {"scale": 3}))

    def read(self, raw: Any, field: Field, scope: InputScope) -> Any:
        if isinstance(raw, str) and scope.source == "form":
            raw = raw.replace("%", "").strip()
        return super().read(raw, field, scope)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return percent_text(value, scope)

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ f.percent(" + value + ") }}"

    def literal(self, value: Any, field: Field) -> str:
        # The language counts a percent field as a fraction: 20 % is 0.2.
        return format(value / 100, "f")

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.PERCENT
