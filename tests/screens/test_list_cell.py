"""Cells of a list changed where they stand, two people on one cell, and rows that change while they are on screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import get
from support.axe import findings
from support.site import Site, Visitor, signed_in

pytestmark = pytest.mark.screen

PART = {"HX-Request": "true"}


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def product(site: Site) -> str:
    with site.workspace.read(SYSTEM, "system") as ctx:
        code = f"CW-{ctx.now.timestamp()}"
    price = {"amount": "5", "currency": "EUR"}
    return site.create("sales.product", name=f"Cellwork {code}", code=code, family="sensor", list_price=price)


def saved(site: Site, record: str, *names: str) -> dict[str, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, "sales.product", record, names)


def change(site: Site, record: str, **values: Any) -> None:
    with site.workspace.write(SYSTEM, "system") as ctx:
        records.update(ctx, "sales.product", record, values)


def sent(part: str, **values: str) -> dict[str, str]:
    """Return what a drawn editor sends, with some values changed."""
    found = dict(re.findall(r'name="(_version|_before)" value="([^"]*)"', part))
    return {name: value.replace("&#34;", '"') for name, value in found.items()} | values


class TestWithoutABrowser:
    def test_a_cell_is_saved_by_the_rules_of_the_form_and_taken_back(
        self, site: Site, olga: Visitor, product: str
    ) -> None:
        at = f"/e/sales.product/{product}/cell/warranty_months"
        part = olga.get(at, headers=PART).get_data(as_text=True)
        assert 'name="warranty_months"' in part
        refused = olga.post(at, sent(part, warranty_months="-3"), headers=PART).get_json()
        assert refused["state"] == "refused"
        assert 'value="-3"' in refused["editor"]
        columns = "?view=all"
        done = olga.post(at, sent(part, warranty_months="36", _list=columns), headers=PART).get_json()
        assert done["state"] == "saved"
        assert done["version"] == 2
        assert f'value="{product}"' in done["row"]
        assert saved(site, product, "warranty_months")["warranty_months"] == 36
        olga.post(done["undo"])
        assert saved(site, product, "warranty_months")["warranty_months"] == 24

    def test_the_second_of_two_people_gets_both_values_and_chooses(
        self, site: Site, olga: Visitor, product: str
    ) -> None:
        at = f"/e/sales.product/{product}/cell/battery_life"
        part = olga.get(at, headers=PART).get_data(as_text=True)
        change(site, product, battery_life="10 years")
        conflict = olga.post(at, sent(part, battery_life="2 years"), headers=PART).get_json()
        assert conflict["state"] == "conflict"
        assert "2 years" in conflict["editor"]
        assert "10 years" in conflict["editor"]
        assert saved(site, product, "battery_life")["battery_life"] == "10 years"
        kept = olga.post(at, sent(conflict["editor"], battery_life="2 years", _keep="battery_life"), headers=PART)
        assert kept.get_json()["state"] == "saved"
        assert saved(site, product, "battery_life")["battery_life"] == "2 years"

    def test_other_fields_that_changed_meanwhile_are_kept(self, site: Site, olga: Visitor, product: str) -> None:
        at = f"/e/sales.product/{product}/cell/battery_life"
        part = olga.get(at, headers=PART).get_data(as_text=True)
        change(site, product, warranty_months=12)
        assert olga.post(at, sent(part, battery_life="1 year"), headers=PART).get_json()["state"] == "saved"
        assert saved(site, product, "battery_life", "warranty_months")["warranty_months"] == 12

    def test_who_may_only_read_gets_no_editor(self, site: Site, product: str) -> None:
        reader = site.visitor(site.with_roles("Cell Reader", "sales.rep"))
        assert 'data-editable=""' in reader.html("/e/sales.product?view=all")
        assert reader.get(f"/e/sales.product/{product}/cell/name", headers=PART).status_code == 404
        values = {"name": "Mine", "_version": "1", "_before": "{}"}
        assert reader.post(f"/e/sales.product/{product}/cell/name", values, headers=PART).status_code == 404
        account = site.create("sales.account", name="Far cell", owner=site.with_roles("Cell Other", "sales.rep"))
        answer = reader.get(f"/e/sales.account/{account}/cell/name", headers=PART)
        assert answer.status_code == 403
        assert "may read this account but not change it" in answer.get_data(as_text=True)

    def test_without_a_script_the_form_opens_at_the_field(self, olga: Visitor, product: str) -> None:
        answer = olga.get(f"/e/sales.product/{product}/cell/name")
        assert answer.headers["Location"] == f"/e/sales.product/{product}/edit#f-name"

    def test_changes_are_told_by_version_and_cost_nothing_while_there_are_none(
        self, site: Site, olga: Visitor, product: str
    ) -> None:
        at = f"/e/sales.product/changes?id={product}&id={'0' * 20}"
        first = olga.get(at)
        assert first.get_json() == {"versions": {product: 1}}
        same = olga.get(at, headers={"If-None-Match": first.headers["ETag"]})
        assert (same.status_code, same.get_data()) == (304, b"")
        change(site, product, name="Cellwork changed")
        later = olga.get(at, headers={"If-None-Match": first.headers["ETag"]})
        assert later.get_json() == {"versions": {product: 2}}
        rows = olga.get(f"/e/sales.product/rows?id={product}&list=%3Fview%3Dall").get_json()
        assert "Cellwork changed" in rows["rows"][product]
        assert rows["by"] == {product: "Somebody"}
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.delete(ctx, "sales.product", product)
        assert olga.get(at, headers={"If-None-Match": later.headers["ETag"]}).get_json() == {"versions": {}}

    def test_rows_that_one_may_not_see_are_told_to_nobody(self, site: Site) -> None:
        rep = site.visitor(site.with_roles("Cell Reader", "sales.rep"))
        account = site.create("sales.account", name="Far rows")
        other = site.with_roles("Cell Other", "sales.rep")
        deal = site.create("sales.deal", name="Far rows deal", account=account, owner=other)
        assert rep.get(f"/e/sales.deal/changes?id={deal}").get_json() == {"versions": {}}
        assert rep.get(f"/e/sales.deal/rows?id={deal}").get_json()["rows"] == {}


class TestInABrowser:
    def test_by_keys_through_the_cells(self, site: Site, page: Page, administrator: str, product: str) -> None:
        code = saved(site, product, "code")["code"]
        signed_in(page, site, administrator).goto(f"/e/sales.product?view=all&f=code&o=is&v={code}")
        row = page.locator("tbody tr")
        expect(row).to_have_count(1)
        page.keyboard.press("j")
        height = row.bounding_box()
        page.keyboard.press("F2")
        editor = page.get_by_role("textbox", name="Name")
        expect(editor).to_be_focused()
        after = row.bounding_box()
        assert height is not None
        assert after is not None
        assert after["height"] == height["height"]
        assert not findings(page)
        editor.fill("Cellwork by keys")
        editor.press("Enter")
        expect(row.locator(".k-title a")).to_have_text("Cellwork by keys")
        expect(row.locator(".k-title a")).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("F2")
        expect(page.locator("form[data-cell]")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("form[data-cell]")).to_have_count(0)
        expect(row.locator("td:focus")).to_have_count(1)
        row.locator("td").last.dblclick()
        expect(page.locator("form[data-cell]")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+z")
        expect(row.locator(".k-title a")).not_to_have_text("Cellwork by keys")

    def test_what_is_typed_before_the_editor_comes_is_not_lost(
        self, site: Site, page: Page, administrator: str
    ) -> None:
        account = site.create("sales.account", name="Typed Fast Works")
        site.create("sales.deal", name="Typed fast", account=account, owner=administrator)
        signed_in(page, site, administrator).goto(f"/e/sales.deal?view=all&f=account&o=is&v={account}")
        column = page.locator("thead th").evaluate_all(
            "heads => heads.findIndex(h => h.dataset.column === 'close_date')"
        )
        cell = page.locator("tbody td").nth(column)
        cell.click()
        expect(cell).to_be_focused()
        page.keyboard.type("1 dec 2031")
        page.keyboard.press("Enter")
        expect(cell).to_have_text("Mon 1 Dec 2031")

    def test_what_others_change_shows_in_its_row(
        self, site: Site, page: Page, administrator: str, product: str
    ) -> None:
        code = saved(site, product, "code")["code"]
        signed_in(page, site, administrator).goto(f"/e/sales.product?view=all&f=code&o=is&v={code}")
        row = page.locator("tbody tr")
        expect(row).to_have_count(1)
        change(site, product, name="Cellwork theirs")
        expect(row.locator(".k-title a")).to_have_text("Cellwork theirs")
        assert "It was Cellwork" in (row.locator("td.is-changed").first.get_attribute("title") or "")
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.delete(ctx, "sales.product", product)
        expect(page.locator("tbody tr.is-gone")).to_have_count(1)
        assert not findings(page)

    def test_two_people_on_one_cell(self, site: Site, page: Page, administrator: str, product: str) -> None:
        code = saved(site, product, "code")["code"]
        signed_in(page, site, administrator).goto(f"/e/sales.product?view=all&f=code&o=is&v={code}")
        page.keyboard.press("j")
        page.keyboard.press("F2")
        expect(page.get_by_role("textbox", name="Name")).to_be_focused()
        change(site, product, name="Cellwork of somebody else")
        page.get_by_role("textbox", name="Name").fill("Cellwork of mine")
        page.keyboard.press("Enter")
        card = page.locator("form[data-cell] .k-conf")
        expect(card).to_contain_text("Cellwork of somebody else")
        expect(card).to_contain_text("Cellwork of mine")
        assert not findings(page)
        card.get_by_role("button", name="Take").click()
        expect(page.locator("tbody tr .k-title a")).to_have_text("Cellwork of somebody else")
        assert saved(site, product, "name")["name"] == "Cellwork of somebody else"
