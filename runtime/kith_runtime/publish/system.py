"""The runtime's own system tables as one part of the database."""

from __future__ import annotations

from kith_platform.database.system import SystemPart
from kith_runtime.publish import store as publish_store
from kith_runtime.queries.search import store as search_store
from kith_runtime.records import store as records_store
from kith_runtime.store import RUNTIME_TABLES

RUNTIME_VERSION = 1

# Importing the stores is what declares their tables; naming them here keeps that visible.
_STORES = (publish_store, records_store, search_store)


def runtime_part() -> SystemPart:
    """Return the runtime's system tables with their version."""
    return SystemPart("runtime", RUNTIME_VERSION, RUNTIME_TABLES)
