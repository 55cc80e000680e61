"""The one MetaData of the runtime's own tables (all named ``kith_…``), and the insert that decides races for them.

Every ``store.py`` here declares on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite

from kith_platform.database.metadata import NAMING
from kith_runtime.context import Context

RUNTIME_TABLES = MetaData(naming_convention=NAMING)


def insert_or_ignore(ctx: Context, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there; tell whether it was inserted.

    It waits for another transaction that is inserting the same key, and so decides races between processes.
    """
    dialect = postgresql if ctx.database.dialect_name == "postgresql" else sqlite
    statement = dialect.insert(table).values(dict(row)).on_conflict_do_nothing().returning(next(iter(table.c)))
    return ctx.connection.execute(statement).first() is not None
