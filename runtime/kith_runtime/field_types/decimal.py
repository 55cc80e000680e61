"""Exact numbers with decimal places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._numbers import DIGITS, check_range, fit, limit, plain, read_decimal
from kith_runtime.field_types._person import number_text
from kith_runtime.field_types.base import NUMBER_OPERATORS, Column, Example, FieldType, InputScope


def decimal_schema(scale: int) -> dict[str, Any]:
    """Return the JSON Schema of an exact number as text."""
    places = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    return {"type": "string", "pattern": rf"^-?[0-9]{{1,{DIGITS - scale}}}{places}$"}


@field_types.register("decimal")
class DecimalNumber(FieldType):
    """A number kept exactly, with a fixed count of decimal places and 18 digits in all."""

    name = "decimal"
    label = "Decimal number"
    help = "An exact number with decimal places, such as a weight."
    icon = "decimal"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """The places after the point and the limits."""

        scale: int = prop("Decimal places", "0 to 12.", default=2, schema={"minimum": 0, "maximum": 12})
        min: float | str | None = prop("Smallest", "No limit when left out.", default=None)
        max: float | str | None = prop("Largest", "No limit when left out.", default=None)

    examples = (
        Example("12.50", "12.50"),
        Example("-123456789012.000001", "-123,456,789,012.000001", {"scale": 6}),
    )
    control = "number"
    align = "end"
    width = "sm"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="decimal", scale=field.options.scale),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Any:
        number = fit(read_decimal(raw, scope), field.options.scale)
        check_range(number, limit(field.options.min), limit(field.options.max))
        return number

    def to_json(self, value: Any, field: Field) -> Any:
        return plain(value)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return number_text(value, field.options.scale, scope)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return decimal_schema(field.options.scale)

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"anyOf": [self.json_schema(field, snapshot), {"type": "number"}]}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ f.decimal(" + value + f", {field.options.scale}" + ") }}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.DECIMAL
