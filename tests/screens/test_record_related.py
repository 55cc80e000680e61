"""Related lists that change where they stand: rows added, edited, taken out and sorted on the record's own page."""

from __future__ import annotations

import html as html_text
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, get, select
from support.axe import findings
from support.site import Site, Visitor, looks, signed_in

pytestmark = pytest.mark.screen

PART = {"HX-Request": "true"}


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Hangs Together", kind="prospect")


@pytest.fixture
def deal(site: Site, account: str) -> str:
    return site.create("sales.deal", name="Deal with people", account=account)


@pytest.fixture
def jane(site: Site, account: str) -> str:
    return site.create("sales.contact", name="Jane Hanger", account=account)


def rows(site: Site, entity: str, by: str, record: str, *names: str) -> list[dict[str, Any]]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return select(ctx, Query(entity, ("id", *names), where=f'{by} == "{record}"')).dicts()


def value(site: Site, entity: str, record: str, name: str) -> Any:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record, (name,))[name]


def sent(markup: str, /, **values: str) -> dict[str, str]:
    """Return what a drawn form sends, with some values changed."""
    found = dict(re.findall(r'name="(_version|_before|_token)" value="([^"]*)"', markup))
    return {name: html_text.unescape(text) for name, text in found.items()} | values


def said(answer: Any) -> dict[str, Any]:
    """Return what the page is told to say after a change."""
    found: dict[str, Any] = json.loads(answer.headers["HX-Trigger-After-Settle"])["kith-said"]
    return found


class TestWithoutABrowser:
    def test_a_person_is_added_with_a_role_once_and_taken_back(
        self, site: Site, olga: Visitor, deal: str, jane: str
    ) -> None:
        at = f"/e/sales.deal/{deal}/related/people/new"
        form = olga.get(at, headers=PART).get_data(as_text=True)
        assert 'name="deal"' not in form
        typed = sent(form, contact=jane, contact__text="Jane Hanger", role="decision_maker", part="Signs")
        answers = [olga.post(at, typed, headers=PART) for _ in range(2)]
        assert "Jane Hanger" in answers[0].get_data(as_text=True)
        made = rows(site, "sales.deal_contact", "deal", deal, "contact", "role")
        assert [(row["contact"], row["role"]) for row in made] == [(jane, "decision_maker")]
        olga.post(said(answers[0])["undo"])
        assert rows(site, "sales.deal_contact", "deal", deal) == []

    def test_all_that_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
        self, site: Site, olga: Visitor, deal: str
    ) -> None:
        at = f"/e/sales.deal/{deal}/related/lines/new"
        form = olga.get(at, headers=PART).get_data(as_text=True)
        answer = olga.post(at, sent(form, name="Kept <b>", quantity="many", unit_price__currency="EUR"), headers=PART)
        page = answer.get_data(as_text=True)
        assert answer.headers["HX-Retarget"] == "#rel-lines-form"
        assert 'value="Kept &lt;b&gt;"' in page
        assert 'id="r-lines-quantity-e"' in page
        assert 'id="r-lines-unit_price-e"' in page
        assert rows(site, "sales.deal_line", "deal", deal) == []

    def test_a_row_is_edited_in_the_small_form(self, site: Site, olga: Visitor, deal: str) -> None:
        line = site.create("sales.deal_line", deal=deal, name="Before", quantity=1, unit_price="5")
        at = f"/e/sales.deal/{deal}/related/lines/edit/{line}"
        form = olga.get(at, headers=PART).get_data(as_text=True)
        values = sent(form, name="After", quantity="1", unit_price__amount="5", unit_price__currency="EUR")
        answer = olga.post(at, values, headers=PART)
        assert "After" in answer.get_data(as_text=True)
        assert value(site, "sales.deal_line", line, "name") == "After"
        again = olga.post(at, values | {"name": "Too late"}, headers=PART).get_data(as_text=True)
        assert "save again to keep yours" in again
        assert value(site, "sales.deal_line", line, "name") == "After"

    def test_a_lookup_that_may_be_blank_is_emptied_and_what_belongs_goes_to_the_bin(
        self, site: Site, olga: Visitor, deal: str, account: str, jane: str
    ) -> None:
        at = f"/e/sales.account/{account}/related/companies/remove"
        below = site.create("sales.account", name="Below", kind="prospect", parent=account)
        answer = olga.post(at, {"remove": below}, headers=PART)
        assert said(answer)["text"] == "Below removed."
        assert value(site, "sales.account", below, "parent") is None
        olga.post(said(answer)["undo"])
        assert value(site, "sales.account", below, "parent") == account
        link = site.create("sales.deal_contact", deal=deal, contact=jane, role="decision_maker", part="Signs")
        answer = olga.post(f"/e/sales.deal/{deal}/related/people/remove", {"remove": link}, headers=PART)
        assert said(answer)["text"] == "Jane Hanger removed."
        assert rows(site, "sales.deal_contact", "deal", deal) == []
        olga.post(said(answer)["undo"])
        assert [row["id"] for row in rows(site, "sales.deal_contact", "deal", deal)] == [link]

    def test_many_to_many_takes_out_this_record_alone(self, site: Site, olga: Visitor) -> None:
        one, other = (site.create("base.team", name=f"Unlinked {number}") for number in (1, 2))
        person = site.create("base.user", name="In both", email="in.both@test.example", teams=[one, other])
        answer = olga.post(f"/e/base.team/{one}/related/members/remove", {"remove": person}, headers=PART)
        assert said(answer)["text"] == "In both removed."
        assert list(value(site, "base.user", person, "teams")) == [other]

    def test_what_hangs_on_another_record_is_not_taken_from_it(
        self, site: Site, olga: Visitor, account: str, deal: str
    ) -> None:
        other = site.create("sales.deal", name="Other", account=account)
        line = site.create("sales.deal_line", deal=other, name="Stays", quantity=1, unit_price="5")
        answer = olga.post(f"/e/sales.deal/{deal}/related/lines/remove", {"remove": line}, headers=PART)
        assert "Somebody took it out meanwhile." in said(answer)["text"]
        assert value(site, "sales.deal_line", line, "deal") == other

    def test_without_the_rights_there_is_no_way_and_no_door(self, site: Site, account: str) -> None:
        observer = site.visitor(site.with_roles("Otto Observer", "service.observer"))
        assert observer.get(f"/e/sales.account/{account}/related/companies/new", headers=PART).status_code in (403, 404)
        assert observer.post(f"/e/sales.account/{account}/related/companies/remove").status_code in (403, 404)

    def test_sorted_by_a_column_and_by_no_other(self, site: Site, olga: Visitor, account: str) -> None:
        for name in ("Bea", "Abe", "Cee"):
            site.create("sales.contact", name=name, account=account)
        at = f"/e/sales.account/{account}/related/contacts?sort="
        named = [re.findall(r">(Abe|Bea|Cee)<", olga.get(at + by, headers=PART).get_data(as_text=True)) for by in
                 ("name", "-name")]  # fmt: skip
        assert named == [["Abe", "Bea", "Cee"], ["Cee", "Bea", "Abe"]]
        page = olga.html(f"/e/sales.account/{account}?sort.contacts=-name")
        assert re.findall(r">(Abe|Bea|Cee)<", page.split('id="rel-contacts"')[1])[:3] == ["Cee", "Bea", "Abe"]
        refused = olga.get(at + "-email", headers=PART).get_data(as_text=True)
        assert "This list cannot be sorted that way." in refused

    def test_a_cell_answers_with_its_row(self, site: Site, olga: Visitor, deal: str, jane: str) -> None:
        link = site.create("sales.deal_contact", deal=deal, contact=jane, role="decision_maker", part="Signs")
        at = f"/e/sales.deal_contact/{link}/cell/part"
        part = olga.get(at, headers=PART).get_data(as_text=True)
        values = sent(part, part="Pays", _related=f"sales.deal/{deal}/people")
        done = olga.post(at, values, headers=PART).get_json()
        assert done["state"] == "saved"
        assert f'data-record="{link}"' in done["row"]
        assert "Pays" in done["row"]


class TestInTheBrowser:
    def test_a_person_with_a_role_by_keys_alone(
        self, site: Site, page: Page, administrator: str, deal: str, jane: str
    ) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        page.locator("#rel-people [data-related-add]").press("Enter")
        form = page.locator("#rel-people form[data-related-form]")
        expect(form.get_by_role("combobox", name="Contact")).to_be_focused()
        page.keyboard.press("Control+s")
        expect(form.locator(".k-err").first).to_contain_text("Contact is missing.")
        expect(form.get_by_role("combobox", name="Contact")).to_be_focused()
        page.keyboard.type("Jane Hang")
        # Fewer letters find her too, but not as the first.
        expect(form.get_by_role("option").first).to_contain_text("Jane Hanger")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        form.get_by_label("Role").select_option("decision_maker")
        form.get_by_label("Part").fill("Signs")
        page.keyboard.press("Control+s")
        row = page.locator("#rel-people tbody tr")
        expect(row).to_contain_text("Decision maker")
        expect(row.locator(".k-title a")).to_be_focused()
        expect(page.locator(".k-toast")).to_contain_text("Jane Hanger added.")

    def test_a_cell_in_place_moves_the_page_along(
        self, site: Site, page: Page, administrator: str, deal: str, jane: str
    ) -> None:
        site.create("sales.deal_contact", deal=deal, contact=jane, role="decision_maker", part="Signs")
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        page.locator("#rel-people .k-title a").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("F2")
        page.locator("form[data-cell] input[name=part]").fill("Pays")
        page.keyboard.press("Enter")
        expect(page.locator("#rel-people tbody tr")).to_contain_text("Pays")
        expect(page.locator(".k-toast")).to_contain_text("Part saved.")
        page.keyboard.press("Control+z")
        expect(page.locator("#rel-people tbody tr")).to_contain_text("Signs")

    def test_by_touch_a_row_is_edited_and_removed(
        self, site: Site, phone: Page, administrator: str, deal: str, jane: str
    ) -> None:
        site.create("sales.deal_contact", deal=deal, contact=jane, role="decision_maker", part="Signs")
        signed_in(phone, site, administrator).goto(f"/e/sales.deal/{deal}")
        phone.get_by_role("tab", name="Related").tap()
        phone.get_by_label("Actions for Jane Hanger").tap()
        phone.get_by_role("link", name="Edit here").tap()
        form = phone.locator("form[data-related-form]")
        form.get_by_label("Part").fill("Pays")
        form.get_by_role("button", name="Save", exact=True).tap()
        expect(phone.locator("#rel-people tbody tr")).to_contain_text("Pays")
        phone.get_by_label("Actions for Jane Hanger").tap()
        phone.get_by_role("button", name="Remove from this deal").tap()
        expect(phone.locator("#rel-people")).to_contain_text("None yet")
        phone.locator(".k-toast").get_by_role("button", name="Undo").tap()
        expect(phone.locator("#rel-people tbody tr")).to_have_count(1)

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @looks
    def test_forms_and_cells_are_accessible(
        self, site: Site, page: Page, administrator: str, deal: str, jane: str, theme: Any
    ) -> None:
        site.create("sales.deal_contact", deal=deal, contact=jane, role="decision_maker", part="Signs")
        page.emulate_media(color_scheme=theme)
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        page.locator("#rel-people [data-related-add]").click()
        page.locator("form[data-related-form] [data-save]").click()
        expect(page.locator("form[data-related-form] .k-err").first).to_be_visible()
        page.locator("#rel-people td.p-more").dblclick()
        expect(page.locator("form[data-cell]")).to_be_visible()
        assert findings(page) == []
        page.set_viewport_size({"width": 1000, "height": 900})
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1000
