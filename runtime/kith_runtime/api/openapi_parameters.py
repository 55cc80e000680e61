"""Parameters of the OpenAPI document: those of addresses and headers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kith_runtime.api.arguments import COUNTS, DEFAULT_LIMIT, LONGEST_TEXT, MOST_SORTS
from kith_runtime.api.openapi_schemas import ID
from kith_runtime.api.records import IDEMPOTENCY_KEY
from kith_runtime.api.shape import Shape
from kith_runtime.queries.query import MOST_ROWS

Part = dict[str, Any]

_WORDS = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}

SHARED: dict[str, Part] = {
    "id": {"name": "id", "in": "path", "required": True, "schema": ID, "description": "The id of a record."},
    "where": {
        "name": "where",
        "in": "query",
        "schema": _WORDS,
        "description": "A condition in the expression language.",
        "example": 'created_at > "2026-01-01T00:00:00Z"',
    },
    "q": {"name": "q", "in": "query", "schema": _WORDS, "description": "Words to search for."},
    "limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_LIMIT},
        "description": "Records of one page.",
    },
    "after": {"name": "after", "in": "query", "schema": _WORDS, "description": "`next` of the page before."},
    "count": {
        "name": "count",
        "in": "query",
        "schema": {"type": "string", "enum": list(COUNTS), "default": "none"},
        "description": "capped: count up to 1000; the header Kith-Count-Capped says when there are more.",
    },
    "deleted": {
        "name": "deleted",
        "in": "query",
        "schema": {"type": "boolean", "default": False},
        "description": "true: the recycle bin.",
    },
    "before": {
        "name": "before",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
        "description": "Changes with a smaller `seq` only.",
    },
    "entity": {
        "name": "entity",
        "in": "query",
        "schema": _WORDS,
        "description": "Describe one entity only, by its full name.",
    },
    "idempotency_key": {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        "description": "Sending the same values with the same key again gives the record that it made the first time.",
    },
    "if_match": {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[1-9][0-9]{0,17}")$'},
        "description": "The ETag that you read, when the body says no version.",
    },
}


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/parameters/{name}"}


IDEMPOTENCY = _ref("idempotency_key")
IF_MATCH = _ref("if_match")


def entity_parameters(shape: Shape) -> dict[str, Part]:
    """Return the parameters whose values are names of the entity's fields, under names of their own."""
    sortable = [name for name in shape.names if name in shape.sortable]
    both = [*sortable, *[f"-{name}" for name in sortable]]
    found = {
        f"{shape.name}.fields": _several("fields", shape.names, "The fields to show; all readable ones without it."),
        f"{shape.name}.sort": _several("sort", both, "Fields to sort by, -name for descending.", MOST_SORTS),
    }
    if shape.expandable:
        names = [name for name in shape.names if name in shape.expandable]
        found[f"{shape.name}.expand"] = _several("expand", names, "Lookups to show with their titles.")
    return found


def list_parameters(shape: Shape) -> list[Part]:
    """Return the parameters of a list."""
    shared = ["where", "limit", "after", "count", "deleted", *(["q"] if shape.searchable else [])]
    return [*[_ref(name) for name in shared], *[_ref(name) for name in entity_parameters(shape)]]


def get_parameters(shape: Shape) -> list[Part]:
    """Return the parameters of reading one record."""
    return [_ref(name) for name in entity_parameters(shape) if not name.endswith(".sort")]


def history_parameters() -> list[Part]:
    """Return the parameters of a history."""
    return [_ref("limit"), _ref("before")]


def name_parameter(name: str, where: str, known: Iterable[str], description: str) -> Part:
    """Return a parameter that is one of some names."""
    schema = {"type": "string", "enum": list(known)}
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}


def _several(name: str, known: Iterable[str], description: str, most: int = 0) -> Part:
    schema: Part = {
        "type": "array",
        "items": {"type": "string", "enum": list(known)},
        "uniqueItems": True,
        "minItems": 1,
    }
    if most:
        schema["maxItems"] = most
    return {
        "name": name,
        "in": "query",
        "style": "form",
        "explode": False,
        "schema": schema,
        "description": description,
    }
