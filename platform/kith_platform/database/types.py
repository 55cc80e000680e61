"""Column types that hold the same value exactly on both databases, fast in both directions.

============= ======================== ============================== =====================
type          Python                   SQLite                         PostgreSQL
============= ======================== ============================== =====================
ScaledDecimal ``Decimal``              BIGINT, value times 10**scale  NUMERIC(38, scale)
UtcDateTime   aware ``datetime``, UTC  TEXT, 27 characters, ends in Z TIMESTAMPTZ
IsoDate       ``date``                 TEXT ``YYYY-MM-DD``            DATE
IsoTime       ``time``                 TEXT ``HH:MM:SS``              TEXT, COLLATE "C"
JsonValue     anything JSON holds      TEXT                           JSONB
IdText        ``str``                  TEXT                           TEXT, COLLATE "C"
============= ======================== ============================== =====================

SQLite compares text by bytes, so its texts sort as the values do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Dialect, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from kith_platform.database.json_text import dump_json, load_json
from kith_platform.errors import Invalid

_Bind = Callable[[Any], Any] | None
_BIGGEST = (1 << 63) - 1
_EXACT = Context(prec=60)


class ValueNotStorable(Invalid, DontWrapMixin):
    """The value fits no column of this type; the caller should have checked it."""


def _refuse(value: object, wanted: str) -> ValueNotStorable:
    return ValueNotStorable("not_storable", f"{value!r} cannot be stored as {wanted}.")


class _KithType(TypeDecorator[Any]):
    """Shared part: the value of a comparison is bound by the column's own type."""

    cache_ok = True
    impl = Text

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        raise NotImplementedError

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the physical type; not adapted to the driver here, whose own text type is VARCHAR."""
        return self._on(dialect)

    def process_literal_param(self, value: Any, dialect: Dialect) -> Any:
        """Store a literal like a bind; used for partial indexes and defaults."""
        processor = self.bind_processor(dialect)
        return processor(value) if processor else value


class ScaledDecimal(_KithType):
    """Exact decimals with a fixed number of digits after the point.

    Finer values are rounded half-even when bound, on both databases alike; check before if that matters. The range is
    that of a BIGINT on both: 18 digits in all.
    """

    cache_ok = True

    def __init__(self, scale: int = 4) -> None:
        super().__init__()
        if not 0 <= scale <= 12:
            raise ValueError(f"The scale is {scale}; use 0 to 12.")
        self.scale = scale

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        return BigInteger() if dialect.name == "sqlite" else Numeric(38, self.scale)

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind Decimal or int; floats are refused."""
        unit = Decimal(1).scaleb(-self.scale)
        scale = self.scale
        scaled = dialect.name == "sqlite"

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if isinstance(value, int) and not isinstance(value, bool):
                value = Decimal(value)
            elif not isinstance(value, Decimal):
                raise _refuse(value, "a decimal")
            try:
                exact = value.quantize(unit, ROUND_HALF_EVEN, _EXACT)
                number = int(exact.scaleb(scale, _EXACT))
            except (InvalidOperation, ValueError, OverflowError):
                raise _refuse(value, "a decimal") from None
            if not -_BIGGEST <= number <= _BIGGEST:
                raise _refuse(value, f"a decimal with {scale} digits after the point")
            return number if scaled else exact

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give a Decimal with exactly ``scale`` digits after the point."""
        unit = Decimal(1).scaleb(-self.scale)
        multiply, quantize = _EXACT.multiply, _EXACT.quantize
        if dialect.name == "sqlite":
            return lambda value: None if value is None else multiply(Decimal(value), unit)
        return lambda value: None if value is None else quantize(value, unit)


class UtcDateTime(_KithType):
    """An instant, aware and in UTC, to the microsecond."""

    cache_ok = True

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else DateTime(timezone=True)

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind an aware datetime of any zone."""
        as_text = dialect.name == "sqlite"

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, datetime) or value.tzinfo is None:
                raise _refuse(value, "an instant; it needs a time zone")
            if value.tzinfo is not UTC:
                value = value.astimezone(UTC)
            return value.isoformat(timespec="microseconds")[:26] + "Z" if as_text else value

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give an aware datetime in UTC."""
        if dialect.name == "sqlite":
            parse = datetime.fromisoformat
            return lambda value: None if value is None else parse(value)
        return lambda value: value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class IsoDate(_KithType):
    """A day of the calendar without time or zone."""

    cache_ok = True

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Date()

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind a date; a datetime is refused, because its day depends on a zone."""
        as_text = dialect.name == "sqlite"

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, date) or isinstance(value, datetime):
                raise _refuse(value, "a date")
            return value.isoformat() if as_text else value

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give a date."""
        if dialect.name == "sqlite":
            parse = date.fromisoformat
            return lambda value: None if value is None else parse(value)
        return None


class IdText(_KithType):
    """Ids and other machine-made keys, compared by bytes on both databases."""

    cache_ok = True

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Text(collation="C")

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind as it is."""
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give as it is."""
        return None


class IsoTime(IdText):
    """A time of day to the second, without a zone."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind a naive time."""

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, time) or value.tzinfo is not None:
                raise _refuse(value, "a time of day")
            return value.isoformat(timespec="seconds")

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give a naive time."""
        parse = time.fromisoformat
        return lambda value: None if value is None else parse(value)


class JsonValue(_KithType):
    """Anything that JSON can hold; None is NULL, never the JSON word ``null``."""

    cache_ok = True

    def _on(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else JSONB(none_as_null=True)

    def bind_processor(self, dialect: Dialect) -> _Bind:
        """Bind plain data; decimals and dates are refused, write them as text first."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else dump_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Bind:
        """Give plain data."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda value: None if value is None else load_json(value)
