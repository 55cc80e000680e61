"""A bounded memory of compiled statements: people write filters without end, and the memory must not grow with them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from kith_runtime.published import Published

T = TypeVar("T")
MOST_STATEMENTS = 2000


class Memory:
    """Keeps what was used last. Two threads that miss at once both build; the results are alike."""

    def __init__(self, most: int = MOST_STATEMENTS) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is kept under the key, or build and keep it."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return cast("T", found)
        made = build()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def memory_of(published: Published) -> Memory:
    """Return the memory of a published snapshot; it vanishes with it."""
    return published.compiled("queries", Memory)
