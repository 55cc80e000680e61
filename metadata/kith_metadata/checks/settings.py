"""Settings of an app: their defaults fit their types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue


@checks.register("settings")
def check_settings(context: CheckContext) -> Iterator[Issue]:
    """Yield defaults that are no values of their type."""
    for layered, app in context.of_kind("app"):
        for name, setting in app.settings.items():
            if setting.default is not None and not _FITS[setting.type](setting.default):
                message = f"The default of '{name}' is no {_WORDS.get(setting.type, setting.type)}."
                hint = f"Write a value such as {_EXAMPLES[setting.type]}."
                yield context.issue("KM067", layered, ("settings", name, "default"), message, hint)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == len("2026-11-24") and bool(date.fromisoformat(value))
    except ValueError:
        return False


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "decimal": _is_number,
    "percent": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
}
_WORDS = {"boolean": "yes or no"}
_EXAMPLES = {
    "text": "'North'",
    "integer": "10",
    "decimal": "0.5",
    "percent": "20, for 20 %",
    "boolean": "true",
    "date": "'2026-11-24'",
}
