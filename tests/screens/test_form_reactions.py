"""Forms react as one types, by the conditions that the server holds; without scripts the server's answer reacts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.screens.form_reactions import holding, plan_text
from kith_runtime.screens.form_shape import form_shape
from kith_runtime.screens.form_state import edit_state, new_state, scope_of
from support.axe import findings
from support.shop import APP
from support.site import Site, signed_in
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    **APP,
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        fields:
          name: {type: text, required: true}
          state: {type: choice, options: {draft: {}, sent: {}, won: {}}, default: draft,
                  offered: {won: {when: amount > 0}}}
          amount: {type: integer, read_only_if: state == "won"}
          cost: {type: integer}
          note: {type: text, required_if: cost > 5}
          reason: {type: text, required_if: old.state == "draft" and is_changed(state)}
          total: {type: formula, returns: integer, formula: amount * 2}
        ---
        form: order
        entity: order
        sections:
          all:
            elements:
              name: {}
              state: {}
              amount: {}
              note: {show_if: cost > 1}
              reason: {show_if: state == "sent"}
              total: {}
        ---
        role: clerk
        label: Clerk
        grants: {order: {create: true, read: all, update: all, fields: {cost: none}}}
        ---
        role: boss
        label: Boss
        grants: {order: {create: true, read: all, update: all}}
        """,
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as opened:
        yield opened


def test_trees_on_fields_that_a_person_may_not_read_stay_on_the_server(shop: YamlWorkspace) -> None:
    with shop.reading(shop.person("Clark", "shop.clerk")) as ctx:
        shape = form_shape(ctx, "shop.order", "new")
        plan = json.loads(plan_text(ctx, shape, {}))
        shown = holding(ctx, shape, new_state(ctx, shape, {}).states, {}, scope_of(ctx))
    assert "cost" not in json.dumps(plan)
    assert (len(plan["show"]), list(plan["required"]), list(plan["offered"])) == (1, ["reason"], ["state"])
    assert shown == {"c0": False, "r_reason": False}
    assert shape.fields["note"].when == ""
    with shop.reading(shop.person("Bea", "shop.boss")) as ctx:
        shape = form_shape(ctx, "shop.order", "new")
        plan = json.loads(plan_text(ctx, shape, {}))
    assert (len(plan["show"]), list(plan["required"]), plan["held"]) == (2, ["note", "reason"], {"cost": None})


def test_a_value_can_be_locked_only_if_it_was_when_the_form_was_drawn(shop: YamlWorkspace) -> None:
    found = []
    for values in ({"state": "draft", "amount": 1}, {"state": "won", "amount": 1}):
        with shop.writing() as ctx:
            record = records.create(ctx, "shop.order", {"name": "A", **values})
        with shop.reading() as ctx:
            shape = form_shape(ctx, "shop.order", "edit")
            plan = json.loads(plan_text(ctx, shape, record.values))
            holds = holding(ctx, shape, edit_state(ctx, shape, record.values).states, record.values, scope_of(ctx))
            found.append((list(plan["locked"]), holds["l_amount"], plan["former"]))
    assert found == [([], False, {"state": "draft"}), (["amount"], True, {"state": "won"})]


def _deal(site: Site, **values: object) -> str:
    account = site.create("sales.account", name=f"Reacting {len(values)}{sorted(values)}")
    return site.create("sales.deal", name="Reacting deal", account=account, **values)


def test_without_scripts_the_form_is_drawn_as_its_values_are(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    opened = visitor.html(f"/e/sales.deal/{_deal(site)}/edit")
    lost = visitor.html(f"/e/sales.deal/{_deal(site, stage='lost', lost_reason='timing')}/edit")
    assert 'data-show="c1" hidden>' in opened
    assert 'data-show="c1">' in lost


def test_a_form_follows_what_is_chosen_and_typed(site: Site, sarah: str, page: Page) -> None:
    record = _deal(site, owner=sarah, amount=1000)
    held: list[Route] = []
    page.route("**/static/form-*.js", lambda route: held.append(route))
    signed_in(page, site, sarah).goto(f"/e/sales.deal/{record}/edit")
    group = page.locator(".k-cond", has_text="Shown because Stage is Lost")
    weighted = page.locator("[data-formula=weighted]")
    expect(weighted).to_have_text("€100.00")
    expect(group).to_be_hidden()
    # What is chosen while the engine is still on its way counts.
    page.locator("#f-stage").select_option("lost")
    expect(group).to_be_hidden()
    assert held
    for route in held:
        route.continue_()
    expect(group).to_be_visible()
    expect(group).to_contain_text("Shown because Stage is Lost")
    expect(group.get_by_label("Lost reason")).to_have_attribute("required", "")
    expect(weighted).to_have_text("€0.00")
    closed, said = page.locator("[name=closed_on]"), page.locator("#f-closed_on")
    expect(closed).to_have_value(re.compile("20..-..-.."))
    expect(said).to_have_value(re.compile("^[A-Z][a-z]{2}, [0-9]+ [A-Z][a-z]{2} 20..$"))
    page.locator("#f-stage").select_option("qualify")
    expect(closed).to_have_value("")
    expect(said).to_have_value("")
    assert findings(page) == []
    page.locator("#f-stage").select_option("proposal")
    expect(group).to_be_hidden()
    page.locator("#f-amount").fill("2,500.50")
    expect(weighted).to_have_text("€1,000.20")
    page.locator("#f-stage").select_option("lost")
    group.get_by_label("Lost reason").select_option("timing")
    page.keyboard.press("Control+s")
    page.wait_for_url(f"**/e/sales.deal/{record}")
    with site.workspace.read(SYSTEM, "system") as ctx:
        assert records.read_record(ctx, "sales.deal", record).values["lost_reason"] == "timing"


def test_a_lookup_offers_what_goes_with_the_other_fields_and_is_emptied_when_it_does_not(
    site: Site, sarah: str, page: Page
) -> None:
    accounts = [site.create("sales.account", name=f"Dependent {name}", owner=sarah) for name in ("ash", "oak")]
    contact = site.create("sales.contact", name="Ann Dependent", account=accounts[0], owner=sarah)
    site.create("sales.contact", name="Bob Dependent", account=accounts[1], owner=sarah)
    deal = site.create("sales.deal", name="Dependent", account=accounts[0], contact=contact, owner=sarah)
    signed_in(page, site, sarah).goto(f"/e/sales.deal/{deal}/edit")
    account, chosen = page.get_by_role("combobox", name="Account"), page.get_by_role("combobox", name="Main contact")
    account.fill("Dependent oak")
    page.get_by_role("option", name="Dependent oak", exact=True).click()
    expect(chosen).to_have_value("")
    expect(page.get_by_text("Ann Dependent does not go with that")).to_be_visible()
    account.fill("Dependent ash")
    page.get_by_role("option", name="Dependent ash", exact=True).click()
    expect(chosen).to_have_value("Ann Dependent")
    chosen.fill("Dependent")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text([re.compile("Ann"), re.compile("New")])


def test_a_record_page_shows_fields_as_its_form_does(site: Site, page: Page, sarah: str) -> None:
    record = _deal(site, owner=sarah, amount=7)
    address = f"/e/sales.deal/{record}"
    visitor = site.visitor(sarah)
    assert 'id="v-lost_reason" data-value hidden>' in visitor.html(address)
    assert 'id="v-lost_reason" data-value hidden>' in visitor.html(f"{address}/print")
    signed_in(page, site, sarah).goto(address)
    reason, stage = page.locator("#v-lost_reason"), page.locator("#v-stage")
    expect(reason).to_be_hidden()
    with site.workspace.write(SYSTEM, "system") as ctx:
        records.update(ctx, "sales.deal", record, {"stage": "lost", "lost_reason": "timing"})
    page.reload()
    expect(reason).to_contain_text("Timing")
    # A change of one value in place lets the others come and go.
    stage.get_by_label("Edit Stage").click()
    expect(stage.locator("select")).to_be_focused()
    stage.locator("select").select_option("proposal")
    page.keyboard.press("Enter")
    expect(stage.locator("select")).to_have_count(0)
    expect(stage).to_contain_text("Proposal")
    expect(reason).to_be_hidden()
    # A section of which nothing is shown has no heading either.
    case = site.create("service.case", subject="Conditional case", status="new", owner=sarah)
    page.goto(f"/e/service.case/{case}")
    empty = page.locator("#details .k-sec:has([data-value][hidden]):not(:has([data-value]:not([hidden])))")
    expect(empty).to_have_count(1)
    expect(empty).to_be_hidden()


def test_a_quick_form_carries_what_its_fields_need(site: Site, page: Page, sarah: str) -> None:
    quick = site.visitor(sarah).html("/e/sales.deal/quick")
    assert 'name="lost_note"' not in quick
    signed_in(page, site, sarah).goto("/e/sales.deal")
    page.keyboard.press("c")
    page.keyboard.press("d")
    dialog = page.locator("dialog.k-newdlg[open]")
    reason = dialog.get_by_label("Lost reason")
    expect(dialog.get_by_label("Stage")).to_be_visible()
    expect(reason).to_be_hidden()
    dialog.get_by_label("Stage").select_option("lost")
    expect(reason).to_be_visible()
    expect(reason).to_have_attribute("required", "")
    assert findings(page) == []
