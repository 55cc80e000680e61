"""JSON Schema as Python closures: a quick yes or no for data that is right, which nearly all data is.

Only jsonschema explains what is wrong. A keyword that is not known here makes the closure ask jsonschema itself, so the
two always agree; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator

Test = Callable[[Any], bool]

_SILENT = frozenset({"title", "description", "default", "examples", "x-merge", "x-customise", "$comment"})


def compile_schema(schema: Mapping[str, Any] | bool) -> Test:
    """Return a function that tells whether a value fits the schema.

    >>> compile_schema({"type": "integer", "minimum": 1})(0)
    False
    """
    if isinstance(schema, bool):
        return _always if schema else _never
    if not set(schema) <= _SILENT | set(_KEYWORDS):
        return Draft202012Validator(schema).is_valid
    tests = [made for key in schema if key in _KEYWORDS for made in (_KEYWORDS[key](schema),) if made is not _always]
    if not tests:
        return _always
    if len(tests) == 1:
        return tests[0]
    frozen = tuple(tests)

    def every(value: Any) -> bool:
        return all(test(value) for test in frozen)

    return every


def _always(value: Any) -> bool:
    return True


def _never(value: Any) -> bool:
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, float) and value.is_integer()


_TYPES: Mapping[str, Test] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def _type(schema: Mapping[str, Any]) -> Test:
    names = schema["type"]
    if isinstance(names, str):
        return _TYPES[names]
    tests = tuple(_TYPES[name] for name in names)
    return lambda value: any(test(value) for test in tests)


def _enum(schema: Mapping[str, Any]) -> Test:
    texts = frozenset(item for item in schema["enum"] if isinstance(item, str))
    if len(texts) == len(schema["enum"]):
        return lambda value: isinstance(value, str) and value in texts
    return Draft202012Validator({"enum": schema["enum"]}).is_valid


def _const(schema: Mapping[str, Any]) -> Test:
    return Draft202012Validator({"const": schema["const"]}).is_valid


def _any_of(schema: Mapping[str, Any]) -> Test:
    tests = tuple(compile_schema(part) for part in schema["anyOf"])
    return lambda value: any(test(value) for test in tests)


def _pattern(schema: Mapping[str, Any]) -> Test:
    search = re.compile(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _items(schema: Mapping[str, Any]) -> Test:
    test = compile_schema(schema["items"])
    return lambda value: not isinstance(value, list) or all(test(item) for item in value)


def _property_names(schema: Mapping[str, Any]) -> Test:
    test = compile_schema(schema["propertyNames"])
    return lambda value: not isinstance(value, dict) or all(test(key) for key in value)


def _properties(schema: Mapping[str, Any]) -> Test:
    """``properties``, ``patternProperties`` and ``additionalProperties`` depend on each other and are tested as one."""
    named = {key: compile_schema(part) for key, part in schema.get("properties", {}).items()}
    patterns = tuple((re.compile(key).search, compile_schema(part)) for key, part in _patterns(schema))
    rest = compile_schema(schema.get("additionalProperties", True))

    def test(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        for key, item in value.items():
            known = named.get(key)
            if known is not None:
                if not known(item):
                    return False
                if not patterns:
                    continue
            matching = [part for search, part in patterns if search(key)]
            if not all(part(item) for part in matching):
                return False
            if known is None and not matching and not rest(item):
                return False
        return True

    return test


def _patterns(schema: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(schema.get("patternProperties", {}).items())


def _properties_once(schema: Mapping[str, Any]) -> Test:
    return _always if "properties" in schema else _properties(schema)


def _pattern_once(schema: Mapping[str, Any]) -> Test:
    return _always if "properties" in schema or "additionalProperties" in schema else _properties(schema)


def _required(schema: Mapping[str, Any]) -> Test:
    names = tuple(schema["required"])
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _size(keyword: str, kind: type[Any], fits: Callable[[int, int], bool]) -> Callable[[Mapping[str, Any]], Test]:
    def make(schema: Mapping[str, Any]) -> Test:
        limit = schema[keyword]
        return lambda value: not isinstance(value, kind) or fits(len(value), limit)

    return make


def _bound(keyword: str, fits: Callable[[Any, Any], bool]) -> Callable[[Mapping[str, Any]], Test]:
    def make(schema: Mapping[str, Any]) -> Test:
        limit = schema[keyword]
        return lambda value: not _is_number(value) or fits(value, limit)

    return make


_KEYWORDS: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "anyOf": _any_of,
    "pattern": _pattern,
    "items": _items,
    "propertyNames": _property_names,
    "properties": _properties,
    "additionalProperties": _properties_once,
    "patternProperties": _pattern_once,
    "required": _required,
    "minLength": _size("minLength", str, lambda size, limit: size >= limit),
    "maxLength": _size("maxLength", str, lambda size, limit: size <= limit),
    "minItems": _size("minItems", list, lambda size, limit: size >= limit),
    "maxItems": _size("maxItems", list, lambda size, limit: size <= limit),
    "minProperties": _size("minProperties", dict, lambda size, limit: size >= limit),
    "maxProperties": _size("maxProperties", dict, lambda size, limit: size <= limit),
    "minimum": _bound("minimum", lambda value, limit: value >= limit),
    "maximum": _bound("maximum", lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound("exclusiveMinimum", lambda value, limit: value > limit),
    "exclusiveMaximum": _bound("exclusiveMaximum", lambda value, limit: value < limit),
}
