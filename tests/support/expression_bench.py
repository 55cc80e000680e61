"""A small table of every column type, its scope, and one expression run through every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from kith_metadata.expressions import (
    AttributeInfo,
    Checked,
    Environment,
    EvaluationError,
    FieldInfo,
    FieldScope,
    compiled,
    evaluate,
    types,
)
from kith_metadata.values import Money
from kith_platform.database import Database
from kith_platform.database.types import IdText, IsoDate, IsoTime, JsonValue, ScaledDecimal, UtcDateTime
from kith_runtime.queries.expression_sql import SqlColumn, error_sql, prepare, to_sql

STAGE = types.choice("sales.deal_stage")
LABELS = types.choices("sales.label")
OPTIONS = ("qualify", "propose", "won")
PROBABILITY = AttributeInfo(types.PERCENT, {"qualify": Decimal(20), "propose": Decimal("62.5"), "won": 100})
ORDER = AttributeInfo(types.INTEGER, {"qualify": 1, "propose": 2})

PLAIN: dict[str, types.Type] = {
    "name": types.TEXT,
    "note": types.TEXT,
    "quantity": types.INTEGER,
    "weight": types.DECIMAL,
    "factor": types.DECIMAL,
    "share": types.PERCENT,
    "amount": types.MONEY,
    "budget": types.MONEY,
    "active": types.BOOLEAN,
    "close_date": types.DATE,
    "start_date": types.DATE,
    "created_at": types.DATETIME,
    "seen_at": types.DATETIME,
    "opens": types.TIME,
    "effort": types.DURATION,
    "pause": types.DURATION,
    "owner": types.record("base.user"),
    "account": types.record("sales.account"),
    "subject": types.record(None),
    "extra": types.JSON,
}
FIELDS: dict[str, FieldInfo] = {
    **{name: FieldInfo(kind, name) for name, kind in PLAIN.items()},
    "stage": FieldInfo(STAGE, "Stage", OPTIONS, {"probability": PROBABILITY, "order": ORDER}),
    "labels": FieldInfo(LABELS, "Labels", ("vip", "new")),
    "team": FieldInfo(types.record("base.team"), "Team"),
}
OTHERS: dict[str, dict[str, FieldInfo]] = {
    "sales.account": {
        "id": FieldInfo(types.record("sales.account")),
        "industry": FieldInfo(types.TEXT),
        "revenue": FieldInfo(types.MONEY),
        "owner": FieldInfo(types.record("base.user")),
    },
    "base.user": {
        "id": FieldInfo(types.record("base.user")),
        "region": FieldInfo(types.TEXT),
        "limit": FieldInfo(types.DECIMAL),
        "manager": FieldInfo(types.record("base.user")),
    },
}
SCOPE = FieldScope("sales.deal", FIELDS, OTHERS)

_SCALES = {"weight": 2, "factor": 4, "share": 2, "amount": 4, "budget": 4}
_TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "choice": sa.Text(),
    "integer": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "date": IsoDate(),
    "datetime": UtcDateTime(),
    "time": IsoTime(),
    "duration": sa.BigInteger(),
    "record": IdText(),
    "json": JsonValue(),
    "choices": JsonValue(),
}
METADATA = sa.MetaData()
DEALS = sa.Table(
    "deals",
    METADATA,
    *[
        sa.Column(name, ScaledDecimal(_SCALES[name]) if name in _SCALES else _TYPES[info.type.kind])
        for name, info in FIELDS.items()
    ],
    sa.Column("key", sa.Integer()),
    sa.Column("amount__currency", sa.Text()),
    sa.Column("budget__currency", sa.Text()),
)
ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", IdText()),
    sa.Column("industry", sa.Text()),
    sa.Column("revenue", ScaledDecimal(4)),
    sa.Column("owner", IdText()),
)
NOW = datetime(2026, 11, 24, 23, 30, 0, 250, tzinfo=UTC)
ME = {"id": "u1", "teams": ("t1", "t2"), "region": "North", "limit": Decimal("100.5"), "manager": None}
ENVIRONMENT = Environment.at(NOW, ME, "Europe/Berlin")
BLANK_RECORD: dict[str, Any] = dict.fromkeys(FIELDS)


@dataclass(frozen=True)
class Binding:
    """Columns of `deals`, outer-joined with `accounts`."""

    dialect_name: str

    def column(self, path: tuple[str, ...]) -> SqlColumn:
        """Return the column of a path of one or two steps."""
        if len(path) == 2:
            info = OTHERS["sales.account"][path[1]]
            return SqlColumn(ACCOUNTS.c[path[1]], info.type, 4 if path[1] == "revenue" else 0)
        name = path[0]
        currency = DEALS.c[f"{name}__currency"] if name in ("amount", "budget") else None
        return SqlColumn(DEALS.c[name], FIELDS[name].type, _SCALES.get(name, 0), currency)

    def me(self) -> Mapping[str, Any]:
        """Return the person."""
        return ENVIRONMENT.me

    def now(self) -> datetime:
        """Return the moment."""
        return ENVIRONMENT.now

    def today(self) -> date:
        """Return the day."""
        return ENVIRONMENT.today

    def time_zone(self) -> str:
        """Return the zone."""
        return ENVIRONMENT.time_zone


def create(database: Database) -> None:
    """Make the empty tables."""
    with database.write() as connection:
        METADATA.create_all(connection)


def stored(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as the row that holds it; `account` is the id of its mapping."""
    row: dict[str, Any] = dict(record)
    for name in ("amount", "budget"):
        money = row[name]
        row[name], row[f"{name}__currency"] = (money.amount, money.currency) if money else (None, None)
    for name in ("effort", "pause"):
        row[name] = None if row[name] is None else int(row[name].total_seconds())
    row["labels"] = list(row["labels"]) if row["labels"] else row["labels"]
    row["account"] = row["account"]["id"] if row["account"] else None
    row["subject"] = row["subject"].id if row["subject"] else None
    return row


def outcome(checked: Checked, record: Mapping[str, Any]) -> Any:
    """Return the value that both Python engines give, or "error"; they must agree."""
    found: list[Any] = []
    for run in (evaluate_of(checked), compiled(checked)):
        try:
            value = run(record, ENVIRONMENT)
            found.append(value.amount if isinstance(value, Money) else value)
        except EvaluationError:
            found.append("error")
    assert found[0] == found[1]
    return found[0]


def evaluate_of(checked: Checked) -> Any:
    """Return the server engine with the signature of the compiled one."""
    return lambda record, environment: evaluate(checked, record, environment)


LEFT_OUT = "left out"


def many_in_sql(connection: sa.Connection, batch: list[Checked]) -> list[list[tuple[Any, bool]]]:
    """Return what `in_sql` returns, for many expressions and for every row in the order of its key.

    An expression that is no condition counts as matched. One that cannot run in SQL, which is told beforehand or when
    it turns out to be too large, has the value `LEFT_OUT`.
    """
    prepare(connection)
    binding = Binding(connection.dialect.name)
    joined = DEALS.outerjoin(ACCOUNTS, ACCOUNTS.c.id == DEALS.c.account)
    columns: list[Any] = []
    for checked in batch:
        try:
            value = to_sql(checked, binding, condition=False)
            where = to_sql(checked, binding) if checked.type.kind == "boolean" else sa.true()
            failing = error_sql(checked, binding)
        except EvaluationError:
            value, where, failing = sa.literal(LEFT_OUT), sa.true(), None
        columns += [
            value.label(f"value_{len(columns)}"),
            (sa.false() if failing is None else failing).label(f"failed_{len(columns)}"),
            sa.case((where, sa.true()), else_=sa.false()).label(f"matched_{len(columns)}"),
        ]
    rows = connection.execute(sa.select(*columns).select_from(joined).order_by(DEALS.c.key)).all()
    found = []
    for row in rows:
        triples = [row[index : index + 3] for index in range(0, len(columns), 3)]
        assert all(value is None for value, failed, _ in triples if failed)
        found.append([("error" if failed else value, bool(matched)) for value, failed, matched in triples])
    return found


def in_sql(connection: sa.Connection, checked: Checked) -> tuple[Any, bool]:
    """Return value (or "error") and, as a condition of WHERE, whether the only row is found."""
    prepare(connection)
    binding = Binding(connection.dialect.name)
    joined = DEALS.outerjoin(ACCOUNTS, ACCOUNTS.c.id == DEALS.c.account)
    failing = error_sql(checked, binding)
    columns = [to_sql(checked, binding, condition=False), sa.false() if failing is None else failing]
    value, failed = connection.execute(sa.select(*columns).select_from(joined)).one()
    matched = False
    if checked.type.kind == "boolean":
        where = to_sql(checked, binding)
        query = sa.select(sa.func.count()).select_from(joined).where(where)
        matched = connection.execute(query).scalar_one() == 1
    if failed:
        assert value is None
        return "error", matched
    return value, matched
