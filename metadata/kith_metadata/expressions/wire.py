"""Values as JSON: how they stand in a stored tree and travel to the engine in a browser.

Texts, yes and no, blank and integers that a browser reads exactly stand for themselves; other values say their kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kith_metadata.values import Money, Reference

# A browser reads larger numbers of JSON inexactly, so they travel as text.
_SAFE = 2**53

_SCALARS: dict[str, tuple[type, Any, Any]] = {
    "integer": (int, str, int),
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "duration": (
        timedelta,
        lambda value: str(value // timedelta(microseconds=1)),
        lambda text: timedelta(microseconds=int(text)),
    ),
}


def encode(value: Any) -> Any:
    """Return a value of an expression or of a record as JSON; a record in hand is a mapping of its fields.

    >>> encode(Decimal("0.20")), encode((1, "vip"))
    ({'value': 'decimal', 'text': '0.20'}, [1, 'vip'])
    """
    for name, (kind, write, _) in _SCALARS.items():
        if type(value) is kind and not (isinstance(value, int) and abs(value) < _SAFE):
            return {"value": name, "text": write(value)}
    if isinstance(value, Money):
        return {"value": "money", "text": str(value.amount), "currency": value.currency}
    if isinstance(value, Reference):
        return value.id
    if isinstance(value, Mapping):
        return {"value": "record", "fields": {name: encode(item) for name, item in value.items()}}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


def is_encoded(data: Any) -> bool:
    """Tell whether JSON is a value that says its kind, and no node or type of a tree."""
    return isinstance(data, Mapping) and "value" in data and "node" not in data


def decode(data: Any) -> Any:
    """Return the value that `encode` wrote; a list becomes a tuple, and a reference stays the id of its record."""
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if not isinstance(data, Mapping):
        return data
    match data["value"]:
        case "money":
            return Money(Decimal(data["text"]), data["currency"])
        case "record":
            return {name: decode(item) for name, item in data["fields"].items()}
    return _SCALARS[data["value"]][2](data["text"])
