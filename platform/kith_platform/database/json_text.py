"""JSON as text for the databases: compact, UTF-8, refusing what JSON has no word for."""

from __future__ import annotations

from typing import Any

import orjson


def dump_json(value: Any) -> str:
    """Return compact JSON; raises TypeError for values that JSON cannot hold (decimals, dates, sets)."""
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def load_json(text: str | bytes) -> Any:
    """Return the value of a JSON text."""
    return orjson.loads(text)
