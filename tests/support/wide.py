"""Entities with very many fields: their metadata, and values that fill every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Declared = Mapping[str, Any]

SHAPES: tuple[tuple[Declared, Any], ...] = (
    ({"type": "text"}, "Zoë & Søn, {n}: cooled warehouses since 1954, “twelve” of them \\ 'quoted' 𝄞"),
    ({"type": "long_text"}, "Line {n}\n\tWants a pilot in May.\nThird line, which is a little longer than the others."),
    ({"type": "rich_text"}, "<p>Ready <strong>now</strong> {n} &amp; tomorrow, as agreed on the phone</p>"),
    ({"type": "integer"}, 9007199254740993),
    ({"type": "decimal", "scale": 6}, "-123456789012.000001"),
    ({"type": "percent"}, "12.50"),
    ({"type": "boolean"}, True),
    ({"type": "date"}, "2026-11-24"),
    ({"type": "datetime"}, "1999-12-31T23:59:59.123456Z"),
    ({"type": "time"}, "09:30:00"),
    ({"type": "duration"}, "PT1H30M"),
    ({"type": "money", "currency": "EUR"}, {"amount": "84000.25", "currency": "EUR"}),
    ({"type": "rating"}, 4),
    ({"type": "colour"}, "#0f766e"),
    ({"type": "json"}, {"range": [-30, 70, 1.5], "unit": "°C", "note": "nothing \" else", "none": None}),
    ({"type": "address"}, {"street": "Kade 12", "city": "Rotterdam", "postal_code": "3011", "country": "NL"}),
    ({"type": "choice", "options": {"small": {}, "large": {}}}, "large"),
    ({"type": "choices", "options": {"red": {}, "green": {}, "blue": {}}}, ["red", "blue"]),
    ({"type": "email"}, "john.meyer.{n}@brightwater.example.com"),
    ({"type": "phone"}, "+31206241111"),
    ({"type": "url"}, "https://www.brightwater.example.com/depots?id={n}#map"),
    ({"type": "lookup", "to": "company", "on_delete": "clear"}, "company"),
    ({"type": "lookups", "to": "company"}, ["company"]),
    ({"type": "any_lookup", "to": ["company"], "on_delete": "clear"}, {"entity": "crm.company", "id": "company"}),
    ({"type": "file"}, "file"),
    ({"type": "image"}, "image"),
    ({"type": "auto_number", "format": "S-{number:4}"}, None),
    ({"type": "formula", "formula": "f{integer} + 1", "returns": "integer"}, None),
)  # fmt: skip
"""A declaration of each type, and the JSON of a value; ``{n}`` stands for the number of the field."""


def declared(count: int) -> dict[str, dict[str, Any]]:
    """Return ``count`` fields ``f0``, ``f1`` and so on, of all types in turn."""
    last = len(SHAPES)
    found = {}
    for number in range(count):
        # Copies, so that YAML writes no aliases.
        shape: dict[str, Any] = deepcopy(dict(SHAPES[number % last][0]))
        if shape["type"] == "formula":
            shape["formula"] = f"f{number // last * last + 3} + 1"
        found[f"f{number}"] = shape
    return found


def filled(count: int, company: str, files: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """Return JSON values for all of them that can be written; ``files`` holds the keys of uploads by type."""
    found: dict[str, Any] = {}
    waiting = {kind: iter(keys) for kind, keys in (files or {}).items()}
    for number in range(count):
        shape, value = SHAPES[number % len(SHAPES)]
        kind = shape["type"]
        if kind in ("file", "image"):
            if kind in waiting:
                found[f"f{number}"] = {"key": next(waiting[kind])}
        elif value is not None:
            found[f"f{number}"] = _numbered(value, number, company)
    return found


def _numbered(value: Any, number: int, company: str) -> Any:
    if isinstance(value, str):
        return company if value == "company" else value.replace("{n}", str(number))
    if isinstance(value, list):
        return [_numbered(item, number, company) for item in value]
    if isinstance(value, dict) and "entity" in value:
        return {**value, "id": company}
    return value
