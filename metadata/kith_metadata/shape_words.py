"""Plain words for every rule of a schema: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kith_metadata.documents import name_issue, suggested_name
from kith_metadata.issues import Place
from kith_metadata.registry import nearest
from kith_metadata.spec import NAME_PATTERN


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake without its place. ``subject`` is the property that it is about, where that is not the path's end."""

    code: str
    message: str
    hint: str = ""
    subject: str = ""


def shown(value: Any, limit: int = 60) -> str:
    """Return a value as a person wrote it, cut when long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    text = text if len(text) <= limit else text[:limit] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def unknown_property(key: str, known: Sequence[str], elsewhere: str, meant: str = "") -> Finding:
    """Return the finding of a key that is no property."""
    guess = meant or (None if elsewhere else nearest(key, tuple(known)))
    if elsewhere:
        hint = elsewhere
    elif guess:
        hint = f"Did you mean '{guess}'?"
    else:
        hint = f"Possible: {', '.join(known)}."
    return Finding("KM013", f"{shown(key)} is not a property that can stand here.", hint, key)


def missing_property(name: str, possible: Sequence[str] = ()) -> Finding:
    """Return the finding of a required property that is not there."""
    hint = f"Write: {name}: …" + (f" with one of {', '.join(possible)}." if possible else "")
    return Finding("KM014", f"'{name}' is missing.", hint, name)


_NOUNS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a map",
    "array": "a list",
    "null": "nothing",
}


def _type(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    names = [expected] if isinstance(expected, str) else list(expected)
    wanted = " or ".join(_NOUNS.get(name, name) for name in names)
    return Finding("KM015", f"{shown(value).capitalize()} stands where {wanted} belongs.", _type_hint(names, value))


_BOOLEAN_WORDS = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}


def _type_hint(names: Sequence[str], value: Any) -> str:
    if "string" in names and isinstance(value, (bool, int, Decimal)):
        return f'Put it in quotes: "{shown(value)}".'
    if "boolean" in names and isinstance(value, str):
        word = _BOOLEAN_WORDS.get(value.lower())
        return f"Write {word} without quotes." if word else "Write true or false without quotes."
    if names[0] in ("integer", "number") and isinstance(value, str):
        return "Write digits without quotes, such as 12 or 12.50."
    if "integer" in names and isinstance(value, Decimal):
        return f"Write it without a fraction: {int(value)}."
    if "array" in names and not isinstance(value, (dict, list)):
        return f"Write a list: [{value}]."
    if "array" in names and isinstance(value, dict):
        return "Write a list: [one, two]."
    if "object" in names and isinstance(value, list):
        return "Write a map with a name for each item, not a list: things that have names can be patched and reordered."
    if "object" in names:
        return "Write a map: {key: value}, or the keys on lines of their own, indented."
    return f"Write {_NOUNS.get(names[0], names[0])}."


def _enum(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    known = [str(item) for item in expected]
    guess = nearest(value, known) if isinstance(value, str) else None
    shown_known = ", ".join(known[:24]) + (" …" if len(known) > 24 else "")
    hint = f"Did you mean '{guess}'?" if guess else "Write one of them."
    return Finding("KM012", f"{shown(value)} is not one of {shown_known}.", hint)


def _const(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    return Finding("KM012", f"{shown(value)} is not possible; only {shown(expected)} is.", f"Write {shown(expected)}.")


def _pattern(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    if expected == NAME_PATTERN:
        return _name(expected, value, schema)
    example = schema.get("description") or schema.get("title") or f"The form is {expected}"
    return Finding("KM019", f"{shown(value)} does not have the right form.", str(example))


def _name(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    """Names of items; a map's own rule for its keys (such as full names of entities) says more than the pattern."""
    pattern = schema.get("pattern")
    if pattern is not None and pattern != NAME_PATTERN:
        guess = suggested_name(value) if isinstance(value, str) else ""
        return Finding("KM020", f"{shown(value)} cannot be a name here.", f"Such as '{guess or 'account'}'.")
    issue = name_issue(str(value), "item", Place(""), "")
    return Finding("KM020", issue.message, issue.hint)


def _count(code: str, words: str, hint: str) -> Callable[[Any, Any, Mapping[str, Any]], Finding]:
    def explain_count(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
        size = len(value) if isinstance(value, (str, list, dict)) else value
        return Finding(code, words.format(size=size, limit=expected), hint.format(limit=expected))

    return explain_count


def _unique(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    twice = next((item for index, item in enumerate(value) if item in value[:index]), None)
    return Finding("KM016", f"{shown(twice)} stands in this list twice.", "Keep one of them.")


def _multiple(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    return Finding("KM017", f"{shown(value)} is not a multiple of {expected}.", f"Write a multiple of {expected}.")


def _format(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    return Finding("KM019", f"{shown(value)} is not a valid {expected}.", f"Write it in the form of a {expected}.")


def _any_of(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    types: list[str] = []
    for part in expected:
        found = part.get("type", [])
        types.extend([found] if isinstance(found, str) else found)
    wanted = " or ".join(dict.fromkeys(_NOUNS.get(name, name) for name in types)) or "another value"
    return Finding("KM015", f"{shown(value).capitalize()} does not fit here.", f"Write {wanted}.")


def _other(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    hint = str(schema.get("description") or "Look at the reference page of this kind.")
    return Finding("KM021", f"{shown(value).capitalize()} is not possible here.", hint)


def _needs(expected: Any, value: Any, schema: Mapping[str, Any]) -> Finding:
    return Finding("KM014", "A property that belongs to the others is missing.", f"Needed together: {shown(expected)}.")


WORDS: Mapping[str, Callable[[Any, Any, Mapping[str, Any]], Finding]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "propertyName": _name,
    "minLength": _count("KM018", "This text has {size} characters; at least {limit} are needed.", "Write more."),
    "maxLength": _count("KM018", "This text has {size} characters; at most {limit} are possible.", "Shorten it."),
    "minItems": _count("KM016", "This list has {size} items; at least {limit} are needed.", "Add what is missing."),
    "maxItems": _count("KM016", "This list has {size} items; at most {limit} are possible.", "Take some away."),
    "minProperties": _count("KM016", "This map has {size} entries; at least {limit} are needed.", "Add one."),
    "maxProperties": _count("KM016", "This map has {size} entries; at most {limit} are possible.", "Take some away."),
    "minimum": _count("KM017", "{size} is too small; the least is {limit}.", "Write {limit} or more."),
    "maximum": _count("KM017", "{size} is too large; the most is {limit}.", "Write {limit} or less."),
    "exclusiveMinimum": _count("KM017", "{size} is too small.", "Write more than {limit}."),
    "exclusiveMaximum": _count("KM017", "{size} is too large.", "Write less than {limit}."),
    "uniqueItems": _unique,
    "multipleOf": _multiple,
    "format": _format,
    "anyOf": _any_of,
    "oneOf": _any_of,
    "dependentRequired": _needs,
    "contains": _other,
    "not": _other,
    "if": _other,
    "allOf": _other,
    "additionalProperties": _other,
}
"""How each keyword of JSON Schema is said; a test holds that every keyword in use is here."""


def explain(schema: Mapping[str, Any], keyword: str, value: Any) -> Finding:
    """Return the finding of a value that breaks a keyword of its schema.

    >>> explain({"enum": ["choice", "lookup"]}, "enum", "choise").hint
    "Did you mean 'choice'?"
    """
    expected = schema.get(keyword) if keyword != "propertyName" else None
    return WORDS.get(keyword, _other)(expected, value, schema)
