"""Creates that are sent again, after a lost answer or a double click, give the record that they made the first time.

The key is claimed before anything else is looked at: of two requests at once one makes the record, the other waits for
it and gives the same record, whatever unique values it holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from kith_platform.errors import Invalid, NotFound
from kith_platform.ids import new_id
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.records.errors import KeyReused
from kith_runtime.records.read import read_record
from kith_runtime.records.record import Record
from kith_runtime.records.store import IDEMPOTENCY
from kith_runtime.store import insert_or_ignore

_LONGEST_KEY = 200


def once(ctx: Context, entity: str, sent: tuple[str, Mapping[str, Any]], make: Callable[[str], Record]) -> Record:
    """Make a record of the id that ``make`` is given, or return the one made before; ``sent`` is a key and its values.

    A refusal gives the key back, also to a caller who goes on in the same transaction.
    """
    key, values = sent
    with ctx.connection.begin_nested():
        record = new_id(ctx.clock)
        return _claimed(ctx, entity, key, values, record) or make(record)


def _claimed(ctx: Context, entity: str, key: str, values: Mapping[str, Any], record: str) -> Record | None:
    """Claim a key for the record about to be made, or return the record that it made before.

    Waits for another request that has claimed the key at the same moment. Raises :class:`KeyReused` when the key came
    with other values, so that nothing is lost silently, and NotFound when its record was deleted since.
    """
    if not key or len(key) > _LONGEST_KEY or not key.isprintable():
        raise Invalid(
            "idempotency_key", "The idempotency key is empty, too long or not printable.", "Use up to 200 characters."
        )
    row = {
        "actor_id": ctx.actor.id,
        "key": key,
        "entity": entity,
        "fingerprint": _fingerprint(entity, values),
        "record_id": record,
        "at": ctx.now,
    }
    if insert_or_ignore(ctx, IDEMPOTENCY, row):
        return None
    query = select(IDEMPOTENCY).where(IDEMPOTENCY.c.actor_id == ctx.actor.id, IDEMPOTENCY.c.key == key)
    known = ctx.connection.execute(query).mappings().one()
    if known["fingerprint"] != row["fingerprint"]:
        raise KeyReused()
    return _made(ctx, entity, known["record_id"])


def _made(ctx: Context, entity: str, record: str) -> Record:
    """Return the record of a key as its maker may see it; who may create and not read learns that it is there."""
    try:
        return read_record(ctx, entity, record)
    except NotFound:
        pass
    try:
        made = read_record(replace(ctx, actor=SYSTEM), entity, record)
    except NotFound:
        raise NotFound(
            "made_and_deleted", "This key has made a record already, and it was deleted since.", "Send a new key."
        ) from None
    return replace(made, values={})


def _fingerprint(entity: str, values: Mapping[str, Any]) -> str:
    # The plain encoder takes what is not checked yet: half characters, and numbers of any length.
    content = json.dumps([entity, dict(values)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
