"""Structured data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._numbers import LARGEST_INTEGER
from kith_runtime.field_types._text import clean_text, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

DEEPEST = 32


@field_types.register("json")
class Json(FieldType):
    """Whatever JSON can hold, up to a size and a depth; expressions and filters do not look inside."""

    name = "json"
    label = "Data"
    help = "Structured data (JSON), such as technical values for another system."
    icon = "braces"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How much data there may be."""

        max_size: int = prop(
            "Largest", "In bytes, as JSON.", default=64_000, schema={"minimum": 2, "maximum": 1_000_000}
        )

    examples = (
        Example({"range": [-30, 70], "unit": "°C"}, '{"range":[-30,70],"unit":"°C"}'),
        Example([None, False, 0, "</script>", {"": 1.5}], '[null,false,0,"</script>",{"":1.5}]'),
    )
    json_identity = True
    sortable = False
    control = "json"
    width = "xl"
    filterable = False
    operators = ()

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="json"),)

    def blank(self, raw: Any) -> bool:
        return raw is None or raw == ""

    def parse(self, raw: Any, field: Field, scope: InputScope) -> Any:
        if isinstance(raw, str) and scope.source == "form" and not raw.strip():
            return None
        return super().parse(raw, field, scope)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Any:
        if isinstance(raw, str) and scope.source == "form":
            try:
                raw = orjson.loads(clean_text(raw))
            except orjson.JSONDecodeError as problem:
                raise InvalidValue(
                    "not_json",
                    f"The data cannot be read: line {problem.lineno}, column {problem.colno}.",
                    'Write it as JSON, such as {"unit": "°C"}.',
                ) from None
        value = _clean(raw, DEEPEST)
        size = len(orjson.dumps(value))
        if size > field.options.max_size:
            raise InvalidValue(
                "too_large", f"The data has {size:,} bytes.", f"Keep it within {field.options.max_size:,}."
            )
        return value

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return orjson.dumps(value).decode()

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"description": "Any JSON value."}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<code class="k-trunc" dir="ltr">{{ ' + value + "|string|truncate(80) }}</code>"

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<pre class="k-lines" dir="ltr">{{ ' + value + "|tojson(2) }}</pre>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.JSON


def _clean(raw: Any, depth: int) -> Any:
    """Return plain JSON data with clean texts; refuses what one of the databases would refuse or change."""
    if depth < 0:
        raise InvalidValue("too_deep", f"The data is nested more than {DEEPEST} levels deep.", "Make it flatter.")
    if isinstance(raw, str):
        return clean_text(raw)
    if isinstance(raw, dict):
        return {_clean_key(key): _clean(item, depth - 1) for key, item in raw.items()}
    if isinstance(raw, (list, tuple)):
        return [_clean(item, depth - 1) for item in raw]
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, Decimal):
        # The API reads numbers with a point exactly; data of any shape keeps them as JSON does everywhere.
        raw = float(raw)
    if isinstance(raw, int) and abs(raw) <= LARGEST_INTEGER:
        return raw
    if isinstance(raw, float) and math.isfinite(raw):
        return raw
    raise InvalidValue("not_json", f"{shown(raw)} cannot stand in JSON.", "Use texts, numbers, lists and maps.")


def _clean_key(key: Any) -> str:
    return clean_text(key)
