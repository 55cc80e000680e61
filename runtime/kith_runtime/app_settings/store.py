"""The table of settings that administrators set, and the few statements on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, Text, delete, insert, select

from kith_platform.database.types import IdText, JsonValue, UtcDateTime
from kith_runtime.context import Context
from kith_runtime.store import RUNTIME_TABLES

SETTING = Table(
    "kith_setting",
    RUNTIME_TABLES,
    Column("name", Text, primary_key=True),
    Column("value", JsonValue(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("by_id", IdText(), nullable=False),
)
"""One row for each setting of an app that is not at its default."""


def stored(ctx: Context) -> dict[str, Any]:
    """Return the values by full name, as JSON."""
    return {row.name: row.value for row in ctx.connection.execute(select(SETTING.c.name, SETTING.c.value))}


def put(ctx: Context, name: str, value: Any) -> None:
    """Keep a value, as JSON; None takes it away."""
    ctx.connection.execute(delete(SETTING).where(SETTING.c.name == name))
    if value is not None:
        row = {"name": name, "value": value, "at": ctx.now, "by_id": ctx.actor.id}
        ctx.connection.execute(insert(SETTING).values(row))
