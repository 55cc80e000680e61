"""Fields beyond what fits into a row: kept together in one JSON column, and used like columns everywhere else.

A table has a limit of columns, and PostgreSQL one of bytes in a row. Publish therefore decides which fields of a very
wide entity share the column :data:`OVERFLOW`. Such a field is an :class:`OverflowColumn` of its table: a statement
writes it as a typed extract of the document, so that conditions, sorts, groups, formulas and indexes take it like any
other column. Writers pack values with :func:`packed` and :func:`assignments`; an update merges the keys that it writes
in SQL, so two people who change different fields never lose each other's change.

The document holds texts, whole numbers and booleans only (JSON values as text), and no blank ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Alias,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    FromClause,
    Numeric,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    collate,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from kith_platform.database.json_text import dump_json, load_json
from kith_platform.database.types import IdText, IsoDate, IsoTime, JsonValue, ScaledDecimal, UtcDateTime
from kith_runtime.storage import StoredColumn
from kith_runtime.tables.physical import column_type

OVERFLOW = "kith__overflow"
"""The name of the shared column; no field can have it, because names of fields hold no double underscore."""

WRITTEN = "kith_written"
"""The name of the parameter that holds the changed fields of the shared column."""

_SHAPE = "kith_overflow_shape"


class OverflowColumn(Column[Any]):
    """A field inside the shared column; it is no column of the database and part of no CREATE TABLE."""

    inherit_cache = True


class _Blank(dict[str, Any]):
    """The values of a document; a field that is not in it is blank."""

    def __missing__(self, name: str) -> None:
        return None


class OverflowValues(JsonValue):
    """The shared column in Python: a dictionary of the values of its fields, blank ones missing.

    ``shape`` maps names to the types of the fields. It is compared by identity: a table has one.
    """

    cache_ok = True

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Bind a dictionary of Python values."""
        inner = super().bind_processor(dialect)
        encoders = {name: _encoder(kind, dialect) for name, kind in self.shape.types.items()}

        def bind(values: Any) -> Any:
            if values is None:
                return None
            written = {name: None if value is None else encoders[name](value) for name, value in values.items()}
            return written if inner is None else inner(written)

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Give a dictionary of Python values; also when there is none at all."""
        inner = super().result_processor(dialect, coltype)
        decoders = {name: decoder(kind) for name, kind in self.shape.types.items()}

        def read(stored: Any) -> Any:
            document = {} if stored is None else stored if inner is None else inner(stored)
            # Fields that were dropped keep their values in the document; nobody reads them here.
            return _Blank((name, decoders[name](value)) for name, value in document.items() if name in decoders)

        return read


class Shape:
    """The types of the fields in one shared column."""

    def __init__(self, columns: Iterable[OverflowColumn]) -> None:
        self.types: Mapping[str, TypeEngine[Any]] = {column.name: column.type for column in columns}


def columns_of(stored: Iterable[StoredColumn]) -> list[Column[Any]]:
    """Return stored columns for a new table: the physical ones, the shared one when it is needed, and those in it."""
    physical: list[Column[Any]] = []
    shared: list[OverflowColumn] = []
    for column in stored:
        kind = column_type(column.kind, column.scale)
        if column.overflow:
            shared.append(OverflowColumn(column.name, kind, system=True))
        else:
            physical.append(Column(column.name, kind))
    return [*physical, Column(OVERFLOW, OverflowValues(Shape(shared))), *shared] if shared else physical


def overflow_names(table: Table) -> frozenset[str]:
    """Return the names of the fields that share a column; none for an ordinary table."""
    found: frozenset[str] | None = table.info.get(_SHAPE)
    if found is None:
        found = frozenset(column.name for column in table.columns if isinstance(column, OverflowColumn))
        table.info[_SHAPE] = found
    return found


def whole(table: Table) -> Select[Any]:
    """Return the statement that reads all columns of a table; fields in the shared column come in its dictionary."""
    if not overflow_names(table):
        return select(table)
    return select(*[column for column in table.columns if not isinstance(column, OverflowColumn)])


def packed(table: Table, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters of an INSERT, with the fields of the shared column put into it."""
    shared = overflow_names(table)
    if not shared:
        return row
    kept = {name: value for name, value in row.items() if name not in shared}
    document = {name: value for name, value in row.items() if name in shared and value is not None}
    return {**kept, OVERFLOW: document or None}


def parameters(table: Table, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters of an UPDATE whose SET :func:`bound` makes of their names."""
    shared = overflow_names(table)
    changes = {name: row[name] for name in row if name in shared}
    return {**{name: value for name, value in row.items() if name not in shared}, WRITTEN: changes} if changes else row


def bound(table: Table, names: Iterable[str]) -> dict[str, Any]:
    """Return the SET of a prepared UPDATE for the names that :func:`parameters` gives."""
    return {
        OVERFLOW if name == WRITTEN else name: (
            _Merged(table.c[OVERFLOW], bindparam(WRITTEN, None, table.c[OVERFLOW].type))
            if name == WRITTEN
            else bindparam(name)
        )
        for name in names
    }


def assignments(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the SET of an UPDATE with its values in it."""
    given = dict(parameters(table, values))
    if WRITTEN in given:
        column = table.c[OVERFLOW]
        given[OVERFLOW] = _Merged(column, literal(given.pop(WRITTEN), column.type))
    return given


def raw_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a field of the shared column as the text in the document, for indexes that only compare for equality."""
    return _RawText(column)


def decoder(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """Return what turns a value of the document, which is not blank, into the Python value of a field's type."""
    if isinstance(kind, ScaledDecimal):
        unit = Decimal(1).scaleb(-kind.scale)
        # SQLite counts in units, as its columns do; PostgreSQL writes the number.
        return lambda value: Decimal(value) * unit if isinstance(value, int) else Decimal(value)
    return next((read for known, read in _DECODERS.items() if isinstance(kind, known)), _same)


def driver_value(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what turns a value of the document into what the driver gives for a column; None when they are the same.

    A document of SQLite holds what its columns would, and PostgreSQL keeps times of day as text.
    """
    return None if dialect.name == "sqlite" or isinstance(kind, IdText) else decoder(kind)


def _encoder(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """Return what turns a Python value into a value of the document; the column's own type refuses what is unfit."""
    if isinstance(kind, JsonValue):
        return dump_json
    check = kind.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(kind, ScaledDecimal):
        return lambda value: check(value) if dialect.name == "sqlite" else format(check(value), "f")  # type: ignore[misc]
    if isinstance(kind, IsoDate):
        return lambda value: value.isoformat()
    if isinstance(kind, UtcDateTime):
        return lambda value: value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    if isinstance(kind, IsoTime):
        return lambda value: value.isoformat(timespec="seconds")
    return _same


def _same(value: Any) -> Any:
    return value


_DECODERS: Mapping[type[TypeEngine[Any]], Callable[[Any], Any]] = {
    JsonValue: load_json,
    IsoDate: date.fromisoformat,
    UtcDateTime: datetime.fromisoformat,
    IsoTime: time.fromisoformat,
    Boolean: bool,
}


class _Merged(FunctionElement[Any]):
    """The shared column with some of its fields changed; a blank value takes a field out of the document."""

    inherit_cache = True
    name = "kith_merged"


class _RawText(FunctionElement[Any]):
    inherit_cache = True
    name = "kith_raw_text"
    type = Text()


@compiles(_Merged, "sqlite")
def _merge_sqlite(element: _Merged, compiler: SQLCompiler, **options: Any) -> str:
    document, changes = element.clauses
    return compiler.process(func.json_patch(func.coalesce(document, literal_column("'{}'")), changes), **options)


@compiles(_Merged, "postgresql")
def _merge_postgresql(element: _Merged, compiler: SQLCompiler, **options: Any) -> str:
    document, changes = element.clauses
    held = func.coalesce(document, cast(literal_column("'{}'"), JSONB), type_=JSONB)
    return compiler.process(func.jsonb_strip_nulls(held.op("||")(changes)), **options)


@compiles(_RawText)
def _write_raw_text(element: _RawText, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return "(" + compiler.process(_extract(column, compiler.dialect), **options) + ")"


@compiles(OverflowColumn)
def _write_column(column: OverflowColumn, compiler: SQLCompiler, **options: Any) -> str:
    holder: FromClause | None = column.table
    while isinstance(holder, Alias):
        holder = holder.element
    if not isinstance(holder, Table):
        # The column of a subquery that has worked it out already.
        return compiler.visit_column(column, **options)
    note = options.pop("add_to_result_map", None)
    targets = options.pop("result_map_targets", ())
    if note is not None:
        note(column.name, column.name, (column, column.name, column.key, *targets), column.type)
    found = _extract(column, compiler.dialect)
    if compiler.dialect.name == "postgresql":
        found = _typed(found, column.type)
    return "(" + compiler.process(found, **options) + ")"


def _extract(column: Any, dialect: Dialect) -> ColumnElement[Any]:
    document = column.table.c[OVERFLOW]
    if dialect.name == "sqlite":
        return func.json_extract(document, literal_column("'$." + column.name + "'"))
    text: ColumnElement[Any] = document.op("->>", return_type=Text())(literal_column("'" + column.name + "'"))
    return text


def _typed(found: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(kind, IdText):
        return collate(found, "C")
    if isinstance(kind, ScaledDecimal):
        return cast(found, Numeric(38, kind.scale))
    wanted = next((physical for known, physical in _POSTGRESQL.items() if isinstance(kind, known)), None)
    return found if wanted is None else cast(found, wanted)


_POSTGRESQL: Mapping[type[TypeEngine[Any]], TypeEngine[Any]] = {
    BigInteger: BigInteger(),
    Boolean: Boolean(),
    IsoDate: Date(),
    UtcDateTime: DateTime(timezone=True),
    JsonValue: JSONB(),
}
