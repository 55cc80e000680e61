"""Shared by the types whose values are worked out: they look like the type of their result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import Column, FieldType, InputScope, InvalidValue

STORED_HELP = (
    "Keeps the value in the record, true at every change of what it follows from, so that lists of millions can "
    "filter, sort and group by it. Everybody who may read the field sees the same value."
)


FULL_RIGHTS_HELP = (
    "Worked out from everything, also from records and fields that the reader may not see. Without it the field is "
    "hidden from who may not read all that it uses, and counts only records that they may see."
)


class Computed(FieldType):
    """A field that nobody writes; showing it is left to the type of its result."""

    stored = False
    computed = True
    control = "none"
    most_columns = 0

    def stands_for(self, field: Field, snapshot: Snapshot) -> Field:
        if not field.options.stored:
            return field
        shown = self.result(field, snapshot)
        return dataclasses.replace(shown, read_only=True, required=False, history=False, default=None)

    def result(self, field: Field, snapshot: Snapshot | None = None) -> Field:
        """Return the field as if it were stored with the type of its result."""
        raise NotImplementedError

    def columns(self, field: Field) -> tuple[Column, ...]:
        return ()

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return ()

    def read(self, raw: Any, field: Field, scope: InputScope) -> Any:
        raise InvalidValue("computed", "This value is worked out and cannot be written.", "Leave it out.")

    def to_json(self, value: Any, field: Field) -> Any:
        shown = self.result(field)
        return field_types[shown.type].to_json(value, shown)

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        shown = self.result(field, scope.snapshot)
        return field_types[shown.type].text(value, shown, scope)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        shown = self.result(field, snapshot)
        return {**field_types[shown.type].json_schema(shown, snapshot), "readOnly": True}

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        shown = self.result(field, snapshot)
        return field_types[shown.type].cell_constants(shown, snapshot)

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shown = self.result(field, snapshot)
        return field_types[shown.type].cell(shown, value, snapshot, prefix)

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shown = self.result(field, snapshot)
        return field_types[shown.type].detail(shown, value, snapshot, prefix)

    def filter_expression(self, field: Field, operator: str, operand: str, scope: InputScope) -> str:
        shown = self.result(field, scope.snapshot)
        return field_types[shown.type].filter_expression(shown, operator, operand, scope)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type | None:
        shown = self.result(field, snapshot)
        return field_types[shown.type].expression_type(shown, snapshot)


def as_type(field: Field, type_name: str, options: Mapping[str, Any]) -> Field:
    """Return the field with another type, whose options are those given that it has, else its defaults."""
    cls = field_types[type_name].Options
    known = {item.name for item in dataclasses.fields(cls)}
    return dataclasses.replace(
        field, type=type_name, options=cls(**{name: value for name, value in options.items() if name in known})
    )
