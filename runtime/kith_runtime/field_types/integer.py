"""Whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._numbers import LARGEST_INTEGER, check_range, not_a_number, plain, read_decimal
from kith_runtime.field_types._person import number_text
from kith_runtime.field_types.base import NUMBER_OPERATORS, Column, Example, FieldType, InputScope, InvalidValue


@field_types.register("integer")
class Integer(FieldType):
    """Counts and years: no places after the point."""

    name = "integer"
    label = "Whole number"
    help = "A number without decimal places, such as a count of employees."
    icon = "number-123"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """The limits of the number."""

        min: int | None = prop("Smallest", "No limit when left out.", default=None)
        max: int | None = prop("Largest", "No limit when left out.", default=None)

    examples = (Example(1250, "1,250"), Example(-9007199254740993, "-9,007,199,254,740,993"))
    json_identity = True
    control = "number"
    align = "end"
    width = "sm"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> int:
        if scope.source == "json" and isinstance(raw, str):
            raise not_a_number(raw, "Write the number without quotation marks.")
        number = read_decimal(raw, scope)
        if number != number.to_integral_value():
            raise InvalidValue(
                "not_whole", f"{plain(number)} is not a whole number.", f"Write {plain(number.quantize(Decimal(1)))}."
            )
        if abs(number) > LARGEST_INTEGER:
            raise InvalidValue("too_large", f"{plain(number)} is too large.", f"Write {LARGEST_INTEGER} or less.")
        check_range(number, field.options.min, field.options.max)
        return int(number)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return number_text(value, 0, scope)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        least, most = field.options.min, field.options.max
        return {
            "type": "integer",
            "minimum": -LARGEST_INTEGER if least is None else least,
            "maximum": LARGEST_INTEGER if most is None else most,
        }

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ f.decimal(" + value + ", 0) }}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.INTEGER
