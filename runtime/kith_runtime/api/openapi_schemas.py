"""JSON Schemas of one entity's records: as they are read, created, changed and upserted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.api.records import LARGEST_VERSION
from kith_runtime.api.shape import Shape
from kith_runtime.field_types import field_types
from kith_runtime.field_types._links import ID_PATTERN
from kith_runtime.queries.reasons import REASONS

Schema = dict[str, Any]

NULL: Schema = {"type": "null"}
ID: Schema = {"type": "string", "pattern": ID_PATTERN}
VERSION: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": LARGEST_VERSION,
    "description": "The version that you read. Without it the last writer wins.",
}


def read_schema(snapshot: Snapshot, shape: Shape) -> Schema:
    """Return the schema of a record in an answer; ``fields=`` leaves properties out, so none is required."""
    properties = {name: _shown(snapshot, shape, field) for name, field in shape.fields.items()}
    if shape.failing:
        properties[REASONS] = _reasons(shape)
    return _object(properties, description=shape.entity.description)


def create_schema(snapshot: Snapshot, shape: Shape) -> Schema:
    """Return the schema of the values of a new record."""
    needed = [field.name for field in shape.editable.values() if _must_have(field) and not _starts_filled(field)]
    return _object(_inputs(snapshot, shape.editable.values()), needed)


def change_schema(snapshot: Snapshot, shape: Shape, *, version: bool = True) -> Schema:
    """Return the schema of a change: any of the fields, and the version that the caller had read."""
    properties = _inputs(snapshot, shape.editable.values())
    return _object({**properties, "version": VERSION} if version else properties)


def upsert_schema(snapshot: Snapshot, shape: Shape) -> Schema:
    """Return the schema of an upsert: any of the fields, which must hold those of the key."""
    members = {name for names in shape.keys.values() for name in names}
    fields = {**{name: shape.fields[name] for name in sorted(members)}, **shape.editable}
    schema = _object(_inputs(snapshot, fields.values()))
    return {**schema, "anyOf": [{"required": list(names)} for names in shape.keys.values()]}


def example_of(snapshot: Snapshot, shape: Shape) -> dict[str, Any]:
    """Return a small example of a new record, made of the examples of the field types that fit the fields."""
    found: dict[str, Any] = {}
    for field in shape.editable.values():
        if not (_must_have(field) or field.name == shape.entity.title):
            continue
        kind = field_types[field.type]
        validator = Draft202012Validator(_input(snapshot, field))
        fitting = (example.json for example in kind.examples if validator.is_valid(example.json))
        value = next(fitting, None)
        if value is not None:
            found[field.name] = value
    return found


def _object(properties: Mapping[str, Schema], needed: Iterable[str] = (), *, description: str = "") -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    required = sorted(needed)
    if required:
        schema["required"] = required
    if description:
        schema["description"] = description
    return schema


def _shown(snapshot: Snapshot, shape: Shape, field: Field) -> Schema:
    kind = field_types[field.type]
    plain = kind.json_schema(field, snapshot)
    forms = [plain]
    if field.name in shape.expandable:
        forms.append(_expanded(plain))
    if field.name not in ("id", "version", "created_at", "updated_at"):
        forms.append(NULL)
    schema: Schema = {"anyOf": forms} if len(forms) > 1 else dict(plain)
    return _described(schema, field, read_only=field.name not in shape.editable)


def _reasons(shape: Shape) -> Schema:
    """Return the member that says why computed fields of a record are null; it is there only where one failed."""
    words = "Why fields are null that could not be worked out for this record, in words. Absent where nothing failed."
    properties: dict[str, Schema] = {name: {"type": "string"} for name in shape.failing}
    return {**_object(properties, description=words), "minProperties": 1, "readOnly": True}


def _expanded(plain: Schema) -> Schema:
    """Return the form that ``expand=`` gives: ids become maps with a title, null for a record that is hidden."""
    if plain.get("type") == "array":
        return {"type": "array", "items": _expanded(ID)}
    names = plain.get("properties", {"id": ID})
    title: Schema = {"type": ["string", "null"]}
    return {
        "type": "object",
        "properties": {**names, "title": title},
        "required": [*names, "title"],
        "additionalProperties": False,
    }


def _inputs(snapshot: Snapshot, fields: Iterable[Field]) -> dict[str, Schema]:
    return {field.name: _described(_input(snapshot, field), field) for field in fields}


def _input(snapshot: Snapshot, field: Field) -> Schema:
    schema = field_types[field.type].input_schema(field, snapshot)
    if not _must_have(field):
        return {"anyOf": [schema, NULL]}
    if schema.get("type") == "string" and not {"pattern", "format", "enum"} & set(schema):
        return {**schema, "pattern": r"\S"}
    return {**schema, "minItems": 1} if schema.get("type") == "array" else dict(schema)


def _described(schema: Schema, field: Field, *, read_only: bool = False) -> Schema:
    if field.label:
        schema["title"] = field.label
    if field.help:
        schema["description"] = field.help
    if read_only:
        schema["readOnly"] = True
    return schema


def _must_have(field: Field) -> bool:
    return field.required or bool(getattr(field.options, "parent", False))


def _starts_filled(field: Field) -> bool:
    return field.default is not None or bool(field.default_formula) or field.name == "owner"
