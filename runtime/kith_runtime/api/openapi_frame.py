"""The frame of the OpenAPI document: what all entities share, and how an operation and its answers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kith_runtime.api.answers import JSON
from kith_runtime.api.openapi_expressions import expression_paths
from kith_runtime.api.openapi_parameters import SHARED
from kith_runtime.api.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from kith_runtime.api.openapi_entity import Fragment

Part = dict[str, Any]
Answer = tuple[str, Part | None, Mapping[str, Part]]
"""Description, schema (None for an empty answer) and headers."""

VERSION = "1"

_TEXT = {"type": "string"}
_PERHAPS_TEXT = {"type": ["string", "null"]}
_WHOLE = {"type": "integer"}
_STATUSES = {
    400: ("bad_request", "The request does not fit: a parameter, a header or the JSON."),
    401: ("not_signed_in", "No valid token or session."),
    403: ("forbidden", "The right or the scope is missing."),
    404: ("not_found", "There is no such thing, or you may not see it."),
    409: ("conflict", "Somebody else was faster, or other records hold on to it."),
    413: ("too_large", "More than this server takes at once."),
    415: ("media_type", "The API takes JSON."),
    422: ("invalid", "The values fit the form but cannot be saved or asked for; `errors` names all of them."),
    503: ("busy", "Try again after Retry-After seconds; nothing was changed."),
}
_UNSAFE = frozenset({"post", "patch", "put", "delete"})


def reference(section: str, name: str) -> Part:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def answers(found: Mapping[str, Answer], *problems: int) -> Part:
    """Return the answers of an operation: those by status, and the problems that it may meet."""
    written: Part = {status: _answer(*answer) for status, answer in found.items()}
    for status in (*problems, 503):
        written[str(status)] = reference("responses", _STATUSES[status][0])
    return written


def operation(
    key: str, summary: str, responses: Part, *, parameters: Sequence[Part] = (), body: Part | None = None
) -> Part:
    """Return an operation. ``key`` is its verb and entity, of which the operation id is made."""
    verb, _, name = key.rpartition(" ")
    found: Part = {
        "operationId": f"{verb.replace(' ', '_')}_{name.replace('.', '_')}",
        "summary": summary,
        "tags": [name],
        "responses": responses,
    }
    if parameters:
        found["parameters"] = list(parameters)
    if body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: body}}
    return found


def taken(name: str, example: Mapping[str, Any] | None = None) -> Part:
    """Return the description of a body by the name of its schema."""
    found: Part = {"schema": reference("schemas", name)}
    return {**found, "example": dict(example)} if example else found


def document(parts: Sequence[Fragment]) -> Part:
    """Return the whole document of the entities given."""
    paths: Part = _own_paths()
    schemas: Part = {"Problem": _problem(), "FieldProblem": _field_problem(), "Change": _change()}
    parameters: Part = dict(SHARED)
    for part in parts:
        paths.update(part.paths)
        schemas.update(part.schemas)
        parameters.update(part.parameters)
    _secure(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kith", "version": VERSION, "description": "What you may see and do, by the live metadata."},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [*_own_tags(), *[part.tag for part in parts]],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters,
            "responses": {name: _problem_answer(text) for name, text in _STATUSES.values()},
            "securitySchemes": _security_schemes(),
        },
    }


def _answer(description: str, schema: Part | None, headers: Mapping[str, Part]) -> Part:
    found: Part = {"description": description}
    if headers:
        found["headers"] = dict(headers)
    if schema is not None:
        found["content"] = {JSON: {"schema": schema}}
    return found


def _problem_answer(description: str) -> Part:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference("schemas", "Problem")}}}


def _secure(paths: Part) -> None:
    """Say that a session needs the form token for everything that changes something."""
    for path in paths.values():
        for method, described in path.items():
            if method in _UNSAFE:
                described["security"] = [{"token": []}, {"session": [], "form_token": []}]


def _security_schemes() -> Part:
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Made with `kith token add`: kith_ and 43 characters.",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": "kith_session", "description": "A signed-in browser."},
        "form_token": {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": "From any page."},
    }


def _own_tags() -> list[Part]:
    return [
        {"name": "kith", "description": "The way in."},
        {"name": "expression", "description": "Help for writing expressions; nothing is changed."},
    ]


def _own_paths() -> Part:
    listed = _closed({"name": _TEXT, "label": _TEXT, "url": _TEXT})
    page = _closed(
        {"data": {"type": "array", "items": listed}, "next": {"type": "null"}, "count": {"type": "null"}},
    )
    names = {"type": "array", "items": _TEXT}
    person = _closed(
        {
            **dict.fromkeys(("id", "name", "kind", "locale", "time_zone", "currency"), _TEXT),
            **dict.fromkeys(("roles", "teams", "permissions", "scopes"), names),
        }
    )
    whole = {"type": "object", "properties": {"openapi": {"const": "3.1.0"}}, "required": ["openapi", "paths"]}
    described = answers({"200": ("This document.", whole, {})}, 400, 401, 404)
    described["304"] = {"description": "Unchanged since the ETag of If-None-Match."}
    return {
        "/api/v1/": {"get": operation("list kith", "List entities", answers({"200": ("", page, {})}, 400, 401))},
        "/api/v1/me": {"get": operation("who kith", "Who the caller is", answers({"200": ("", person, {})}, 400, 401))},
        "/api/v1/openapi.json": {
            "get": operation(
                "describe kith", "This document", described, parameters=[reference("parameters", "entity")]
            )
        },
        **expression_paths(operation, answers),
    }


def _closed(properties: Part, optional: Part | None = None) -> Part:
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def _field_problem() -> Part:
    return _closed({"field": _TEXT, "code": _TEXT, "message": _TEXT, "hint": _TEXT})


def _problem() -> Part:
    anything: Part = {}
    conflict = _closed(
        {"field": _TEXT, "label": _TEXT, "mine": anything, "theirs": anything, "before": anything, "by": _TEXT},
        {"at": {"type": ["string", "null"], "format": "date-time"}},
    )
    record = _closed({"id": _TEXT, "title": _PERHAPS_TEXT})
    blocker = _closed(
        {
            "entity": _TEXT,
            "field": _TEXT,
            "total": _WHOLE,
            "hidden": _WHOLE,
            "records": {"type": "array", "items": record},
        }
    )
    result = _closed({"status": _WHOLE, "error": {"anyOf": [reference("schemas", "Problem"), {"type": "null"}]}})
    return _closed(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
            "detail": _TEXT,
            "hint": _TEXT,
            "field": _PERHAPS_TEXT,
        },
        {
            "reference": {"type": "string", "description": "For the administrator, when the fault is the server's."},
            "errors": {"type": "array", "items": reference("schemas", "FieldProblem"), "minItems": 1},
            "version": {"type": "integer", "description": "The version that is saved now."},
            "conflicts": {"type": "array", "items": conflict},
            "blockers": {"type": "array", "items": blocker},
            "results": {"type": "array", "items": result},
        },
    )


def _change() -> Part:
    pair = _closed({"from": {}, "to": {}})
    return _closed(
        {
            "seq": _WHOLE,
            "at": {"type": "string", "format": "date-time"},
            "actor": _closed({"id": _TEXT, "name": _TEXT}),
            "door": _TEXT,
            "action": _TEXT,
            "version": _WHOLE,
            "changes": {"type": "object", "additionalProperties": pair},
            "hidden": {"type": "integer", "minimum": 0, "description": "Changed fields that you may not read."},
        }
    )
