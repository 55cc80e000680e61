"""What is live: a snapshot with its storage map, and everything compiled from the two."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from kith_metadata.snapshot import Snapshot
from kith_runtime.storage import StorageMap

T = TypeVar("T")


class Published:
    """A snapshot at work. It never changes; a publish makes a new one and leaves this to the requests that hold it.

    ``sequence`` counts publishes from 1. Compiled things (tables, statements, rights, templates) are kept here by key,
    so they vanish with the snapshot and nothing is global to the process.
    """

    def __init__(self, snapshot: Snapshot, storage: StorageMap, sequence: int) -> None:
        self.snapshot = snapshot
        self.storage = storage
        self.sequence = sequence
        self._compiled: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    def compiled(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what was built under ``key``, building it once; two threads that ask at once get the same object."""
        found = self._compiled.get(key)
        if found is None:
            with self._lock:
                found = self._compiled.get(key)
                if found is None:
                    found = build()
                    self._compiled[key] = found
        return cast("T", found)
