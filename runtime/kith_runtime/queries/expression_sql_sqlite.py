"""SQLite's own part: what it cannot compute exactly by itself runs the same Python code as the server engine.

SQLite turns an integer that overflows into a float and knows only ASCII letters. So arithmetic, rounding, calendar and
case run as functions on the connection; plain comparisons of columns need none of them and use their indexes.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from kith_metadata.expressions import calendar_rules
from kith_metadata.expressions.engine import apply
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.exact import add, shifted
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.values import Money
from kith_runtime.queries.expression_sql_values import COLLATION, moment_text

_INSTALLED = "kith_expressions"
_NOWHEN = datetime(1970, 1, 1, tzinfo=UTC)
_LONG = 200


def prepare(connection: Connection) -> None:
    """Install the functions on a SQLite connection before its first query with an expression; else do nothing.

    It costs a dictionary look-up when the connection has them already, so call it before every such query.
    """
    if connection.dialect.name != "sqlite" or connection.info.get(_INSTALLED):
        return
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        install(raw)
    connection.info[_INSTALLED] = True


def install(connection: sqlite3.Connection) -> None:
    """Install the functions and the collation on a connection of Python's sqlite3."""
    connection.create_function("kith_call", -1, _call, deterministic=True)
    connection.create_function("kith_fails", -1, _fails, deterministic=True)
    connection.create_function("kith_number", 2, _widened, deterministic=True)
    total: Any = _Sum
    connection.create_aggregate("kith_sum", 1, total)
    connection.create_collation(COLLATION, _compare)


class _Sum:
    """The exact sum of decimals that are written as text."""

    def __init__(self) -> None:
        self._total: Any = None

    def step(self, value: Any) -> None:
        """Add a value; a blank one counts for nothing."""
        if value is not None:
            number = Decimal(value)
            self._total = number if self._total is None else add(self._total, number)

    def finalize(self) -> str | None:
        """Return the sum as text."""
        return None if self._total is None else f"{self._total:f}"


def _widened(value: Any, scale: int) -> str | None:
    return None if value is None else f"{shifted(value, -scale):f}"


def _compare(left: str, right: str) -> int:
    first, second = Decimal(left), Decimal(right)
    return (first > second) - (first < second)


def _call(name: str, zone: str, *arguments: Any) -> Any:
    """Run an operator or function; arguments come in triples of kind, value and scale. An error gives NULL."""
    return _outcome(name, zone, arguments)[0]


def _fails(name: str, zone: str, *arguments: Any) -> int:
    """Tell whether `kith_call` with the same arguments gives an error value."""
    return _outcome(name, zone, arguments)[1]


def _outcome(name: str, zone: str, arguments: tuple[Any, ...]) -> tuple[Any, int]:
    """Return the value as the database has it, and 1 where it is an error value.

    A statement asks for the same several times: whether it fails, what it gives, its currency. So outcomes are kept for
    a while; not those of long texts, for their size, nor of floats, of which equal ones are not always written alike.
    """
    if any(len(one) > _LONG if type(one) is str else type(one) is float for one in arguments):
        return _run(name, zone, arguments)
    return _kept(name, zone, arguments)


def _run(name: str, zone: str, arguments: tuple[Any, ...]) -> tuple[Any, int]:
    try:
        values = [_decoded(*arguments[index : index + 3]) for index in range(0, len(arguments), 3)]
        return _encoded(apply(name, Environment(_NOWHEN, _NOWHEN.date(), {}, zone), values)), 0
    except EvaluationError:
        return None, 1


_kept = lru_cache(maxsize=4_096)(_run)


def _decoded(kind: str, value: Any, scale: int) -> Any:
    if value is None:
        return None
    match kind:
        case "integer":
            return int(shifted(value, -scale))
        case "decimal" | "money" | "percent":
            return shifted(value, -scale)
        case "duration":
            return timedelta(microseconds=int(shifted(value, -scale)))
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
    return value


def _encoded(value: Any) -> Any:
    match value:
        case Money():
            return f"{value.amount:f}"
        case Decimal():
            return f"{value:f}"
        case bool():
            return int(value)
        case int():
            return str(value)
        case timedelta():
            return calendar_rules.microseconds(value)
        case datetime():
            return moment_text(value)
        case date() | time():
            return value.isoformat()
    return value
