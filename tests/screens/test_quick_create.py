"""Quick create and lookups: a record is made from any page without leaving it, also in the middle of another form."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, get, select
from support.axe import findings
from support.site import Site, looks, signed_in


def found(site: Site, entity: str, where: str) -> list[str]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return list(select(ctx, Query(entity, ("id",), where=where)).ids)


def values_of(site: Site, entity: str, record: str) -> dict[str, object]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record)


def quick(page: Page, letter: str) -> None:
    page.keyboard.press("c")
    page.keyboard.press(letter)
    expect(page.locator("dialog.k-newdlg[open] .k-fld input:not([type=hidden])").first).to_be_focused()


class TestQuickCreate:
    def test_a_record_is_made_without_leaving_the_page(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/")
        quick(page, "a")
        page.keyboard.type("Quick Works")
        page.keyboard.press("Control+s")
        toast = page.locator("[data-toast]")
        expect(toast).to_contain_text("Account Quick Works saved.")
        assert page.url.endswith("/")
        (record,) = found(site, "sales.account", 'name == "Quick Works"')
        assert toast.get_by_role("link", name="Open").get_attribute("href") == f"/e/sales.account/{record}"

    def test_undo_takes_it_back(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.account")
        quick(page, "a")
        page.keyboard.type("Taken Back Works")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-toast]")).to_contain_text("saved")
        page.keyboard.press("Control+z")
        expect(page.locator("[data-toast]")).to_contain_text("Taken back")
        assert found(site, "sales.account", 'name == "Taken Back Works"') == []

    def test_what_must_be_filled_in_is_there(self, site: Site, administrator: str) -> None:
        visitor = site.visitor(administrator)
        with site.workspace.read(SYSTEM, "system") as ctx:
            names = list(ctx.snapshot.entities())
        tried = 0
        for name in names:
            answer = visitor.get(f"/e/{name}/quick")
            if answer.status_code == 200:
                tried += 1
                full = visitor.html(f"/e/{name}/new")
                must = set(re.findall(r'id="f-([a-z_]+)"[^>]* required', full))
                assert must <= set(re.findall(r'id="q-([a-z_]+)"', answer.get_data(as_text=True))), name
        assert tried > 10

    def test_all_fields_keeps_what_was_typed(self, page: Page, site: Site, sarah: str) -> None:
        account = site.create("sales.account", name="Kept Along", kind="prospect")
        signed_in(page, site, sarah).goto("/")
        quick(page, "d")
        page.keyboard.type("Half typed")
        page.fill("#q-account", "Kept Along")
        page.get_by_role("option", name="Kept Along").first.click()
        page.get_by_role("button", name="All fields").click()
        expect(page).to_have_url(re.compile(r"/e/sales\.deal/new$"))
        expect(page.locator("#f-name")).to_have_value("Half typed")
        expect(page.locator("#f-account")).to_have_value("Kept Along")
        expect(page.locator("input[name=account]")).to_have_value(account)
        expect(page.locator("select#f-stage")).to_have_value("qualify")
        page.locator("[data-save]").click()
        expect(page.locator("h1")).to_contain_text("Half typed")

    def test_a_double_click_makes_one_record(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/")
        quick(page, "a")
        page.keyboard.type("Once Only Works")
        page.locator("dialog [data-save]").dblclick()
        expect(page.locator("[data-toast]")).to_contain_text("saved")
        assert len(found(site, "sales.account", 'name == "Once Only Works"')) == 1

    def test_nobody_makes_what_they_may_not(self, site: Site) -> None:
        visitor = site.visitor(site.with_roles("Olof Observer", "service.observer"))
        assert visitor.get("/e/service.case/quick").status_code == 403
        assert visitor.get("/e/sales.deal/quick").status_code == 404
        assert visitor.post("/e/service.case/quick", {"subject": "No"}).status_code == 403

    def test_the_link_goes_to_the_form_without_script(self, site: Site, chromium: Browser, sarah: str) -> None:
        with chromium.new_context(base_url=site.address, java_script_enabled=False) as context:
            page = signed_in(context.new_page(), site, sarah)
            page.goto("/")
            page.locator("summary", has_text="New").click()
            page.locator(".k-menu a", has_text="Deal").first.click()
            expect(page.locator("h1")).to_have_text("New deal")


class TestRefused:
    def test_problems_stand_beside_their_fields_and_in_the_summary(
        self, site: Site, chromium: Browser, sarah: str
    ) -> None:
        with chromium.new_context(base_url=site.address, viewport={"width": 1440, "height": 900}) as context:
            page = signed_in(context.new_page(), site, sarah)
            page.goto("/e/sales.deal")
            quick(page, "d")
            page.fill("#q-amount", "24k5x")
            page.keyboard.press("Control+s")
            summary = page.locator("dialog [data-error-summary]")
            expect(summary).to_be_focused()
            expect(summary).to_contain_text("Three things to fix, then it saves")
            expect(page.locator("#q-amount")).to_have_value("24k5x")
            expect(page.locator("#q-amount")).to_have_attribute("aria-invalid", "true")
            assert findings(page) == []
            summary.get_by_role("link").first.click()
            expect(page.locator("#q-name")).to_be_focused()


class TestLookups:
    def test_recent_ones_come_first(self, page: Page, site: Site, sarah: str) -> None:
        first = site.create("sales.account", name="Older But Seen", kind="prospect")
        for number in range(3):
            site.create("sales.account", name=f"Newer {number}", kind="prospect")
        signed_in(page, site, sarah).goto(f"/e/sales.account/{first}")
        page.goto("/e/sales.deal/new")
        page.click("#f-account")
        expect(page.locator(".k-lk [role=option]").first).to_contain_text("Older But Seen")

    def test_the_found_part_is_marked_with_a_second_line(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal/new")
        page.locator("#f-account").press_sequentially("nordw")
        option = page.get_by_role("option", name=re.compile("Nordwind Pharma"))
        expect(option.locator("mark")).to_have_text("Nordw")
        expect(option).to_contain_text("Hamburg")

    def test_a_record_is_made_in_place_and_chosen(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal/new")
        page.fill("#f-name", "Deal of a new account")
        page.locator("#f-account").press_sequentially("Made In Place")
        expect(page.get_by_role("option", name="New account “Made In Place”")).to_be_visible()
        page.keyboard.press("Control+Enter")
        expect(page.locator("dialog #q-name")).to_have_value("Made In Place")
        page.locator("dialog [data-save]").click()
        expect(page.locator("dialog.k-newdlg")).to_have_count(0)
        expect(page.locator("#f-account")).to_have_value("Made In Place")
        (account,) = found(site, "sales.account", 'name == "Made In Place"')
        expect(page.locator("input[name=account]")).to_have_value(account)
        expect(page.locator("#f-name")).to_have_value("Deal of a new account")
        page.locator(".k-actbar [data-save]").click()
        expect(page.locator("h1")).to_contain_text("Deal of a new account")
        (deal,) = found(site, "sales.deal", 'name == "Deal of a new account"')
        assert values_of(site, "sales.deal", deal)["account"] == account

    def test_only_who_may_create_is_offered_to(self, site: Site, sarah: str) -> None:
        offered = site.visitor(sarah).get("/e/sales.deal/options/account?q=zzz").get_json()
        assert offered["create"]["label"] == "New account “zzz”"
        owners = site.visitor(sarah).get("/e/sales.deal/options/owner?q=zzz").get_json()
        assert owners["create"] is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 700])
@looks
def test_no_finding(page: Page, site: Site, sarah: str, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    signed_in(page, site, sarah).goto("/e/sales.deal")
    quick(page, "d")
    assert findings(page) == []
