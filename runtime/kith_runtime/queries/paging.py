"""Pages by key: where the next page begins is said by the last row's sort values, so that depth costs nothing.

Blanks come last in both directions. A list is read in two segments, the rows whose first sort value is there and those
where it is blank, because a plain index serves each of them and none serves both at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import orjson
from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    Numeric,
    UnaryExpression,
    and_,
    bindparam,
    false,
    or_,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from kith_platform.database.types import IsoDate, ScaledDecimal, UtcDateTime
from kith_platform.errors import Invalid
from kith_runtime.queries.expression_sql_values import COLLATION

Segment = Literal["held", "blank"]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of the order: an element, its direction, and whether it can be blank."""

    element: ColumnElement[Any]
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Which part of a list a statement reads: its segment, its direction, and which cursor values are blank.

    ``blanks`` is None for a statement that begins at the end of its segment and has no cursor.
    """

    segment: Segment
    backwards: bool = False
    blanks: tuple[bool, ...] | None = None


def order_of(keys: Sequence[SortKey], step: Step) -> list[ColumnElement[Any]]:
    """Return the ORDER BY of a step; ``keys`` ends with the id."""
    found: list[ColumnElement[Any]] = []
    for number, key in enumerate(keys):
        if number == 0 and step.segment == "blank":
            continue
        part: UnaryExpression[Any] = key.element.desc() if key.descending != step.backwards else key.element.asc()
        if key.nullable and number > 0:
            part = part.nulls_first() if step.backwards else part.nulls_last()
        found.append(part)
    return found


def limits_of(keys: Sequence[SortKey], step: Step) -> list[ColumnElement[bool]]:
    """Return the conditions of a step: its segment, and what lies beyond its cursor."""
    first = keys[0]
    found: list[ColumnElement[bool]] = []
    if step.segment == "blank":
        found.append(first.element.is_(None))
    elif first.nullable:
        found.append(first.element.is_not(None))
    if step.blanks is None:
        return found
    start = 1 if step.segment == "blank" else 0
    rest = list(enumerate(keys))[start:]
    # Only the first value of the segment that holds it is known to be there.
    certain = not any(key.nullable for number, key in rest if number > 0)
    if len(rest) <= 2 and certain and _one_way(key for _, key in rest):
        found.append(_row_beyond(rest, step.backwards))
        # SQLite begins at the right place of an index for a row that begins with a column, and for no other.
        return found if isinstance(rest[0][1].element, Column) else [*found, _not_before(*rest[0], step.backwards)]
    found.append(_beyond(rest, step))
    return [*found, _not_before(*rest[0], step.backwards)] if start == 0 else found


def _not_before(number: int, key: SortKey, backwards: bool) -> ColumnElement[bool]:
    """Say nothing new, but let the database begin at the right place of the index."""
    bind = key_bind(number, key)
    return key.element <= bind if key.descending != backwards else key.element >= bind


def key_name(number: int) -> str:
    """Return the name of the bind that holds a cursor's value."""
    return f"kith_key_{number}"


def key_bind(number: int, key: SortKey) -> BindParameter[Any]:
    """Return the bind of a cursor's value. It is given as the driver gave it, so it passes no conversion."""
    return bindparam(key_name(number), None, key.element.type)


def _one_way(keys: Any) -> bool:
    return len({key.descending for key in keys}) == 1


def _row_beyond(rest: list[tuple[int, SortKey]], backwards: bool) -> ColumnElement[bool]:
    falling = rest[0][1].descending != backwards
    binds = [key_bind(number, key) for number, key in rest]
    if len(rest) == 1:
        element = rest[0][1].element
        return element < binds[0] if falling else element > binds[0]
    row, values = tuple_(*[key.element for _, key in rest]), tuple_(*binds)
    return row < values if falling else row > values


def _beyond(rest: list[tuple[int, SortKey]], step: Step) -> ColumnElement[bool]:
    number, key = rest[0]
    blank = bool(step.blanks and step.blanks[number])
    further = _further(number, key, blank, step.backwards)
    if len(rest) == 1:
        return further
    same = key.element.is_(None) if blank else key.element == key_bind(number, key)
    return or_(further, and_(same, _beyond(rest[1:], step)))


def _further(number: int, key: SortKey, blank: bool, backwards: bool) -> ColumnElement[bool]:
    if blank:
        return key.element.is_not(None) if backwards else false()
    bind = key_bind(number, key)
    beyond = key.element < bind if key.descending != backwards else key.element > bind
    if key.nullable and not backwards:
        return or_(beyond, key.element.is_(None))
    return beyond


def fingerprint(*parts: object) -> str:
    """Return a short mark of a question, so that a cursor of another one is noticed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def write_cursor(mark: str, values: Sequence[Any]) -> str:
    """Return a cursor that holds the sort values of a row, as the driver gave them."""
    return base64.urlsafe_b64encode(orjson.dumps([mark, *[_written(value) for value in values]])).rstrip(b"=").decode()


def read_cursor(text: str, mark: str, types: Sequence[TypeEngine[Any]], dialect: str) -> list[Any]:
    """Return the sort values of a cursor. Raises Invalid when it is none, or one of another question."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _unfit() from None
    if not isinstance(data, list) or len(data) != len(types) + 1 or data[0] != mark:
        raise _unfit()
    try:
        values = [_read(item, kind, dialect) for item, kind in zip(data[1:], types, strict=True)]
    except (ValueError, TypeError, KeyError, InvalidOperation):
        raise _unfit() from None
    if values[-1] is None:
        raise _unfit()
    return values


def _unfit() -> Invalid:
    return Invalid(
        "cursor_unfit",
        "This place in the list belongs to another question, or the list has changed its shape.",
        "Begin at the first page again.",
        "after",
    )


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"d": str(value)}
    if isinstance(value, (datetime, date)):
        return {"t": value.isoformat()}
    return value


def _read(item: Any, kind: TypeEngine[Any], dialect: str) -> Any:
    """Read a value back and refuse what no row can have, so that a made-up cursor never reaches the database."""
    value = item
    if isinstance(item, dict):
        if set(item) == {"d"}:
            value = Decimal(item["d"])
        elif set(item) == {"t"} and isinstance(kind, UtcDateTime):
            value = datetime.fromisoformat(item["t"])
        else:
            value = date.fromisoformat(item["t"])
    if isinstance(value, str) and getattr(kind, "collation", None) == COLLATION:
        Decimal(value)
    if value is None or isinstance(value, _fitting(kind, dialect)):
        return _whole(value)
    raise ValueError(item)


def _fitting(kind: TypeEngine[Any], dialect: str) -> tuple[type, ...]:
    if dialect == "sqlite":
        return (str, int)
    if isinstance(kind, (ScaledDecimal, Numeric)):
        return (Decimal, int)
    for declared, held in ((Boolean, bool), (Integer, int), (UtcDateTime, datetime), (IsoDate, date)):
        if isinstance(kind, declared):
            return (held,)
    return (str,)


def _whole(value: Any) -> Any:
    """Refuse values that only a made-up cursor has and that a driver stumbles over."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError(value)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise ValueError(value)
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(value)
    return value
