"""A record as the door gives it back after a write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """A saved record: its values by field, system fields included, as Python values.

    It holds what the writer may read; ``created`` tells an upsert that made the record from one that changed it.
    """

    entity: str
    id: str
    version: int
    values: Mapping[str, Any]
    created: bool = False
