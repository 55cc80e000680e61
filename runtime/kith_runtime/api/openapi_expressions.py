"""The part of the OpenAPI document about expressions: the questions of an editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kith_metadata.expressions.parse import MAX_LENGTH
from kith_metadata.expressions.types import PLAIN_KINDS
from kith_runtime.field_types._links import ID_PATTERN

Part = dict[str, Any]

EXPECTED = tuple(sorted(PLAIN_KINDS - {"blank", "json"}))
"""Types that an expression may be asked to give."""

_TEXT: Part = {"type": "string"}
_ENTITY: Part = {"type": "string", "description": "The entity whose fields the expression names, such as sales.deal."}
_EXPRESSION: Part = {"type": "string", "maxLength": MAX_LENGTH}
_NUMBER: Part = {"type": "integer", "minimum": 1, "maximum": MAX_LENGTH}
_PLACE: Part = {
    "type": "object",
    "properties": {"line": {"type": "integer"}, "column": {"type": "integer"}},
    "required": ["line", "column"],
    "additionalProperties": False,
}


def expression_paths(operation: Callable[..., Part], answers: Callable[..., Part]) -> Part:
    """Return the addresses of the editor's service, written with the functions of the document's frame."""
    at: Part = {"line": _NUMBER, "column": _NUMBER}
    asked: Part = {"entity": _ENTITY, "text": _EXPRESSION}
    expected: Part = {"type": "string", "enum": list(EXPECTED)}
    saving: Part = {"type": "boolean", "description": "As in a rule: former values may be asked for."}
    described: tuple[tuple[str, str, Part, Part], ...] = (
        ("complete", "What may stand at a place", _closed({**asked, **at}, {"saving": saving}), _completion()),
        (
            "check",
            "What is wrong, and what it gives",
            _check_body(asked, {**at, "expected": expected, "saving": saving}),
            _checked(),
        ),
        (
            "evaluate",
            "What each part gives for a record",
            _closed({**asked, "record": {"type": "string", "pattern": ID_PATTERN}}),
            _evaluated(),
        ),
    )
    return {
        f"/api/v1/expressions/{verb}": {
            "post": operation(
                f"{verb} expression",
                summary,
                answers({"200": ("", answered, {})}, 400, 401, 404, 413, 415),
                body={"schema": taken},
            )
        }
        for verb, summary, taken, answered in described
    }


def _check_body(asked: Part, optional: Part) -> Part:
    found = _closed(asked, optional)
    found["dependentRequired"] = {"line": ["column"], "column": ["line"]}
    return found


def _completion() -> Part:
    item = _closed(dict.fromkeys(("name", "label", "kind", "type", "insert"), _TEXT))
    call = _closed({"text": _TEXT, "summary": _TEXT, "argument": {"type": "integer"}})
    return _closed({"start": _PLACE, "end": _PLACE, "items": _list(item), "signature": _perhaps(call)})


def _checked() -> Part:
    at = _closed({"start": _PLACE, "end": _PLACE, "type": _TEXT})
    return _closed({"problems": _problems(), "mended": _TEXT, "type": _perhaps(_TEXT), "at": _perhaps(at)})


def _evaluated() -> Part:
    part = _closed(
        {"start": _PLACE, "end": _PLACE, "value": {}, **dict.fromkeys(("text", "type", "words", "error"), _TEXT)}
    )
    return _closed({"problems": _problems(), "parts": _list(part)})


def _problems() -> Part:
    numbers: Part = {"line": {"type": "integer"}, "column": {"type": "integer"}}
    return _list(_closed({**numbers, **dict.fromkeys(("code", "message", "hint"), _TEXT)}))


def _list(item: Part) -> Part:
    return {"type": "array", "items": item}


def _perhaps(schema: Part) -> Part:
    return {"anyOf": [schema, {"type": "null"}]}


def _closed(properties: Part, optional: Part | None = None) -> Part:
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }
