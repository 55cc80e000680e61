"""Figures worked out over the records that point here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_metadata.values import Money
from kith_runtime.computed_graph import stored_problems
from kith_runtime.field_types import field_types
from kith_runtime.field_types._computed import FULL_RIGHTS_HELP, STORED_HELP, Computed, as_type
from kith_runtime.field_types.base import Example
from kith_runtime.field_types.system import declared_field, fields_of

_SUMMABLE = ("integer", "decimal", "money", "percent", "duration", "rating")
_DEEPEST = 12
POINTERS = ("lookup", "owner", "any_lookup", "lookups")
"""Types of fields by which records point to others."""
_ORDERED = (*_SUMMABLE, "date", "datetime", "time", "text")


@field_types.register("rollup")
class Rollup(Computed):
    """A count, sum, least, greatest or average over child records."""

    name = "rollup"
    label = "Roll-up"
    help = "A figure over records that point here, such as the number of open tasks."
    icon = "sum"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """Over which records, and what of them."""

        over: str = prop("Over", "The entity that points here.", refers="entity")
        by: str = prop("By", "Its lookup field that points here.")
        function: Literal["count", "sum", "min", "max", "avg"] = prop(
            "Function", "What is worked out.", default="count"
        )
        field: str = prop("Field", "Its field; not needed for count.", default="")
        where: str = prop("Only where", "A condition on those records.", default="", expression="boolean of over")
        stored: bool = prop("Stored", STORED_HELP, default=False)
        full_rights: bool = prop("Computed with full rights", FULL_RIGHTS_HELP, default=False)

    examples = (
        Example(3, "3", {"over": "base.user", "by": "manager"}),
        Example(0, "0", {"over": "base.user", "by": "manager", "where": "active == true"}),
    )
    sortable = False

    def result(self, field: Field, snapshot: Snapshot | None = None) -> Field:
        return _result(field, snapshot, _DEEPEST)

    def to_json(self, value: Any, field: Field) -> Any:
        # The type of the result is known to the snapshot alone; here the value itself tells it.
        return field_types[_type_of(value)].to_json(value, field)

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        found = (*_of_children(field.options, snapshot),)
        return found or stored_problems(field, snapshot)


def _of_children(own: Rollup.Options, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    if not snapshot.has("entity", own.over):
        return (("over", f"'{own.over}' is not an entity."),)
    known = fields_of(snapshot, own.over)
    by = known.get(own.by)
    if by is None or by.type not in POINTERS:
        return (("by", f"'{own.by}' is not a lookup of {own.over}."),)
    if own.function == "count":
        return ()
    source = known.get(own.field)
    fitting = _SUMMABLE if own.function in ("sum", "avg") else _ORDERED
    if source is not None and source.type in ("formula", "rollup"):
        return (("field", f"'{own.field}' of {own.over} is worked out when it is read. Write `stored: true` there."),)
    if source is None or source.type not in fitting:
        return (("field", f"'{own.field}' is not a field of {own.over} of which there can be a {own.function}."),)
    return ()


def _result(field: Field, snapshot: Snapshot | None, deepest: int) -> Field:
    """Return the field as if stored with the type of its figure; ``deepest`` ends a circle, which checks report."""
    own = field.options
    known = snapshot is not None and own.function != "count" and snapshot.has("entity", own.over)
    source = declared_field(snapshot, own.over, own.field) if known and snapshot is not None else None
    if source is not None and source.type == "rollup":
        source = _result(source, snapshot, deepest - 1) if deepest else None
    elif source is not None and source.type == "formula":
        source = field_types["formula"].result(source, snapshot)  # type: ignore[attr-defined]
    if source is None:
        return as_type(field, "integer", {})
    if own.function == "avg" and source.type in ("integer", "rating"):
        return as_type(field, "decimal", {})
    if source.type == "rating":
        return as_type(field, "integer", {})
    options = {name: getattr(source.options, name) for name in ("scale", "currency") if hasattr(source.options, name)}
    return as_type(field, source.type, options)


def _type_of(value: Any) -> str:
    if isinstance(value, Money):
        return "money"
    return {
        "int": "integer", "Decimal": "decimal", "date": "date", "datetime": "datetime", "time": "time",
        "timedelta": "duration",
    }.get(type(value).__name__, "text")  # fmt: skip
