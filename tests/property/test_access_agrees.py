"""Record rights have two engines, SQL and the server's own; whatever the roles and records, they must agree."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from kith_platform.database import Database
from kith_runtime.access import may, record_filter
from kith_runtime.access.rights import Operation
from kith_runtime.actors import Actor
from kith_runtime.published import Published
from kith_runtime.queries.record_values import load_values
from kith_runtime.tables import link_table_of, table_of
from support.apps import DOCUMENTS, NOW, TestApp, open_app, publish

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "60"))
PEOPLE = ("ann", "bob", "cat", "dan")
TEAMS = ("red", "blue")
REGIONS = ("north", "south", "", None)
SCOPES: Mapping[str, tuple[str, ...]] = {
    "crm.account": (
        "none",
        "own",
        "team",
        "all",
        "region == me.region",
        "region != me.region",
        "rating > 2 or owner == me",
        "rating / (rating - 1) > 1",
        "not is_blank(region)",
        'region in ["north", blank]',
        "owner.region == me.region",
        "lower(name) == name and not (rating <= 1)",
        "open_deals > 0",
        "count(deals, amount > this.rating) >= 1",
        'all(deals, stage == "won")',
    ),
    "crm.deal": (
        "none",
        "own",
        "team",
        "all",
        "account.region == me.region",
        "account.owner == me",
        "account.owner.region == me.region",
        "account.open_deals > 1",
        'account_region != "north"',
        "weighted == blank",
        "sum(lines.quantity) > 1 or count(account.deals) > 2",
        'has_role("crm.role0") and done',
        "any(helpers, region == this.account.region)",
        'stage != "won" and amount > 10',
        "amount * 2 >= 20",
        "close_date < today()",
        "account == blank or account.rating >= 2",
        'not (stage in ["new", "lost"])',
        '"hot" in tags',
        "me in helpers",
        'not ("bob" in helpers) and "cat" not in helpers',
        "helpers == blank",
        'helpers != blank and "eve" not in helpers',
        "done",
        "not done",
    ),
    "crm.line": (
        "none",
        "all",
        "quantity > 1",
        "not (quantity == 2)",
        "deal.owner == me",
        "deal.account.owner == me",
        "deal.account.owner.region != me.region",
        'deal.account_region == "north"',
        "me in deal.helpers",
        "is_blank(deal.helpers)",
    ),
}

grants = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({op: st.sampled_from(words) for op in ("read", "update", "delete")})
     for name, words in SCOPES.items()}
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Draw roles, people in teams, and records that point to each other."""
    people = st.sampled_from((*PEOPLE, None))
    accounts = draw(st.lists(st.tuples(people, st.sampled_from(REGIONS), st.none() | st.integers(0, 4)), max_size=4))
    deal = st.tuples(
        people,
        st.none() | st.integers(0, 5),
        st.sampled_from(("new", "won", "lost", None)),
        st.none() | st.integers(-20, 20),
        st.none() | st.booleans(),
        st.none() | st.integers(-3, 3),
        st.booleans(),
        st.sets(st.sampled_from((*PEOPLE, "eve")), max_size=3),
    )
    deals = draw(st.lists(deal, max_size=5))
    lines = draw(st.lists(st.tuples(st.none() | st.integers(0, 6), st.none() | st.integers(0, 3)), max_size=5))
    return {
        "roles": draw(st.lists(grants, min_size=1, max_size=3)),
        "teams": draw(st.fixed_dictionaries({name: st.sets(st.sampled_from(TEAMS)) for name in PEOPLE})),
        "regions": draw(st.fixed_dictionaries({name: st.sampled_from(REGIONS) for name in PEOPLE})),
        "accounts": accounts,
        "deals": deals,
        "lines": lines,
    }


@pytest.fixture
def app(database: Database) -> TestApp:
    """The app with its tables; each example brings its own roles and rows."""
    return open_app(database)


@settings(
    phases=(Phase.explicit, Phase.generate),
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="KITH_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds())
def test_the_policy_and_the_filter_give_the_same_records(app: TestApp, world: dict[str, Any]) -> None:
    note(repr(world))
    app.published = _published(app, world)
    _write(app, world)
    names = frozenset(f"crm.role{number}" for number in range(len(world["roles"])))
    for name in PEOPLE[:2]:
        actor = Actor(
            id=name,
            kind="user",
            name=name,
            roles=names,
            teams=tuple(sorted(world["teams"][name])),
            person={"region": world["regions"][name]},
        )
        for entity in SCOPES:
            for operation in ("read", "update", "delete"):
                _compare(app, actor, entity, operation)


def _compare(app: TestApp, actor: Actor, entity: str, operation: Operation) -> None:
    with app.reading(actor) as ctx:
        table = table_of(ctx.published, entity)
        condition = record_filter(ctx, entity, operation)
        query = select(table.c.id) if condition is None else select(table.c.id).where(condition)
        filtered = set(ctx.connection.execute(query).scalars())
        every = list(ctx.connection.execute(select(table.c.id)).scalars())
        allowed = set()
        for record in every:
            values = load_values(ctx, entity, record)
            assert values is not None
            if may(ctx, entity, operation, values):
                allowed.add(record)
    assert filtered == allowed, f"{actor.name} may {operation} {entity}: {condition}"


def _published(app: TestApp, world: dict[str, Any]) -> Published:
    documents = {key: data for key, data in DOCUMENTS.items() if not key.startswith("role:")}
    for number, granted in enumerate(world["roles"]):
        documents[f"role:crm.role{number}"] = {"label": f"Role {number}", "grants": granted}
    return publish(documents)


def _write(app: TestApp, world: dict[str, Any]) -> None:
    published = app.published
    stamp = {"version": 1, "created_at": NOW, "updated_at": NOW}
    with app.database.write() as connection:
        for entity in ("base.team", "base.user", *SCOPES):
            connection.execute(delete(table_of(published, entity)))
        links = link_table_of(published, "base.user", "teams")
        connection.execute(delete(links))
        for team in TEAMS:
            connection.execute(insert(table_of(published, "base.team")).values(id=team, name=team, **stamp))
        for name in PEOPLE:
            values = {"id": name, "name": name, "region": world["regions"][name], **stamp}
            connection.execute(insert(table_of(published, "base.user")).values(values))
            for team in sorted(world["teams"][name]):
                connection.execute(insert(links).values(record_id=name, target_id=team, position=0))
        connection.execute(
            insert(table_of(published, "base.user")).values(id="eve", name="Eve", deleted_at=NOW, **stamp)
        )
        helpers = link_table_of(published, "crm.deal", "helpers")
        connection.execute(delete(helpers))
        for number, (*_, helping) in enumerate(world["deals"]):
            for place, name in enumerate(sorted(helping)):
                connection.execute(insert(helpers).values(record_id=f"d{number}", target_id=name, position=place))
        for entity, rows in _rows(world).items():
            for row in rows:
                connection.execute(insert(table_of(published, entity)).values({**row, **stamp}))


def _rows(world: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    accounts = [
        {"id": f"a{number}", "name": f"A{number}" if number % 2 else f"a{number}", "owner": owner, "region": region,
         "rating": rating}
        for number, (owner, region, rating) in enumerate(world["accounts"])
    ]  # fmt: skip
    deals = [
        {"id": f"d{number}", "owner": owner, "account": None if account is None else f"a{account}", "stage": stage,
         "amount": amount, "amount__currency": None if amount is None else "EUR", "done": done,
         "close_date": None if days is None else NOW.date().replace(day=NOW.day + days),
         "tags": ["hot"] if tagged else None}
        for number, (owner, account, stage, amount, done, days, tagged, _) in enumerate(world["deals"])
    ]  # fmt: skip
    lines = [
        {"id": f"l{number}", "deal": None if deal is None else f"d{deal}", "quantity": quantity}
        for number, (deal, quantity) in enumerate(world["lines"])
    ]
    return {"crm.account": accounts, "crm.deal": deals, "crm.line": lines}
