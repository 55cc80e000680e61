"""The SQL engine on one database: the records of a question become rows of a table, one statement answers for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa

from conformance.cases import ERROR
from conformance.engines import NotApplicable, Question
from kith_metadata.expressions import Environment, EvaluationError
from kith_metadata.expressions.types import Type
from kith_platform.database import Database
from kith_platform.database.types import IsoDate, ScaledDecimal, UtcDateTime
from kith_runtime.queries.expression_sql import SqlColumn, error_sql, prepare, sql_support, to_sql

MAX_PLACES, MAX_DIGITS = 12, 18
_PLAIN: Mapping[str, Any] = {
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "date": IsoDate(),
    "datetime": UtcDateTime(),
}


@dataclass(frozen=True)
class _Binding:
    """The columns of one table of rows."""

    dialect_name: str
    columns: Mapping[str, SqlColumn]
    environment: Environment

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        """Return the column of a field."""
        return self.columns[path[0]]

    def me(self) -> Mapping[str, Any]:
        """Return the person."""
        return self.environment.me

    def now(self) -> datetime:
        """Return the moment."""
        return self.environment.now

    def today(self) -> date:
        """Return the day."""
        return self.environment.today

    def time_zone(self) -> str:
        """Return the zone."""
        return self.environment.time_zone


class SqlEngine:
    """Answers by SQL on a database, in a transaction that is rolled back."""

    def __init__(self, name: str, database: Database) -> None:
        self.name, self._database, self._numbers = name, database, count(1)

    def answers(self, question: Question) -> list[Any]:
        """Return the answers; a record whose numbers fit no column cannot be asked."""
        problems = sql_support(question.checked)
        if problems:
            return [NotApplicable(problems[0].message)] * len(question.records)
        answers: list[Any] = [NotApplicable("a number has more digits than a column holds")] * len(question.records)
        with self._database.write() as connection:
            prepare(connection)
            for scales, indexes in _grouped(question).items():
                for index, answer in zip(indexes, self._ask(connection, question, scales, indexes), strict=True):
                    answers[index] = answer
        return answers

    def _ask(
        self, connection: sa.Connection, question: Question, scales: tuple[int, ...], indexes: Sequence[int]
    ) -> list[Any]:
        types = dict(zip(question.fields, scales, strict=True))
        with self._table(connection, question.fields, types) as table:
            rows = [{"row": index, **question.records[index]} for index in indexes]
            connection.execute(table.insert(), rows)
            columns = {name: SqlColumn(table.c[name], kind, types[name]) for name, kind in question.fields.items()}
            binding = _Binding(connection.dialect.name, columns, question.environment)
            try:
                failing = error_sql(question.checked, binding)
                value = to_sql(question.checked, binding, condition=False)
            except EvaluationError as error:
                return [NotApplicable(str(error))] * len(indexes)
            query = sa.select(value, sa.false() if failing is None else failing).select_from(table)
            found = connection.execute(query.order_by(table.c.row)).all()
        return [ERROR if failed else answer for answer, failed in found]

    @contextmanager
    def _table(
        self, connection: sa.Connection, fields: Mapping[str, Type], scales: Mapping[str, int]
    ) -> Iterator[sa.Table]:
        columns = [
            sa.Column(name, ScaledDecimal(scales[name]) if scales[name] >= 0 else _PLAIN[kind.kind])
            for name, kind in fields.items()
        ]
        table = sa.Table(
            f"question_{next(self._numbers)}", sa.MetaData(), sa.Column("row", sa.Integer()), *columns,
            prefixes=["TEMPORARY"],
        )  # fmt: skip
        table.create(connection)
        try:
            yield table
        finally:
            table.drop(connection)


def _grouped(question: Question) -> dict[tuple[int, ...], list[int]]:
    """Group records by the number of places that each of their numbers needs (-1: no number)."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, record in enumerate(question.records):
        scales = tuple(_scale(record[name], kind) for name, kind in question.fields.items())
        if max(scales, default=0) <= MAX_PLACES:
            groups.setdefault(scales, []).append(index)
    return groups


def _scale(value: Any, kind: Type) -> int:
    if kind.kind not in ("decimal", "percent"):
        return -1
    if value is None:
        return 0
    places = max(0, -int(value.normalize().as_tuple().exponent))
    # Too large a number is put among those that do not fit.
    return places if abs(Decimal(value)).scaleb(places) < 2**63 else MAX_PLACES + 1
