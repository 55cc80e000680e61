"""Writers of one thing pass one by one, where no row and no index of the database can hold them apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select

from kith_runtime.context import Context


def queue(ctx: Context, parts: Sequence[str]) -> None:
    """Wait for other writers of what the parts name, until this transaction ends.

    PostgreSQL's transaction lock does it; SQLite has one writer anyway.
    """
    if ctx.database.dialect_name != "postgresql":
        return
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    ctx.connection.execute(select(func.pg_advisory_xact_lock(number)))
