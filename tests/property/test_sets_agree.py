"""Work in sets and work one by one leave the same rows, history, notices, search texts, roll-ups and errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.context import Context
from kith_runtime.marks.store import FOLLOW, turn_mark
from kith_runtime.personal.store import NOTICE
from kith_runtime.queries.search.store import SEARCH
from kith_runtime.records import Operation, Result, ValidationFailed
from kith_runtime.records.store import DELETION, HISTORY
from kith_runtime.tables import link_table_of, table_of
from support.yaml_workspace import YamlWorkspace, yaml_workspace

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "40"))
FIRMS, DEALS = 4, 16

CRM = {
    "crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "crm/firm.yaml": """
        entity: firm
        label: Firm
        fields:
          name: {type: text, required: true, unique: true, search: true}
          blocked: {type: boolean}
          chief: {type: lookup, to: deal, on_delete: clear}
          deals: {type: rollup, over: deal, by: firm, function: count, stored: true, full_rights: true}
          total: {type: rollup, over: deal, by: firm, function: sum, field: amount, where: 'stage != "lost"',
                  stored: true, full_rights: true}
        """,
    "crm/deal.yaml": """
        entity: deal
        label: Deal
        plural: Deals
        fields:
          name: {type: text, required: true, search: true, max_length: 30}
          code: {type: text, unique: true}
          place: {type: integer, min: 0, max: 9}
          day: {type: date}
          stage:
            type: choice
            options: {open: {}, talk: {limit: 3, refuse_over_limit: true}, won: {}, lost: {}}
          firm: {type: lookup, to: firm, on_delete: restrict, where: not blocked}
          twin: {type: lookup, to: deal, on_delete: clear}
          part_of: {type: lookup, to: firm, parent: true}
          amount: {type: integer}
          double: {type: formula, formula: amount * 2, returns: integer, stored: true}
          reason: {type: text, required_if: stage == "lost"}
          secret: {type: text}
          won_on: {type: date}
          friends: {type: lookups, to: firm}
        keys:
          by_place: {fields: [place, day]}
        rules:
          no_negative: {when: amount < 0, refuse: Amounts are positive., at: amount}
          not_back: {when: 'old.stage == "won" and stage == "open"', refuse: A won deal stays won., at: stage}
          small: {when: 'firm.name == "Firm 1" and amount > 90', refuse: Firm 1 buys little., at: amount}
          won: {when: 'stage == "won"', default: {won_on: today()}}
          open_again: {when: 'stage == "open"', set: {won_on: blank}}
        """,
    "crm/line.yaml": """
        entity: line
        label: Line
        ownership: none
        fields:
          name: {type: text, required: true, unique: true}
          deal: {type: lookup, to: deal, parent: true, on_delete: cascade}
        """,
    "crm/roles.yaml": """
        role: rep
        label: Rep
        grants:
          firm: {create: true, read: all, update: all, delete: all}
          deal: {create: true, read: 'stage != "lost"', update: own, delete: own, fields: {secret: none}}
          line: {create: true, read: all, update: all, delete: all}
          base.user: {read: all}
        """,
}


class _TakenBackError(Exception):
    """Ends a transaction of which nothing may stay."""


@pytest.fixture
def filled(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[tuple[YamlWorkspace, Actor, list[str]]]:
    """A workspace with firms, deals of two people, and lines; some deals are in the bin, one with its line."""
    with yaml_workspace(database_url, tmp_path, CRM, clock) as crm:
        ann, bob = crm.person("Ann", "crm.rep"), crm.person("Bob", "crm.rep")
        with crm.writing() as ctx:
            firms = [records.create(ctx, "crm.firm", {"name": f"Firm {number}"}).id for number in range(FIRMS)]
            deals = [_deal(ctx, firms, number, (ann if number % 3 else bob).id) for number in range(DEALS)]
            for number in range(0, DEALS, 2):
                records.create(ctx, "crm.line", {"name": f"Line {number}", "deal": deals[number]})
            records.update(ctx, "crm.deal", deals[2], {"twin": deals[3]})
            records.update(ctx, "crm.deal", deals[9], {"twin": deals[8]})
            records.update(ctx, "crm.deal", deals[8], {"twin": deals[10]})
            records.update(ctx, "crm.firm", firms[3], {"blocked": True, "chief": deals[11]})
        with crm.writing(bob) as ctx:
            turn_mark(ctx, FOLLOW, ("crm.deal", deals[4]))
        with crm.writing() as ctx:
            for number in IN_THE_BIN:
                records.delete(ctx, "crm.deal", deals[number])
        yield crm, ann, [*firms, *deals, ann.id, bob.id]


def _deal(ctx: Context, firms: Sequence[str], number: int, owner: str) -> str:
    values = {
        "name": f"Deal {number}",
        "code": f"C{number}",
        "place": number % 5,
        "day": f"2026-11-{number + 1:02}",
        "stage": ("open", "talk", "won", "open")[number % 4] if number < 8 else "open",
        "firm": firms[number % 3],
        "part_of": firms[number % 2],
        "amount": number * 6,
        "owner": owner,
    }
    return records.create(ctx, "crm.deal", values).id


IN_THE_BIN = (3, 6, 8, 9, 11)
Asked = tuple[str, int, dict[str, Any], int | None]
"""What to do, with which of the known ids, with which values, and the version that was read."""


def _value(name: str, dice: Random) -> Any:
    """Return a value for a field; what begins with a mark is the place of a known id."""
    choices: Mapping[str, Callable[[], Any]] = {
        "name": lambda: dice.choice(("Same", "Other", "", "x" * 40)),
        "code": lambda: dice.choice(("c1", "c2", "C4", "c7", "New", "new", None, f"N{dice.randint(0, 99)}")),
        "place": lambda: dice.randint(0, 10),
        "day": lambda: dice.choice(("2026-11-01", "2026-11-02", "2026-11-06", None)),
        "stage": lambda: dice.choice(("open", "talk", "talk", "won", "lost", "none")),
        "firm": lambda: f"#{dice.randrange(FIRMS)}",
        "twin": lambda: f"#{dice.randrange(FIRMS, FIRMS + DEALS)}",
        "part_of": lambda: f"#{dice.randrange(FIRMS)}",
        "owner": lambda: f"#{FIRMS + DEALS + dice.randrange(2)}",
        "amount": lambda: dice.randint(-5, 120),
        "reason": lambda: dice.choice(("Price", None)),
        "secret": lambda: "No",
        "friends": lambda: [f"#{place}" for place in dice.sample(range(FIRMS), dice.randrange(3))],
    }
    return choices[name]()


_FIELDS = (*("name", "code", "place", "day", "stage", "firm", "owner", "amount", "reason", "friends") * 3,
           "twin", "part_of", "secret")  # fmt: skip


def _work(dice: Random) -> list[Asked]:
    """Return operations: many of one kind and of few fields, as people do them, some with versions, some twice."""
    kind = dice.choice(("update", "update", "update", "restore", "delete"))
    fields = dice.sample(_FIELDS, dice.randint(1, 3))
    common = {name: _value(name, dice) for name in fields} if dice.random() < 0.5 else None
    here = [place for place in range(DEALS) if (place in IN_THE_BIN) == (kind == "restore")]
    places = dice.sample(here, dice.randint(4, len(here)))
    if dice.random() < 0.2:
        places += dice.choices(range(DEALS + 1), k=2)
    versions = (None, None, None, None, 1, 2) if dice.random() < 0.4 else (None,)
    found = []
    for place in places:
        values = common or {name: _value(name, dice) for name in fields if dice.random() < 0.8}
        version = dice.choice(versions) if kind != "restore" else None
        found.append((kind, FIRMS + place, values if kind == "update" else {}, version))
    return found


@settings(
    phases=(Phase.explicit, Phase.generate),
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="KITH_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), as_rep=st.booleans())
def test_sets_come_out_as_one_by_one(filled: tuple[YamlWorkspace, Actor, list[str]], seed: int, as_rep: bool) -> None:
    crm, rep, known = filled
    actor = rep if as_rep else SYSTEM
    operations = [_operation(known, *item) for item in _work(Random(seed))]
    note(repr(operations))
    together, told = _tried(crm, actor, operations, len(operations))
    apart, expected = _tried(crm, actor, operations, 1)
    assert told == expected
    assert together == apart


def _operation(known: list[str], kind: Any, place: int, values: dict[str, Any], version: int | None) -> Operation:
    def real(value: Any) -> Any:
        if isinstance(value, list):
            return [real(item) for item in value]
        return known[int(value[1:])] if isinstance(value, str) and value.startswith("#") else value

    given = {name: real(value) for name, value in values.items()}
    return Operation(kind, "crm.deal", known[place], given, version)


def _tried(
    crm: YamlWorkspace, actor: Actor, operations: Sequence[Operation], size: int
) -> tuple[dict[str, list[str]], list[Any]]:
    """Do the operations in sets of a size, take all back, and return what was in the database and what was told."""
    found: dict[str, list[str]] = {}
    told: list[Any] = []
    with pytest.raises(_TakenBackError), crm.writing(actor, "screen") as ctx:
        for start in range(0, len(operations), size):
            told += [_told(result) for result in records.bulk(ctx, operations[start : start + size])]
        found |= _contents(ctx)
        raise _TakenBackError
    return found, told


def _told(result: Result) -> Any:
    error = result.error
    if isinstance(error, ValidationFailed):
        return sorted((problem.field, problem.code, problem.message, problem.hint) for problem in error.problems)
    if error is not None:
        return error.code, str(error)
    return None if result.record is None else (result.record.version, result.record.values)


def _contents(ctx: Context) -> dict[str, list[str]]:
    tables = [table_of(ctx.published, name) for name in ctx.snapshot.entities()]
    tables += [link_table_of(ctx.published, "crm.deal", "friends"), HISTORY, NOTICE, SEARCH, DELETION]
    return {table.name: _rows(ctx, table) for table in tables}


def _rows(ctx: Context, table: Table) -> list[str]:
    # Ids of what is written here, and numbers that only count on, differ from run to run.
    left_out = {"seq", "trace", "deletion"} | ({"id"} if table in (NOTICE, DELETION) else set())
    columns = [column for column in table.columns if column.name not in left_out]
    return sorted(repr([_plain(value) for value in row]) for row in ctx.connection.execute(select(*columns)))


def _plain(value: Any) -> Any:
    """Return a value as it counts: that nothing of an entity went along may be said or not."""
    return {name: item for name, item in value.items() if item != []} if isinstance(value, dict) else value
