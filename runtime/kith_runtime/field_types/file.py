"""Files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_metadata.values import FileValue
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import check_length, clean_line, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_NAMES = ("key", "name", "size", "media_type")
LARGEST = 2_000_000_000


@field_types.register("file")
class File(FieldType):
    """An uploaded file. The value names what the store holds; the records door checks that it may be taken."""

    name = "file"
    label = "File"
    help = "One uploaded file, such as a signed contract."
    icon = "paperclip"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How large the file may be and of which types."""

        max_size: int = prop("Largest", "In bytes.", default=25_000_000, schema={"minimum": 1, "maximum": LARGEST})
        accept: tuple[str, ...] = prop(
            "Types",
            "Media types such as application/pdf or image/*, or endings such as .pdf; all when empty.",
            default=(),
        )

    examples = (
        Example(
            {"key": "c5a1", "name": "Offer <1>.pdf", "size": 2048, "media_type": "application/pdf"}, "Offer <1>.pdf"
        ),
        Example({"key": "c5a2", "name": "Kühlkette.png", "size": 0, "media_type": "image/png"}, "Kühlkette.png"),
    )
    simple = False
    sortable = False
    filterable = False
    control = "file"
    most_columns = 4
    operators = ()

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(), Column(suffix="name"), Column(suffix="size", kind="integer"), Column(suffix="type"))

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return (None,) * 4 if value is None else (value.key, value.name, value.size, value.media_type)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        return None if stored[0] is None else FileValue(*stored)

    def read(self, raw: Any, field: Field, scope: InputScope) -> FileValue:
        if isinstance(raw, FileValue):
            return raw
        if isinstance(raw, str):
            raw = {"key": raw}
        if not isinstance(raw, Mapping) or "key" not in raw or set(raw) - set(_NAMES):
            raise InvalidValue("not_a_file", f"{shown(raw)} is not an uploaded file.", "Upload it, then give its key.")
        texts = [clean_line(raw.get(name, "")) for name in ("key", "name", "media_type")]
        for text in texts:
            check_length(text, 255)
        size = raw.get("size", 0)
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= LARGEST:
            raise InvalidValue("not_a_size", f"{shown(size)} is not the size of a file.", "Give the key alone.")
        return FileValue(texts[0], texts[1], size, texts[2])

    def to_json(self, value: Any, field: Field) -> Any:
        return {name: getattr(value, name) for name in _NAMES}

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value.name)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value.key)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        properties: dict[str, Any] = {name: {"type": "string", "maxLength": 255} for name in _NAMES}
        properties["size"] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
        return {
            "type": "object",
            "properties": properties,
            "required": list(_NAMES),
            "additionalProperties": False,
        }

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {**self.json_schema(field, snapshot), "required": ["key"]}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return (
            '<span class="k-who">{{ icon("'
            + self.icon
            + '") }}<bdi class="k-trunc">{{ '
            + value
            + ".name }}</bdi></span>"
        )
