"""Values worked out by an expression over the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import nh3
from markupsafe import Markup

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.computed_graph import stored_problems
from kith_runtime.field_types import field_types
from kith_runtime.field_types._computed import FULL_RIGHTS_HELP, STORED_HELP, Computed, as_type
from kith_runtime.field_types.base import Example
from kith_runtime.field_types.money import SHOWS_HELP


@field_types.register("formula")
class Formula(Computed):
    """Worked out whenever it is read, so it is never out of date; lists can filter and sort by it."""

    name = "formula"
    label = "Formula"
    help = "A value worked out from other fields, such as amount * stage.probability."
    icon = "math-function"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """The expression and the type of its value."""

        returns: Literal[
            "text",
            "integer",
            "decimal",
            "money",
            "percent",
            "boolean",
            "date",
            "datetime",
            "time",
            "duration",
            "markup",
        ] = prop("Returns", "The type of the value.")
        formula: str = prop("Formula", "The expression.", expression="any", schema={"minLength": 1})
        scale: int = prop(
            "Decimal places", "For decimal and percent; 0 to 12.", default=2, schema={"minimum": 0, "maximum": 12}
        )
        currency: str = prop("Currency", "For money that names none.", default="", schema={"pattern": "^([A-Z]{3})?$"})
        shows: Literal["exact", "whole"] = prop("Shows", f"For money. {SHOWS_HELP}", default="exact")
        stored: bool = prop("Stored", STORED_HELP, default=False)
        full_rights: bool = prop("Computed with full rights", FULL_RIGHTS_HELP, default=False)

    examples = (
        Example("16800.00", "16,800.00", {"returns": "decimal", "formula": "amount * 0.2"}),
        Example(True, "Yes", {"returns": "boolean", "formula": "amount > 1000"}),
        Example('<a href="/home">R&amp;D</a>', "R&D", {"returns": "markup", "formula": 'link("/home", "R&D")'}),
    )

    def result(self, field: Field, snapshot: Snapshot | None = None) -> Field:
        own = field.options
        if own.returns == "markup":
            return as_type(field, "rich_text", {})
        money = {"currency": own.currency, "shows": own.shows} if own.returns == "money" else {}
        return as_type(field, own.returns, {"scale": own.scale, **money})

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        return stored_problems(field, snapshot)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type | None:
        return t.MARKUP if field.options.returns == "markup" else super().expression_type(field, snapshot)

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        if field.options.returns == "markup":
            return {"markup": shown_markup}
        return super().cell_constants(field, snapshot)

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        if field.options.returns == "markup":
            return '<span class="k-trunc" dir="auto">{{ ' + f"{prefix}markup({value})" + " }}</span>"
        return super().cell(field, value, snapshot, prefix)

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        if field.options.returns == "markup":
            return self.cell(field, value, snapshot, prefix)
        return super().detail(field, value, snapshot, prefix)


_TAGS = {"a", "img", "br"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "height", "width"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def shown_markup(text: str) -> Markup:
    """Return the links and images of a formula for a page; it is cleaned once more before it is trusted."""
    cleaned = nh3.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")
    return Markup(cleaned)  # noqa: S704  cleaned in the line above
