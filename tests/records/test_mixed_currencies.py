"""A roll-up over several currencies has no value: formulas, conditions and filters over it say so, in every engine."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kith_metadata.expressions import EvaluationError, compile_check, evaluate
from kith_metadata.values import ErrorValue, Money
from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.queries import Query, get_json, get_shown, select
from kith_runtime.queries.evaluation import try_on
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.queries.server_formulas import MIXED
from kith_runtime.scopes import EntityScope, environment_of
from support.shop import shop_for_members
from support.visitors import Office
from support.yaml_workspace import Workspace, yaml_workspace

FORMULAS = ("doubled", "twice", "longest", "kept", "known")
SHOP = {
    **shop_for_members("order", "line"),
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        ownership: none
        fields:
          name: {type: text, required: true}
          note: {type: text, required_if: "held > 5"}
          parent: {type: lookup, to: order}
          worth: {type: rollup, over: line, by: order, function: sum, field: price}
          held: {type: rollup, over: line, by: order, function: sum, field: price, stored: true, full_rights: true}
          doubled: {type: formula, returns: money, formula: worth * 2}
          twice: {type: formula, returns: money, formula: held * 2}
          longest: {type: formula, returns: money, formula: "blank_value(doubled, worth)"}
          kept: {type: formula, returns: money, formula: held * 3, stored: true, full_rights: true}
          known: {type: formula, returns: text, formula: '"none" if is_blank(worth) else "some"'}
          above: {type: formula, returns: money, formula: parent.worth * 2}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          name: {type: text, required: true}
          order: {type: lookup, to: order}
          price: {type: money, currency: EUR}
        ---
        view: orders
        entity: order
        label: Orders
        columns: {name: {}, doubled: {}, twice: {}, kept: {}, known: {}, above: {}}
        """,
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Workspace]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as found:
        yield found


def filled(shop: Workspace) -> tuple[str, str]:
    """Make an order over two currencies and one below it that has no lines; return their ids."""
    with shop.writing() as ctx:
        mixed = records.create(ctx, "shop.order", {"name": "Mixed"}).id
        below = records.create(ctx, "shop.order", {"name": "Below", "parent": mixed}).id
        plain = records.create(ctx, "shop.order", {"name": "Plain"}).id
        for order, code in ((mixed, "EUR"), (mixed, "USD"), (plain, "EUR")):
            records.create(ctx, "shop.line", {"name": code, "order": order, "price": Money(Decimal(7), code)})
    return mixed, below


def on_the_server(ctx: Context, record: str, text: str) -> Any:
    checked = compile_check(text, EntityScope(ctx.snapshot, "shop.order"))
    try:
        return evaluate(checked, RecordValues(ctx, "shop.order", record), environment_of(ctx))
    except EvaluationError as error:
        return str(error)


def test_the_reason_goes_through_every_formula(shop: Workspace, clock: FixedClock) -> None:
    mixed, below = filled(shop)
    with shop.reading() as ctx:
        shown = get_shown(ctx, "shop.order", mixed, FORMULAS)
        assert {name: shown[name] for name in FORMULAS} == dict.fromkeys(FORMULAS, ErrorValue(MIXED))
        told = get_json(ctx, "shop.order", mixed)["_reasons"]
        assert {name: told[name] for name in FORMULAS} == dict.fromkeys(FORMULAS, MIXED)
        # What stands behind a lookup brings its reason along; an order without lines is blank for no reason.
        assert get_json(ctx, "shop.order", below)["_reasons"] == {"above": MIXED}
        rows = select(ctx, Query("shop.order", ("doubled", "known"), sort=("name",), reasons=True)).rows
        assert rows == [(None, "none"), (ErrorValue(MIXED),) * 2, (Money(Decimal(14), "EUR"), "some")]
    page = Office(shop, clock).signed_in("Ann", "member").get("/e/shop.order").get_data(as_text=True)
    assert page.count(MIXED) >= 5


def test_engines_agree_on_conditions_over_it(shop: Workspace) -> None:
    mixed, below = filled(shop)
    with shop.reading() as ctx:
        for name in ("worth", "held"):
            for text in (f"{name} == blank", f"is_blank({name})", f"{name} > 5", f"not ({name} > 5)", f"{name} * 2"):
                assert on_the_server(ctx, mixed, text) == MIXED, text
            assert on_the_server(ctx, mixed, f"if_error({name} * 2, blank) == blank") is True
            assert on_the_server(ctx, mixed, f"if_error({name}, blank) == blank") is True
            assert on_the_server(ctx, below, f"{name} == blank") is True

            def names(where: str) -> set[str]:
                return {row[0] for row in select(ctx, Query("shop.order", ("name",), where=where)).rows}

            assert names(f"{name} == blank") == {"Below"}
            assert names(f"not ({name} == blank)") == {"Plain"}
            assert names(f"{name} > 5") == {"Plain"}
            assert names(f"if_error({name}, blank) == blank") == {"Below", "Mixed"}
            assert names(f"parent.{name} == blank") == {"Plain", "Mixed"}
        (whole, *_) = try_on(ctx, "shop.order", "worth * 2", mixed)
        assert whole.error == MIXED
