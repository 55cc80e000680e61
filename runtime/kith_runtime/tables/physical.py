"""The physical type of each storage kind, and the columns that every business table has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Text
from sqlalchemy.types import TypeEngine

from kith_platform.database.types import IdText, IsoDate, IsoTime, JsonValue, ScaledDecimal, UtcDateTime

_TYPES: Mapping[str, Callable[[], TypeEngine[Any]]] = {
    "text": Text,
    "integer": BigInteger,
    "boolean": Boolean,
    "date": IsoDate,
    "datetime": UtcDateTime,
    "time": IsoTime,
    "json": JsonValue,
    "id": IdText,
}


def column_type(kind: str, scale: int = 0) -> TypeEngine[Any]:
    """Return the SQLAlchemy type of a storage kind; ``scale`` counts the decimal places of a ``decimal``.

    Raises ``ValueError`` for a kind that does not exist: that is a fault of the field type that asked for it.
    """
    if kind == "decimal":
        return ScaledDecimal(scale)
    if kind not in _TYPES:
        raise ValueError(f"'{kind}' is not a storage kind; the kinds are decimal, {', '.join(_TYPES)}.")
    return _TYPES[kind]()


def system_columns() -> list[Column[Any]]:
    """Return fresh copies of the columns of every business table, in the order in which they are created."""
    return [
        Column("id", IdText(), primary_key=True, nullable=False),
        Column("version", BigInteger(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("created_by", IdText()),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("updated_by", IdText()),
        Column("deleted_at", UtcDateTime()),
        Column("deletion", IdText()),
    ]


def link_columns() -> list[Column[Any]]:
    """Return fresh copies of the columns of a link table: who points, to whom, and in which order."""
    return [
        Column("record_id", IdText(), primary_key=True, nullable=False),
        Column("target_id", IdText(), primary_key=True, nullable=False),
        Column("position", BigInteger(), nullable=False),
    ]
