"""Creates that are sent again, after a lost answer or a double click, give the record that they made the first time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.records.errors import KeyReused
from kith_runtime.records.read import read_record
from kith_runtime.records.record import Record
from kith_runtime.records.store import IDEMPOTENCY, insert_or_ignore

_LONGEST_KEY = 200


def replayed(ctx: Context, entity: str, key: str, values: Mapping[str, Any]) -> Record | None:
    """Return the record that this key made before, or None when the key is new.

    Raises :class:`KeyReused` when the key came with other values, so that nothing is lost silently.
    """
    if not key or len(key) > _LONGEST_KEY or not key.isprintable():
        raise Invalid(
            "idempotency_key", "The idempotency key is empty, too long or not printable.", "Use up to 200 characters."
        )
    query = select(IDEMPOTENCY).where(IDEMPOTENCY.c.actor_id == ctx.actor.id, IDEMPOTENCY.c.key == key)
    row = ctx.connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    if row["fingerprint"] != _fingerprint(entity, values):
        raise KeyReused()
    return read_record(ctx, entity, row["record_id"])


def remember(ctx: Context, entity: str, key: str, values: Mapping[str, Any], record: str) -> None:
    """Keep the key with its record; raises :class:`KeyReused` when another request used it at the same moment."""
    row = {
        "actor_id": ctx.actor.id,
        "key": key,
        "entity": entity,
        "fingerprint": _fingerprint(entity, values),
        "record_id": record,
        "at": ctx.now,
    }
    if not insert_or_ignore(ctx, IDEMPOTENCY, row):
        raise KeyReused()


def _fingerprint(entity: str, values: Mapping[str, Any]) -> str:
    # The plain encoder takes what is not checked yet: half characters, and numbers of any length.
    content = json.dumps([entity, dict(values)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
