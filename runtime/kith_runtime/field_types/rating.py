"""Ratings by stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._numbers import check_range
from kith_runtime.field_types.base import NUMBER_OPERATORS, Column, Example, FieldType, InputScope, InvalidValue
from kith_runtime.field_types.integer import Integer


@field_types.register("rating")
class Rating(FieldType):
    """One star to as many as the field has; blank is not rated."""

    name = "rating"
    label = "Rating"
    help = "Stars, such as how well a lead fits."
    icon = "star"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How many stars there are."""

        max: int = prop("Stars", "3 to 10.", default=5, schema={"minimum": 3, "maximum": 10})

    examples = (Example(4, "4 of 5"), Example(10, "10 of 10", {"max": 10}))
    json_identity = True
    control = "rating"
    width = "sm"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> int:
        if isinstance(raw, str) and scope.source == "form":
            raw = raw.strip().removesuffix(f" of {field.options.max}")
        number = Integer().read(raw, _AS_INTEGER, scope)
        try:
            check_range(number, 1, field.options.max)
        except InvalidValue:
            hint = f"Write 1 to {field.options.max}, or leave it blank."
            raise InvalidValue("out_of_range", f"{number} is not on this scale.", hint) from None
        return number

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return f"{value} of {field.options.max}"

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": field.options.max}

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return {"stars": _Stars({count: stars(count, field.options.max) for count in range(field.options.max + 1)})}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ " + f"{prefix}stars[{value}]" + " }}"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.INTEGER


_AS_INTEGER = Field(name="rating", type="integer", options=Integer.Options())


class _Stars(dict[int, Markup]):
    """Ready stars by rating; one from a wider scale of before is shown as its number."""

    def __missing__(self, count: int) -> Markup:
        return Markup("{}").format(count)


def stars(count: int, most: int) -> Markup:
    """Return a rating as stars for eyes and as words for screen readers."""
    return Markup(
        '<span class="k-stars"><span aria-hidden="true">{}</span><span class="k-vh">{} of {}</span></span>'
    ).format("★" * count + "☆" * (most - count), count, most)
