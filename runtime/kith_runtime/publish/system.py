"""The runtime's own system tables as one part of the database."""

from __future__ import annotations

from sqlalchemy import Connection

from kith_platform.database.system import SystemPart
from kith_runtime.app_settings import store as settings_store
from kith_runtime.bulk_runs import store as bulk_store
from kith_runtime.marks import store as marks_store
from kith_runtime.personal import store as personal_store
from kith_runtime.publish import store as publish_store
from kith_runtime.queries.search import store as search_store
from kith_runtime.queries.search.upgrade import one_row_for_each_record
from kith_runtime.records import store as records_store
from kith_runtime.saved_views import store as views_store
from kith_runtime.store import RUNTIME_TABLES

RUNTIME_VERSION = 7

# Importing the stores is what declares their tables; naming them here keeps that visible.
_STORES = (
    publish_store,
    records_store,
    search_store,
    personal_store,
    views_store,
    marks_store,
    bulk_store,
    settings_store,
)


def runtime_part() -> SystemPart:
    """Return the runtime's system tables with their version."""
    upgrades = dict.fromkeys((2, 4, 5, 6, 7), _make_missing) | {3: one_row_for_each_record}
    return SystemPart("runtime", RUNTIME_VERSION, RUNTIME_TABLES, upgrades)


def _make_missing(connection: Connection) -> None:
    """Make the tables that came with a version; those that are there stay as they are."""
    RUNTIME_TABLES.create_all(connection)
