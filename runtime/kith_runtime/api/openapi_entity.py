"""The part of the OpenAPI document that one entity gives: its paths and its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.snapshot import Snapshot
from kith_runtime.api.openapi_frame import answers, operation, reference, taken
from kith_runtime.api.openapi_parameters import (
    IDEMPOTENCY,
    IF_MATCH,
    entity_parameters,
    get_parameters,
    history_parameters,
    list_parameters,
    name_parameter,
)
from kith_runtime.api.openapi_schemas import (
    VERSION,
    change_schema,
    create_schema,
    example_of,
    read_schema,
    upsert_schema,
)
from kith_runtime.api.records import CAPPED
from kith_runtime.api.shape import Shape
from kith_runtime.records.bulk import MOST_OPERATIONS

Part = dict[str, Any]

_TAG_HEADER = {"ETag": {"schema": {"type": "string"}, "description": "The version in quotation marks."}}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The address of the record."}}


@dataclass(frozen=True, slots=True)
class Fragment:
    """What one entity adds to the document."""

    paths: Mapping[str, Part]
    schemas: Mapping[str, Part]
    parameters: Mapping[str, Part]
    tag: Part


def fragment(snapshot: Snapshot, shape: Shape) -> Fragment:
    """Return the paths and schemas of an entity for the rights of the shape."""
    name = shape.name
    schemas = {name: read_schema(snapshot, shape)}
    if shape.may("create"):
        schemas[f"{name}.create"] = create_schema(snapshot, shape)
    if shape.may("change"):
        schemas[f"{name}.change"] = change_schema(snapshot, shape)
    if shape.may("upsert"):
        schemas[f"{name}.upsert"] = upsert_schema(snapshot, shape)
    if shape.may("bulk"):
        schemas[f"{name}.bulk"] = _bulk_schema(shape)
    base = f"/api/v1/{name}"
    paths: dict[str, Part] = {base: _collection(snapshot, shape), f"{base}/{{id}}": _record(shape)}
    paths[f"{base}/{{id}}/history"] = {"get": _history(shape)}
    if shape.may("delete"):
        paths[f"{base}/{{id}}/restore"] = {"post": _restore(shape)}
    if shape.may("upsert"):
        paths[f"{base}/by/{{key}}"] = {"put": _upsert(shape)}
    if shape.may("bulk"):
        paths[f"{base}/bulk"] = {"post": _bulk(shape)}
    tag = {"name": name, "description": shape.entity.description or shape.entity.plural or shape.entity.label}
    return Fragment(paths, schemas, entity_parameters(shape), tag)


def _collection(snapshot: Snapshot, shape: Shape) -> Part:
    label = shape.entity.plural or shape.entity.label
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": reference("schemas", shape.name)},
            "next": {"type": ["string", "null"], "description": "Give it as `after` for the next page."},
            "count": {"type": ["integer", "null"], "minimum": 0},
        },
        "required": ["data", "next", "count"],
        "additionalProperties": False,
    }
    capped = {CAPPED: {"schema": {"type": "string", "const": "true"}, "description": "There are more than `count`."}}
    found: Part = {
        "get": operation(
            f"list {shape.name}",
            f"List {label}",
            answers({"200": ("A page of records.", page, capped)}, 400, 401, 404, 422),
            parameters=list_parameters(shape),
        )
    }
    if shape.may("create"):
        made = {"201": ("The new record.", reference("schemas", shape.name), {**_TAG_HEADER, **_LOCATION})}
        found["post"] = operation(
            f"create {shape.name}",
            f"Create {label}",
            answers(made, 400, 401, 403, 404, 409, 413, 415, 422),
            parameters=[IDEMPOTENCY],
            body=taken(f"{shape.name}.create", example_of(snapshot, shape)),
        )
    return found


def _record(shape: Shape) -> Part:
    one = reference("schemas", shape.name)
    shown = {"allOf": [one], "required": ["id", "version"]}
    found: Part = {
        "parameters": [reference("parameters", "id")],
        "get": operation(
            f"get {shape.name}",
            f"Read one {shape.entity.label}",
            answers({"200": ("The record.", shown, _TAG_HEADER)}, 400, 401, 404, 422),
            parameters=get_parameters(shape),
        ),
    }
    if shape.may("change"):
        found["patch"] = operation(
            f"change {shape.name}",
            f"Change some fields of one {shape.entity.label}",
            answers({"200": ("The record as saved.", one, _TAG_HEADER)}, 400, 401, 403, 404, 409, 413, 415, 422),
            parameters=[IF_MATCH],
            body=taken(f"{shape.name}.change"),
        )
    if shape.may("delete"):
        found["delete"] = operation(
            f"delete {shape.name}",
            f"Put one {shape.entity.label} into the recycle bin",
            answers({"204": ("It is in the recycle bin.", None, {})}, 400, 401, 403, 404, 409, 413, 422),
            parameters=[IF_MATCH],
        )
    return found


def _history(shape: Shape) -> Part:
    page = {
        "type": "object",
        "properties": {"data": {"type": "array", "items": reference("schemas", "Change")}},
        "required": ["data"],
        "additionalProperties": False,
    }
    return operation(
        f"history of {shape.name}",
        f"Who changed what of one {shape.entity.label}, newest first",
        answers({"200": ("The changes.", page, {})}, 400, 401, 404),
        parameters=[reference("parameters", "id"), *history_parameters()],
    )


def _restore(shape: Shape) -> Part:
    one = reference("schemas", shape.name)
    return operation(
        f"restore {shape.name}",
        f"Bring one {shape.entity.label} back from the recycle bin",
        answers({"200": ("The record.", one, _TAG_HEADER)}, 400, 401, 403, 404, 409, 413, 422),
        parameters=[reference("parameters", "id")],
    )


def _upsert(shape: Shape) -> Part:
    one = reference("schemas", shape.name)
    key = name_parameter("key", "path", list(shape.keys), "A unique field or a key of the entity.")
    found = {
        "200": ("The record was changed.", one, _TAG_HEADER),
        "201": ("The record is new.", one, {**_TAG_HEADER, **_LOCATION}),
    }
    return operation(
        f"upsert {shape.name}",
        f"Change the {shape.entity.label} that has the key's values, or create it",
        answers(found, 400, 401, 403, 404, 409, 413, 415, 422),
        parameters=[key],
        body=taken(f"{shape.name}.upsert"),
    )


def _bulk(shape: Shape) -> Part:
    result = {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "data": reference("schemas", shape.name),
            "error": reference("schemas", "Problem"),
        },
        "required": ["status"],
        "additionalProperties": False,
    }
    page = {
        "type": "object",
        "properties": {"results": {"type": "array", "items": result}},
        "required": ["results"],
        "additionalProperties": False,
    }
    return operation(
        f"bulk {shape.name}",
        f"Many writes of {shape.entity.plural or shape.entity.label} in one call",
        answers({"200": ("A result for each operation.", page, {})}, 400, 401, 403, 404, 409, 413, 415, 422),
        body=taken(f"{shape.name}.bulk"),
    )


def _bulk_schema(shape: Shape) -> Part:
    """Return the schema of many operations. Ids and values are judged row by row, so they are open here."""
    identity = {"type": "string", "minLength": 1, "description": "The id of a record."}
    forms = []
    if shape.may("create"):
        forms.append(_form("create", {"values": _values("create")}))
    if shape.may("change"):
        forms.append(_form("update", {"id": identity, "values": _values("change")}, {"version": VERSION}))
    if shape.may("delete"):
        forms.append(_form("delete", {"id": identity}, {"version": VERSION}))
        forms.append(_form("restore", {"id": identity}))
    if shape.may("upsert"):
        key = {"type": "string", "description": f"One of {', '.join(shape.keys)}."}
        forms.append(_form("upsert", {"key": key, "values": _values("upsert")}))
    listed = {"type": "array", "items": {"anyOf": forms}, "minItems": 1, "maxItems": MOST_OPERATIONS}
    return {
        "type": "object",
        "properties": {"operations": listed, "all_or_nothing": {"type": "boolean", "default": False}},
        "required": ["operations"],
        "additionalProperties": False,
    }


def _values(kind: str) -> Part:
    words = f"As in `{kind}`; what does not fit is told in the result of the row."
    return {"type": "object", "description": words}


def _form(kind: str, needed: Part, allowed: Part | None = None) -> Part:
    return {
        "type": "object",
        "properties": {"operation": {"const": kind}, **needed, **(allowed or {})},
        "required": ["operation", *needed],
        "additionalProperties": False,
    }
