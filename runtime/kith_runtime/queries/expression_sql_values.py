"""What the SQL engine passes around: elements with their exact representation, and how constants become binds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import Grouping

from kith_metadata.expressions import calendar_rules
from kith_metadata.expressions import types as t
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.exact import shifted
from kith_metadata.expressions.types import Type
from kith_metadata.values import Money
from kith_platform.database.types import IsoDate, UtcDateTime
from kith_runtime.tables.folding import FOLDS, LAST_LETTER, SORT_LENGTH, sort_key

INT64 = (1 << 63) - 1
COLUMN_DIGITS = 38
# A collation that `expression_sql_sqlite` registers; it compares decimals that are written as text.
COLLATION = "KITH_NUMBER"


class Missing:
    """The value of an element that is not a constant."""


MISSING = Missing()


Links = Callable[[ColumnElement[Any] | None], ColumnElement[bool]]
"""Gives the condition that a list of records holds one, or any at all."""


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A field as the query reads it.

    `element` is the column (of a joined table for a path), `type` its type in the expression language, `scale` the
    digits after the point with which it is stored, `currency` the column beside an amount of money. `nullable` is False
    only for a column that can never be NULL here. `links` stands for a list of records, which has no column. `fold` is
    how an index holds a text: ``order``, ``folded``, or empty when none does.
    """

    element: ColumnElement[Any]
    type: Type
    scale: int = 0
    currency: ColumnElement[Any] | None = None
    nullable: bool = True
    links: Links | None = None
    fold: str = ""
    error: ColumnElement[bool] | None = None
    """Whether the field itself could not be worked out for a row; never NULL."""

    def behind(self, way: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> SqlColumn:
        """Return the same column of a record that a lookup leads to; `way` gives each element of that record."""
        currency = None if self.currency is None else way(self.currency)
        error = None if self.error is None else certain(way(self.error))
        return replace(self, element=way(self.element), currency=currency, nullable=True, fold="", error=error)


@dataclass(frozen=True, slots=True)
class Finder:
    """What finds a text by an index: the element that the index holds, and the fold that made it of the text."""

    element: ColumnElement[Any]
    fold: str
    lowered: bool = False

    def among(self, texts: Sequence[Sql]) -> ColumnElement[bool] | None:
        """Return a condition that holds wherever the text equals a constant; None when the index cannot tell.

        Lower case can make a text longer, and what lists sort by ends at some length.
        """
        if self.lowered and self.fold == "order" and any(len(str(text.value)) > SORT_LENGTH // 2 for text in texts):
            return None
        keys = [FOLDS[self.fold](text.element) for text in texts]
        return self.element.in_(keys) if len(keys) > 1 else self.element == keys[0]

    def beginning(self, text: Sql) -> ColumnElement[bool] | None:
        """Return a condition that holds wherever the text begins with a constant; None when the index cannot tell."""
        if self.fold != "order":
            return None
        last = sa.literal(str(text.value)[: SORT_LENGTH - 1] + LAST_LETTER, sa.Text())
        return sa.and_(self.element >= sort_key(text.element), self.element < sort_key(last))


class SqlBinding(Protocol):
    """What a query gives to the expressions in it."""

    @property
    def dialect_name(self) -> str:
        """Return "sqlite" or "postgresql"."""
        ...

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        """Return the column of a path, joining the looked-up table (outer join) for a longer one."""
        ...

    def me(self) -> Mapping[str, Any]:
        """Return the fields of the person who acts, as `Environment.me`; they become binds."""
        ...

    def now(self) -> datetime:
        """Return the moment of the request, aware and in UTC."""
        ...

    def today(self) -> date:
        """Return the date of today in the person's time zone."""
        ...

    def time_zone(self) -> str:
        """Return the name of the person's time zone."""
        ...


@runtime_checkable
class KnowingBinding(Protocol):
    """A binding that knows the surroundings as the server engine knows them, with roles and settings."""

    @property
    def environment(self) -> Environment:
        """Return the surroundings."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """An element and how to read it: the true number is element * 10 ** -scale; durations count microseconds.

    `wide` marks a decimal written as text (SQLite only). `places` and `digits` bound what stands after and before the
    point. `error` is true for a row whose value is an error value; it is never NULL. `raw` is a text column without the
    care for empty texts, which comparisons with a constant do not need. `value` is known for constants. `late` is the
    present value of a bind that each run gives anew. `finder` is there for a text that an index finds.
    """

    element: ColumnElement[Any]
    type: Type
    scale: int = 0
    wide: bool = False
    places: int = 0
    digits: int = COLUMN_DIGITS
    nullable: bool = True
    error: ColumnElement[bool] | None = None
    currency: ColumnElement[Any] | None = None
    raw: ColumnElement[Any] | None = None
    value: Any = field(default=MISSING)
    links: Links | None = None
    late: Any = field(default=MISSING)
    finder: Finder | None = None

    @property
    def known(self) -> Any:
        """The value of a constant, or the present one of what each run gives anew; else :data:`MISSING`."""
        return self.value if self.constant else self.late

    @property
    def constant(self) -> bool:
        """Whether the value is known before the query runs."""
        return self.value is not MISSING

    @property
    def is_null(self) -> bool:
        """Whether this is the constant blank."""
        return self.value is None

    def failing(self, *errors: ColumnElement[bool] | None) -> Sql:
        """Return the same element with more reasons to be an error value."""
        return replace(self, error=any_error(self.error, *errors))


def any_error(*errors: ColumnElement[bool] | None) -> ColumnElement[bool] | None:
    """Join error conditions; None means that there is no way to fail."""
    found = [error for error in errors if error is not None]
    return None if not found else found[0] if len(found) == 1 else sa.or_(*found)


def certain(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Make a condition two-valued: NULL counts as false."""
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean())


def is_null(element: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether an element is NULL; a condition in brackets, for NOT binds looser than IS NULL."""
    return (Grouping(element) if isinstance(element.type, sa.Boolean) else element).is_(None)


def constant(value: Any, kind: Type, dialect: str) -> Sql:
    """Return a bind for a value of the language."""
    if isinstance(value, Money):
        money = constant(value.amount, kind, dialect)
        currency = sa.literal(value.currency, sa.Text()) if value.currency else None
        return replace(money, currency=currency, value=value)
    if value is None:
        return Sql(null_of(kind, dialect), kind, value=None, wide=dialect == "sqlite" and t.is_number(kind), digits=1)
    if isinstance(value, timedelta):
        microseconds = calendar_rules.microseconds(value)
        return Sql(sa.literal(microseconds, sa.BigInteger()), kind, nullable=False, value=value, digits=19)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _number(value, kind, dialect)
    if isinstance(value, tuple):
        return Sql(sa.null(), kind, nullable=False, value=value)
    stored = value.isoformat() if isinstance(value, time) else value
    return Sql(sa.literal(stored, sql_type(kind, dialect)), kind, nullable=False, value=value)


def _number(value: int | Decimal, kind: Type, dialect: str) -> Sql:
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    digits = max(1, exact.adjusted() + 1)
    if dialect == "sqlite":
        element = sa.literal(f"{exact:f}", sa.Text())
        return Sql(element, kind, wide=True, places=places, digits=digits, nullable=False, value=value)
    element = sa.literal(exact, sa.Numeric())
    return Sql(element, kind, places=places, digits=digits, nullable=False, value=value)


def sql_type(kind: Type, dialect: str) -> Any:
    """Return the SQLAlchemy type of elements of a type of the language."""
    match kind.kind:
        case "boolean":
            return sa.Boolean()
        case "date":
            return IsoDate()
        case "datetime":
            return UtcDateTime()
        case "duration":
            return sa.BigInteger()
        case "integer" | "decimal" | "money" | "percent":
            return sa.Text() if dialect == "sqlite" else sa.Numeric()
    return sa.Text()


def null_of(kind: Type, dialect: str) -> ColumnElement[Any]:
    """Return a NULL that the database knows the type of."""
    if dialect == "sqlite":
        return sa.null()
    concrete: dict[str, Any] = {"date": sa.Date(), "datetime": sa.DateTime(timezone=True)}
    return sa.cast(sa.null(), concrete.get(kind.kind, sql_type(kind, dialect)))


class NumberResult(sa.TypeDecorator[Any]):
    """Reads the result of an expression: a Decimal, or an int where the expression is an integer."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, scale: int, whole: bool) -> None:
        super().__init__()
        self.scale, self.whole = scale, whole

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Turn what the database gives into the exact number."""
        if value is None:
            return None
        number = shifted(value, -self.scale)
        return int(number) if self.whole else number


class DurationResult(sa.TypeDecorator[Any]):
    """Reads a duration that the database holds in microseconds times a power of ten."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def process_result_value(self, value: Any, dialect: Any) -> timedelta | None:
        """Turn the number into a duration."""
        return None if value is None else timedelta(microseconds=int(shifted(value, -self.scale)))


class TimeResult(sa.TypeDecorator[Any]):
    """Reads a time of day."""

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> time | None:
        """Turn the text into a time."""
        return None if value is None else time.fromisoformat(value)


def moment_text(moment: datetime) -> str:
    """Return a moment as SQLite holds it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
