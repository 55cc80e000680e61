"""Statements that every request runs, handed to the driver without the work that is the same each time.

SQLAlchemy's own way to execute a statement costs as much as a small statement does in the database. A
:class:`Prepared` statement is compiled once for each open database; a call converts the values, executes and converts
the rows. Transactions, types and errors stay those of SQLAlchemy.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one driver. ``binds`` and ``columns`` are converters by name and by place, where one is needed.

    ``order`` holds the names of the binds where the driver takes them by place.
    """

    sql: str
    names: tuple[str, ...]
    by_place: bool
    constants: Mapping[str, Any]
    binds: tuple[tuple[str, Convert], ...]
    columns: tuple[tuple[int, Convert], ...]
    selected: tuple[str, ...]
    row: Callable[[Sequence[Any]], Any]

    def given(self, values: Mapping[str, Any]) -> Any:
        found = {**self.constants, **values}
        for name, convert in self.binds:
            found[name] = convert(found[name])
        names = self.names
        return tuple([found[name] for name in names]) if self.by_place else {name: found[name] for name in names}

    def cells(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self.columns:
            return row
        cells = list(row)
        for place, convert in self.columns:
            cells[place] = convert(cells[place])
        return cells


class Prepared:
    """A statement compiled once for each open database.

    Values are given by the names of its binds, every one of them at each call; lists of any length are not. ``columns``
    names the columns of an INSERT. Rows have the names of the selected columns as attributes.

    Example::

        _FIND = Prepared(select(TABLE.c.id, TABLE.c.name).where(TABLE.c.id == bindparam("wanted")))
        row = _FIND.first(connection, {"wanted": "a"})
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: WeakKeyDictionary[Dialect, _Compiled] = WeakKeyDictionary()

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Execute and return all rows."""
        compiled = self._for(connection)
        return [compiled.row(compiled.cells(row)) for row in self._fetch(connection, compiled, values)]

    def mappings(self, connection: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Execute and return all rows as dictionaries by column name."""
        compiled = self._for(connection)
        names = compiled.selected
        fetched = self._fetch(connection, compiled, values)
        return [dict(zip(names, compiled.cells(row), strict=True)) for row in fetched]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any | None:
        """Execute and return the first row, or None when there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Execute a statement that gives no rows."""
        compiled = self._for(connection)
        self._run(connection, compiled, compiled.given(values), many=False).close()

    def execute_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once for each of some rows of values."""
        compiled = self._for(connection)
        given = [compiled.given(row) for row in rows]
        # Drivers open a batch for many rows, which costs more than one row does.
        many = len(given) != 1
        self._run(connection, compiled, given if many else given[0], many=many).close()

    def _fetch(self, connection: Connection, compiled: _Compiled, values: Mapping[str, Any]) -> Sequence[Any]:
        cursor = self._run(connection, compiled, compiled.given(values), many=False)
        try:
            rows: Sequence[Any] = cursor.fetchall()
        finally:
            cursor.close()
        return rows

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = _compile(self._statement, self._columns, dialect)
        return found

    def _run(self, connection: Connection, compiled: _Compiled, given: Any, *, many: bool) -> Any:
        raw = connection.connection
        cursor: Any = raw.cursor()
        try:
            if many:
                cursor.executemany(compiled.sql, given)
            else:
                cursor.execute(compiled.sql, given)
        except connection.dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise _fault(connection, compiled.sql, given, error) from error
        return cursor


def last_row(connection: Connection, script: str) -> Any | None:
    """Send constant statements in one round trip and return the first row of the last one.

    For PostgreSQL only; the statements are divided by semicolons and take no values.
    """
    cursor: Any = connection.connection.cursor()
    try:
        # The driver would prepare what it sees often, and the server prepares one statement at a time only.
        cursor.execute(script, prepare=False)
        while cursor.nextset():
            pass
        return cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _fault(connection, script, None, error) from error
    finally:
        cursor.close()


def _fault(connection: Connection, sql: str, given: Any, error: Exception) -> BaseException:
    """Wrap a driver's error as SQLAlchemy does, so that the database service understands it."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cast("Any", error), connection.connection, None)
    if lost:
        connection.invalidate()
    base = dialect.loaded_dbapi.Error
    found = DBAPIError.instance(sql, given, error, base, connection_invalidated=lost, dialect=dialect)
    return cast("BaseException", found)


def _compile(statement: Any, columns: Sequence[str] | None, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    binds, constants = {}, {}
    for bind, name in compiled.bind_names.items():
        if not bind.required:
            constants[name] = bind.effective_value
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            binds[name] = convert
    selected = list(getattr(statement, "exported_columns", ()) or ())
    results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in selected]
    selected_names = tuple(column.name for column in selected)
    # Columns of business tables may bear words that Python keeps for itself; these are read by place or by name.
    row: Any = namedtuple("Row", selected_names, rename=True)  # type: ignore[misc]
    return _Compiled(
        sql=str(compiled),
        names=tuple(compiled.positiontup or ()) if compiled.positional else tuple(compiled.params),
        by_place=bool(compiled.positional),
        constants=constants,
        binds=tuple(binds.items()),
        columns=tuple((place, convert) for place, convert in enumerate(results) if convert is not None),
        selected=selected_names,
        row=row._make,
    )
