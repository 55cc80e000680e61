"""Auto numbers: given once, in order, in the transaction that makes the record.

A number is taken when the record is saved, so a refused save leaves no gap; a deleted record's number is never given
again. The counter's row is locked until the transaction ends: two creates of one entity wait for each other.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, select, update

from kith_platform.database.prepared import Prepared
from kith_runtime.context import Context
from kith_runtime.field_types.auto_number import format_number, period_of
from kith_runtime.records.store import COUNTER
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.store import insert_or_ignore

CounterKey = tuple[str, str, str]
"""The entity, the field and the period in which its numbers count on."""

_RAISE = Prepared(
    update(COUNTER)
    .where(
        COUNTER.c.entity == bindparam("of_entity"),
        COUNTER.c.field == bindparam("of_field"),
        COUNTER.c.period == bindparam("of_period"),
    )
    .values(value=COUNTER.c.value + 1)
    .returning(COUNTER.c.value)
)


def next_number(ctx: Context, writer: EntityWriter, slot: Slot) -> str:
    """Return the next number of an auto-number field, formatted."""
    local = ctx.now.astimezone(ZoneInfo(ctx.locale.time_zone))
    period = period_of(slot.field, local)
    value = _advance(ctx, (writer.name, slot.name, period), slot.field.options.start)
    return format_number(slot.field, value, local)


def last_given(ctx: Context, key: CounterKey, start: int) -> int:
    """Return the number that was given last, or the one before the first; ``key`` is (entity, field, period)."""
    found = ctx.connection.execute(select(COUNTER.c.value).where(*_chosen(key))).scalar()
    return start - 1 if found is None else max(int(found), start - 1)


def continue_from(ctx: Context, key: CounterKey, number: int) -> None:
    """Let the numbers given from now on be higher than this one."""
    row = dict(zip(("entity", "field", "period"), key, strict=True))
    insert_or_ignore(ctx, COUNTER, {**row, "value": number})
    ctx.connection.execute(update(COUNTER).where(*_chosen(key), COUNTER.c.value < number).values(value=number))


def _chosen(key: CounterKey) -> tuple[ColumnElement[bool], ...]:
    return (COUNTER.c.entity == key[0], COUNTER.c.field == key[1], COUNTER.c.period == key[2])


def _advance(ctx: Context, key: CounterKey, start: int) -> int:
    chosen = {"of_entity": key[0], "of_field": key[1], "of_period": key[2]}
    found = _RAISE.first(ctx.connection, chosen)
    if found is not None:
        return int(found.value)
    row = {"entity": key[0], "field": key[1], "period": key[2], "value": start - 1}
    insert_or_ignore(ctx, COUNTER, row)
    return int(_RAISE.rows(ctx.connection, chosen)[0].value)
