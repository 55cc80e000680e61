"""Random typed expressions over random records: every engine gives the same value, blank or error on both databases.

`KITH_EXAMPLES` sets how many expressions are tried (default 200 for each database).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kith_metadata.expressions import Checked, ExpressionError, Type, compile_check, parse, render
from kith_metadata.values import Money, Reference
from kith_platform.database import Database
from support.browser_engine import BrowserEngine
from support.expression_bench import (
    ACCOUNTS,
    DEALS,
    ENVIRONMENT,
    FIELDS,
    OPTIONS,
    SCOPE,
    create,
    in_sql,
    outcome,
    stored,
)

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "200"))
# Shrinking pays only in a long run, because each try writes to a database.
PHASES = tuple(Phase) if "KITH_EXAMPLES" in os.environ else (Phase.explicit, Phase.generate)
EFFORT = settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck)
)
LETTERS = "aAbBzZ äÄéÉжЖ%_'\"\\.-9"
EDGES = [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31)]


def decimals(places: int) -> st.SearchStrategy[Decimal]:
    unit = Decimal(1).scaleb(-places)
    small = st.integers(-500, 500).map(lambda n: n * unit)
    large = st.integers(-(10**17), 10**17).map(lambda n: n * unit)
    return st.one_of(st.just(Decimal(0)), small, small.map(lambda n: n * 10**places // 1 * Decimal(1)), large)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, strategy, st.none())


texts = st.text(alphabet=LETTERS, max_size=6)
money = st.builds(Money, decimals(4), st.sampled_from(["EUR", "EUR", "USD"]))
dates = st.one_of(st.sampled_from(EDGES), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
moments = st.integers(-(10**15), 2 * 10**15).map(
    lambda microseconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
durations = st.one_of(st.integers(-200_000, 200_000), st.integers(-(10**11), 10**11)).map(
    lambda seconds: timedelta(seconds=seconds)
)
people = st.sampled_from(["u1", "u2"])
accounts = st.fixed_dictionaries(
    {"id": st.just("a1"), "industry": maybe(texts), "revenue": maybe(money), "owner": maybe(people)}
)
RECORDS = st.fixed_dictionaries(
    {
        "name": maybe(texts),
        "note": maybe(texts),
        "quantity": maybe(st.one_of(st.integers(-9, 9), st.integers(-(2**62), 2**62))),
        "weight": maybe(decimals(2)),
        "factor": maybe(decimals(4)),
        "share": maybe(decimals(2)),
        "amount": maybe(money),
        "budget": maybe(money),
        "active": maybe(st.booleans()),
        "close_date": maybe(dates),
        "start_date": maybe(dates),
        "created_at": maybe(moments),
        "seen_at": maybe(moments),
        "opens": maybe(st.builds(time, st.integers(0, 23), st.integers(0, 59))),
        "effort": maybe(durations),
        "pause": maybe(durations),
        "owner": maybe(people),
        "account": maybe(accounts),
        "subject": maybe(st.just(Reference("sales.account", "a1"))),
        "extra": maybe(st.sampled_from([[], {"a": 1}, "x"])),
        "stage": maybe(st.sampled_from(OPTIONS)),
        "labels": maybe(st.lists(st.sampled_from(["vip", "new"]), max_size=2, unique=True).map(tuple)),
        "team": maybe(st.sampled_from(["t1", "t9"])),
    }
)

LITERALS: dict[str, st.SearchStrategy[str]] = {
    "number": st.one_of(
        st.integers(0, 12).map(str),
        st.sampled_from(["0.1", "0.20", "1.005", "2.5", "100", "0.000000000000000001", "99999999999999999999"]),
    ),
    "text": texts.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    "boolean": st.sampled_from(["true", "false"]),
    "date": st.sampled_from(["today()", "date_of(created_at)", "date_of(now())"]),
    "datetime": st.just("now()"),
    "duration": st.sampled_from(["days(1)", "days(0.5)", "days(-40)", "days(3000000)"]),
    "record": st.just("me"),
}
NAMES: dict[str, list[str]] = {
    "number": ["quantity", "weight", "factor", "share", "amount", "budget", "account.revenue", "stage.probability",
               "stage.order", "me.limit"],
    "text": ["name", "note", "account.industry", "me.region", "stage"],
    "boolean": ["active"],
    "date": ["close_date", "start_date"],
    "datetime": ["created_at", "seen_at"],
    "duration": ["effort", "pause"],
    "record": ["owner", "account.owner", "me", "me.manager"],
}  # fmt: skip
SIGNS = ["==", "!=", "<", "<=", ">", ">="]


def leaves(kind: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(NAMES[kind]), st.sampled_from(NAMES[kind]), LITERALS[kind])


def _later(kind: str, depth: int) -> st.SearchStrategy[str]:
    return st.deferred(lambda: expressions(kind, depth))


def expressions(kind: str, depth: int) -> st.SearchStrategy[str]:
    if depth <= 0:
        return leaves(kind)
    below = {name: _later(name, depth - 1) for name in NAMES}
    choose = st.builds("({} if {} else {})".format, below[kind], below["boolean"], below[kind])
    instead = st.builds("blank_value({}, {})".format, below[kind], below[kind])
    blank = st.builds("({} if {} else blank)".format, below[kind], below["boolean"])
    return st.one_of(leaves(kind), *_more(kind, below), *((choose, instead, blank) if kind != "record" else (choose,)))


def _more(kind: str, below: dict[str, st.SearchStrategy[str]]) -> list[st.SearchStrategy[str]]:
    number, text, day = below["number"], below["text"], below["date"]
    moment, length = below["datetime"], below["duration"]
    build = st.builds
    match kind:
        case "number":
            return [
                build("({} {} {})".format, number, st.sampled_from("+-*/"), number),
                build("-{}".format, number),
                build("round({}, {})".format, number, st.integers(-3, 6)),
                build("{}({})".format, st.sampled_from(["round", "abs"]), number),
                build("{}({}, {})".format, st.sampled_from(["min", "max"]), number, number),
                build("len({})".format, text),
                build("{}({})".format, st.sampled_from(["year", "month", "day"]), day),
                build("({} - {})".format, day, day),
            ]
        case "text":
            return [
                build("({} + {})".format, text, text),
                build("{}({})".format, st.sampled_from(["lower", "upper", "trim"]), text),
            ]
        case "boolean":
            return [*_comparisons(below), *_conditions(below)]
        case "date":
            return [
                build("({} {} {})".format, day, st.sampled_from("+-"), length),
                build("add_months({}, {})".format, day, st.one_of(st.integers(-30, 30).map(str), st.just("quantity"))),
                build("{}({}, {})".format, st.sampled_from(["min", "max"]), day, day),
                build("date_of({})".format, moment),
            ]
        case "datetime":
            return [build("({} {} {})".format, moment, st.sampled_from("+-"), length)]
        case "duration":
            return [
                build("({} {} {})".format, length, st.sampled_from("+-"), length),
                build("({} * {})".format, length, st.sampled_from(["2", "0.3", "quantity", "weight", "share"])),
                build("({} - {})".format, moment, moment),
                build("-{}".format, length),
                build("days({})".format, st.sampled_from(["quantity", "weight", "factor"])),
            ]
    return []


def _comparisons(below: dict[str, st.SearchStrategy[str]]) -> list[st.SearchStrategy[str]]:
    ordered = [
        st.builds("({} {} {})".format, below[kind], st.sampled_from(SIGNS), below[kind])
        for kind in ("number", "text", "date", "datetime", "duration")
    ]
    same = [
        st.builds("({} {} {})".format, below[kind], st.sampled_from(SIGNS[:2]), below[kind])
        for kind in ("boolean", "record")
    ]
    return ordered + ordered[:1] + same


def _conditions(below: dict[str, st.SearchStrategy[str]]) -> list[st.SearchStrategy[str]]:
    boolean, number, text, build = below["boolean"], below["number"], below["text"], st.builds
    anything = st.one_of(*below.values(), st.sampled_from(["labels", "extra", "subject", "opens", "account"]))
    inside = st.sampled_from(["in", "not in"])
    return [
        build("({} {} {})".format, boolean, st.sampled_from(["and", "or"]), boolean),
        build("(not {})".format, boolean),
        build("is_blank({})".format, anything),
        build("({} {} blank)".format, anything, st.sampled_from(SIGNS[:2])),
        build("({} {} {})".format, text, inside, text),
        build("{}({}, {})".format, st.sampled_from(["contains", "starts_with", "ends_with"]), text, text),
        build('({} {} ["aA", "won", blank])'.format, text, inside),
        build("({} {} [1, 0.2, 2.50, 100])".format, number, inside),
        build('(stage {} ["won", "propose"])'.format, inside),
        build("({} {} labels)".format, st.sampled_from(['"vip"', '"new"', "blank"]), inside),
        build("(team {} me.teams)".format, inside),
        build("({} < {} <= {})".format, number, number, number),
        st.sampled_from(['opens > "12:00"', 'close_date >= "2024-02-29"', "subject == blank"]),
    ]


ANY = st.sampled_from(["number", "text", "boolean", "boolean", "boolean", "date", "datetime", "duration"]).flatmap(
    lambda kind: expressions(kind, 3)
)


def _checked(text: str) -> Checked | None:
    """Return the checked expression; None for the few that are put together from types that do not fit."""
    try:
        return compile_check(text, SCOPE)
    except ExpressionError:
        return None


def _same(kind: Type, left: Any, right: Any) -> bool:
    if left is None or right is None or "error" in (left, right):
        return bool(left == right)
    return bool(left == right) and (kind.kind != "boolean" or isinstance(right, bool))


@pytest.fixture
def filled(database: Database) -> Database:
    create(database)
    return database


@pytest.fixture(scope="module")
def browser_engine() -> Iterator[BrowserEngine]:
    with BrowserEngine() as engine:
        yield engine


def test_all_engines_agree(filled: Database, browser_engine: BrowserEngine) -> None:
    seen = {"checked": 0, "refused": 0}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(text=ANY, record=RECORDS)
    def agree(text: str, record: dict[str, Any]) -> None:
        checked = _checked(text)
        seen["refused" if checked is None else "checked"] += 1
        if checked is None:
            return
        expected, found = outcome(checked, record), browser_engine.run(checked, record, ENVIRONMENT)
        assert _same(checked.type, expected, found), f"{text}: {expected!r} on the server, {found!r} in the browser"
        with filled.write() as connection:
            connection.execute(sa.delete(DEALS))
            connection.execute(sa.delete(ACCOUNTS))
            connection.execute(sa.insert(DEALS).values(stored(record)))
            if record["account"]:
                account = record["account"]
                revenue = account["revenue"].amount if account["revenue"] else None
                connection.execute(sa.insert(ACCOUNTS).values({**account, "revenue": revenue}))
            value, matched = in_sql(connection, checked)
        assert _same(checked.type, expected, value), f"{text}: {expected!r} on the server, {value!r} in SQL"
        if checked.type.kind == "boolean":
            assert matched is (expected is True), f"{text}: {expected!r} as a condition"

    agree()
    assert seen["checked"] > seen["refused"]
    assert FIELDS


@EFFORT
@given(text=ANY)
def test_rendering_and_json_keep_the_meaning(text: str) -> None:
    checked = _checked(text)
    if checked is None:
        return
    assert Checked.from_json(checked.to_json()) == checked
    once = render(parse(text))
    assert render(parse(once)) == once
    again = compile_check(once, SCOPE)
    assert (again.type, again.references, again.uses) == (checked.type, checked.references, checked.uses)
