"""Values that follow from the rows of a form are worked out as one types, and are those that the server then gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kith_metadata.expressions import Environment
from kith_metadata.expressions.wire import decode
from kith_metadata.values import ErrorValue, Money
from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope
from kith_runtime.queries.reading import get_shown
from kith_runtime.records import ChildRow, ChildRows, Save
from kith_runtime.scopes import environment_of
from kith_runtime.screens.form_reactions import holding, plan_text
from kith_runtime.screens.form_shape import form_shape
from support.browser_engine import BrowserEngine
from support.shop import APP
from support.site import Site, signed_in
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    **APP,
    "shop/all.yaml": """
        entity: quote
        label: Quote
        plural: Quotes
        ownership: none
        fields:
          name: {type: text, required: true}
          least: {type: decimal, default: 10}
          number: {type: rollup, over: line, by: quote, where: 'kind != "gift"'}
          total: {type: rollup, over: line, by: quote, function: sum, field: total}
          kept: {type: rollup, over: line, by: quote, function: sum, field: total, where: units > 1, stored: true,
                 full_rights: true}
          mean: {type: rollup, over: line, by: quote, function: avg, field: units}
          dearest: {type: rollup, over: line, by: quote, function: max, field: price}
          cheapest: {type: formula, returns: money, formula: 'min(lines.price, units > 0)'}
          taxed: {type: formula, returns: money, formula: total * 1.2}
          share: {type: formula, returns: decimal, scale: 4, formula: 'sum(lines.units) / count(lines, kind == "gift")'}
          each: {type: formula, returns: money, formula: kept / least, stored: true}
          big: {type: formula, returns: boolean, formula: 'any(lines, units > this.least) and all(lines, units > 0)'}
          oldest: {type: formula, returns: text, formula: first(lines.name)}
          behind: {type: formula, returns: integer, formula: 'count(lines, product.name == "x")'}
          reason: {type: text, required_if: 'sum(lines.units) > 40'}
          note: {type: text, required_if: 'all(lines, units > this.least) or total > 90'}
          code: {type: text, read_only_if: number > 2 and old.name != "x"}
          far: {type: text, required_if: 'any(lines, product.name == "x")'}
        ---
        entity: product
        label: Product
        fields: {name: {type: text, required: true}}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          quote: {type: lookup, to: quote, parent: true, required: true, on_delete: cascade}
          product: {type: lookup, to: product}
          name: {type: text, required: true}
          kind: {type: choice, options: {item: {}, gift: {}}, default: item}
          units: {type: integer}
          price: {type: money, currency: EUR}
          off: {type: percent, default: 0}
          total: {type: formula, returns: money, formula: units * price * (1 - off) / 3, stored: true}
        ---
        form: quote
        entity: quote
        sections:
          all:
            elements:
              name: {}
              least: {}
              lines: {element: rows, entity: line, by: quote, columns: [name, units, price, total], sort: [-units]}
              number: {}
              total: {}
              kept: {}
              mean: {}
              dearest: {}
              cheapest: {}
              taxed: {}
              share: {}
              each: {}
              big: {}
              oldest: {}
              behind: {}
              reason: {}
              note: {show_if: 'count(lines, kind == "gift") > 0 and me != blank'}
              code: {}
              far: {}
        """,
}
CONDITIONS = {"r_reason": ("required", "reason"), "r_note": ("required", "note"), "c0": ("show", "c0")}
NAMES = ("number", "total", "kept", "mean", "dearest", "cheapest", "taxed", "share", "each", "big", "oldest")
EUR = "EUR"
LINES: tuple[dict[str, Any], ...] = (
    {"name": "first", "units": 2, "price": Money(Decimal("9.99"), EUR), "off": Decimal("12.5")},
    {"name": "gift", "units": 1, "price": Money(Decimal("0.01"), EUR), "kind": "gift"},
    {"name": "none", "units": None, "price": None},
    {"name": "many", "units": 40, "price": Money(Decimal(7), EUR)},
)


def _plan(ctx: Context, quote: str) -> dict[str, Any]:
    shape = form_shape(ctx, "shop.quote", "edit")
    saved = get_shown(ctx, "shop.quote", quote, ("name", *shape.fields))
    plan: dict[str, Any] = json.loads(plan_text(ctx, shape, saved))
    return plan


def _typed(ctx: Context, plan: Mapping[str, Any], quote: str) -> dict[str, Any]:
    """Return the record as a browser has it: the inputs of the form and its rows, and what came along for the rest."""
    table = plan["rows"]["lines"]
    lines = []
    for key, held in table["held"]:
        line = records.read_record(ctx, "shop.line", key).values
        lines.append({name: line[name] for name in table["fields"]} | {name: decode(held[name]) for name in held})
    values = records.read_record(ctx, "shop.quote", quote).values
    return {"name": values["name"], "least": values["least"], "rows lines": lines}


def _shown(value: Any, scale: int) -> Any:
    number = value.amount if isinstance(value, Money) else value
    return round(Decimal(number), scale) if type(number) in (int, Decimal) else number


def _differences(ctx: Context, browser: BrowserEngine, quote: str) -> dict[str, Any]:
    plan, environment = _plan(ctx, quote), environment_of(ctx)
    assert set(plan["formulas"]) == set(NAMES)
    typed = _typed(ctx, plan, quote)
    saved = records.read_record(ctx, "shop.quote", quote).values
    holds = holding(
        ctx, form_shape(ctx, "shop.quote", "edit"), {}, saved, InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    )
    assert "far" not in plan["required"]
    server = get_shown(ctx, "shop.quote", quote, NAMES)
    found = {}
    for name, shown in plan["formulas"].items():
        worked_out = _asked(browser, shown["tree"], typed, environment)
        right = "error" if isinstance(server[name], ErrorValue) else _shown(server[name], shown["scale"])
        if _shown(worked_out, shown["scale"]) != right:
            found[name] = (worked_out, server[name])
    for name, (kind, field) in CONDITIONS.items():
        judged = _asked(browser, plan[kind][field], typed, environment)
        if (judged is True) != holds[name]:
            found[name] = (judged, holds[name])
    return found


def _asked(browser: BrowserEngine, tree: Any, record: Mapping[str, Any], environment: Environment) -> Any:
    answer = browser.ask(tree, record, environment)
    return decode(answer["value"]) if "value" in answer else "error" if "error" in answer else answer


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Any:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as opened:
        yield opened


def test_the_browser_works_out_what_the_server_gives(shop: YamlWorkspace, clock: FixedClock) -> None:
    with BrowserEngine() as browser:
        with shop.writing() as ctx:
            quote = records.create(ctx, "shop.quote", {"name": "Q", "note": "n", "reason": "r"}).id
        with shop.reading() as ctx:
            assert _differences(ctx, browser, quote) == {}
        for line in LINES:
            clock.advance(seconds=1)
            with shop.writing() as ctx:
                row = ChildRows("lines", "shop.line", "quote", [ChildRow(line)])
                records.save(ctx, Save("shop.quote", {}, quote, children=[row]))
            with shop.reading() as ctx:
                assert _differences(ctx, browser, quote) == {}, line["name"]
        with shop.writing() as ctx:
            records.create(
                ctx, "shop.line", {"name": "$", "quote": quote, "price": Money(Decimal(1), "USD"), "units": 3}
            )
        with shop.reading() as ctx:
            assert _differences(ctx, browser, quote) == {}


def test_rows_that_the_form_does_not_show_whole_are_left_to_the_server(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        quote = records.create(ctx, "shop.quote", {"name": "Q", "note": "n", "reason": "r"}).id
        for number in range(101):
            records.create(ctx, "shop.line", {"name": str(number), "quote": quote})
    with shop.reading() as ctx:
        plan = _plan(ctx, quote)
        assert (list(plan["formulas"]), list(plan["rows"]["lines"]["formulas"])) == ([], ["total"])
        assert (plan["required"], plan["show"]) == ({}, {})


def test_the_sum_of_the_lines_follows_what_is_typed(site: Site, sarah: str, page: Page) -> None:
    account = site.create("sales.account", name="Rows in a form", owner=sarah)
    deal = site.create("sales.deal", name="Rows in a form", account=account, owner=sarah)
    price = {"amount": "10", "currency": "EUR"}
    for name in ("one", "two"):
        site.create("sales.deal_line", deal=deal, name=name, quantity="2", unit_price=price)
    signed_in(page, site, sarah).goto(f"/e/sales.deal/{deal}/edit#t-lines")
    total = page.locator("[data-formula=lines_total]")
    first = page.locator("[data-row]").nth(0)
    expect(total).to_have_text("€40.00")
    first.get_by_label("Quantity").fill("3.5")
    expect(first.locator("[data-row-formula=total]")).to_have_text("€35.00")
    expect(total).to_have_text("€55.00")
    page.locator("[data-row]").nth(1).locator("[data-row-remove]").click()
    expect(total).to_have_text("€35.00")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-rows-add]").click()
    added = page.locator("[data-row]").nth(2)
    # A row in which nothing stands yet is not saved, so it does not count.
    expect(total).to_have_text("€35.00")
    added.get_by_label("Description").fill("three")
    added.get_by_label("Unit price").fill("100")
    added.get_by_label("Discount").fill("25")
    expect(added.locator("[data-row-formula=total]")).to_have_text("€75.00")
    expect(total).to_have_text("€110.00")
    page.locator("[data-save]").click()
    page.wait_for_url(f"**/e/sales.deal/{deal}")
    assert site.visitor(sarah).get(f"/api/v1/sales.deal/{deal}?fields=lines_total").get_json()["lines_total"] == {
        "amount": "110.0000",
        "currency": "EUR",
    }
