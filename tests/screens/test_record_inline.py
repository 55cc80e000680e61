"""Fields of a record changed where they stand: saved, refused, given back, and two people at once."""

from __future__ import annotations

import html as html_text
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_platform.identity import RoleAssignments
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.store import bump_access
from kith_runtime.queries import get
from support.axe import findings
from support.site import Site, Visitor, looks, open_page, signed_in

PART = {"HX-Request": "true"}


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Inline Works", kind="prospect", city="Lille")


@pytest.fixture
def deal(site: Site, account: str) -> str:
    return site.create(
        "sales.deal", name="Inline deal", account=account, amount={"amount": "1000", "currency": "EUR"}, sites=4
    )


def saved(site: Site, entity: str, record: str, *names: str) -> dict[str, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record, names)


def opened(page: Page, name: str) -> None:
    """Open the editor of a field and wait until it takes keys."""
    page.locator(f"#v-{name} .k-val").click()
    expect(page.locator(f"#i-{name}")).to_be_focused()


class TestWithoutABrowser:
    def test_the_editor_is_a_part_for_scripts_and_the_form_for_others(self, olga: Visitor, deal: str) -> None:
        part = olga.get(f"/e/sales.deal/{deal}/field/amount", headers=PART).get_data(as_text=True)
        assert 'name="amount__amount"' in part
        assert "<html" not in part
        answer = olga.get(f"/e/sales.deal/{deal}/field/amount")
        assert answer.status_code == 302
        assert answer.location == f"/e/sales.deal/{deal}/edit#f-amount"

    def test_a_save_sends_the_row_and_what_follows_from_it(self, site: Site, olga: Visitor, deal: str) -> None:
        sent = {"amount__amount": "2500", "amount__currency": "EUR", "_version": "1", "_before": "{}"}
        answer = olga.post(f"/e/sales.deal/{deal}/field/amount", sent, headers=PART)
        part = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "€2,500.00" in part
        assert re.search(r'id="rec-top"[^>]* hx-swap-oob="true"', part)
        assert str(saved(site, "sales.deal", deal, "amount")["amount"].amount) == "2500.00"

    def test_what_does_not_fit_comes_back_with_the_reason(self, site: Site, olga: Visitor, deal: str) -> None:
        answer = olga.post(f"/e/sales.deal/{deal}/field/sites", {"sites": "many", "_version": "1"}, headers=PART)
        part = html_text.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 200
        assert "data-inline-refused" in part
        assert 'value="many"' in part
        assert "not a" in part
        assert saved(site, "sales.deal", deal, "sites")["sites"] == 4

    def test_a_field_without_the_right_has_no_editor(self, site: Site, olga: Visitor, sarah: str, account: str) -> None:
        mine = site.create("sales.deal", name="Hers", account=account, owner=sarah, margin="5")
        visitor = site.visitor(sarah)
        assert visitor.get(f"/e/sales.deal/{mine}/field/margin", headers=PART).status_code == 404
        assert visitor.post(f"/e/sales.deal/{mine}/field/margin", {"margin": "9"}).status_code == 404
        assert visitor.get(f"/e/sales.deal/{mine}/field/weighted", headers=PART).status_code == 404
        foreign = site.create("sales.account", name="Not hers at all", kind="prospect")
        page = visitor.html(f"/e/sales.account/{foreign}")
        if "/edit#f-city" not in page:
            assert visitor.get(f"/e/sales.account/{foreign}/field/city", headers=PART).status_code == 403

    def test_every_field_of_every_entity_has_an_editor_or_none(self, site: Site, olga: Visitor) -> None:
        seen = 0
        for entity in ("sales.deal", "sales.contact", "service.case", "base.task", "base.user", "sales.product"):
            address = re.search(rf'href="(/e/{entity}/[0-9a-z]{{20}})"', olga.html(f"/e/{entity}?view=all"))
            assert address is not None
            for name in re.findall(r'hx-get="[^"]+/field/([a-z_0-9]+)"', olga.html(address[1])):
                answer = olga.get(f"{address[1]}/field/{name}", headers=PART)
                assert answer.status_code == 200, (entity, name)
                assert f'id="i-{name}"' in answer.get_data(as_text=True), (entity, name)
                seen += 1
        assert seen > 60

    def test_hostile_values_stay_text_in_the_editor(self, site: Site, olga: Visitor, account: str) -> None:
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.account", account, {"city": '"><script>alert(1)</script>'})
        part = olga.get(f"/e/sales.account/{account}/field/city", headers=PART).get_data(as_text=True)
        assert "<script>alert" not in part

    @pytest.mark.parametrize(
        ("name", "stays"), [("city", True), ("credit_limit", False)], ids=["open to both", "closed to one"]
    )
    def test_the_other_is_asked_about_what_both_may_see(self, site: Site, account: str, name: str, stays: bool) -> None:
        ana, mia = (site.with_roles(who, "sales.manager") for who in ("Ana Asked", "Mia Asks"))

        def sent(person: str, value: str) -> str:
            values = {name: value, f"{name}__amount": value, f"{name}__currency": "EUR"}
            fixed = {"_version": "1", "_before": "{}"}
            address = f"/e/sales.account/{account}/field/{name}"
            return site.visitor(person).post(address, values | fixed, headers=PART).get_data(as_text=True)

        assert "k-conf" not in sent(ana, "100")
        assert "Ask <bdi>Ana</bdi>" in sent(mia, "200")
        assert "Ask <bdi>" not in sent(ana, "300")
        with site.workspace.write(SYSTEM, "system") as ctx:
            RoleAssignments(ctx.clock, bump_access).replace(ctx.connection, ana, ["sales.rep"], by="")
        try:
            card = sent(mia, "200")
        finally:
            with site.workspace.write(SYSTEM, "system") as ctx:
                RoleAssignments(ctx.clock, bump_access).replace(ctx.connection, ana, ["sales.manager"], by="")
        assert "k-conf" in card
        assert ("Ask <bdi>Ana</bdi>" in card) == stays

    def test_a_question_is_kept_without_script(self, olga: Visitor, account: str) -> None:
        answer = olga.get(f"/e/sales.account/{account}/add/base.note?text=Which%0Aone%3F")
        assert "Which\none?</textarea>" in olga.html(answer.location)


class TestHistory:
    def test_a_field_says_what_it_held_and_takes_it_back(self, site: Site, olga: Visitor, account: str) -> None:
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.account", account, {"city": "Namur"})
        page = html_text.unescape(olga.html(f"/e/sales.account/{account}/history/city"))
        assert re.search(r"<s[^>]*>Lille</s> → <b[^>]*>Namur</b>", page)
        restore = re.search(r'action="([^"]+/history/city/\d+)"', page)
        assert restore is not None
        assert olga.post(restore[1]).status_code == 303
        assert saved(site, "sales.account", account, "city")["city"] == "Lille"

    def test_a_field_that_may_not_be_read_has_no_history(self, site: Site, sarah: str, account: str) -> None:
        mine = site.create("sales.deal", name="With margin", account=account, owner=sarah, margin="5")
        assert site.visitor(sarah).get(f"/e/sales.deal/{mine}/history/margin").status_code == 404

    def test_the_path_tells_the_time_in_each_stage(self, site: Site, olga: Visitor, deal: str) -> None:
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "discovery", "version": "1"})
        page = olga.html(f"/e/sales.deal/{deal}")
        assert re.search(r'Discovery</span><span class="k-num k-sm k-pd">0 min', page)

    def test_the_path_tells_what_the_next_stage_needs(
        self, site: Site, olga: Visitor, deal: str, sarah: str, account: str
    ) -> None:
        page = html_text.unescape(olga.html(f"/e/sales.deal/{deal}"))
        guide = re.search(r'class="k-guide">.*?</ul>', page, re.DOTALL)
        assert guide is not None
        assert "To reach Contract" in guide[0]
        assert f'href="/e/sales.deal/{deal}/edit#f-close_date"' in guide[0]
        assert re.search(r'class="is-met">.*?Amount', guide[0])
        assert re.search(r'title="Needs Lost reason\."', page)
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "contract", "version": "1"})
        assert "Close date is missing. Contract needs it." in html_text.unescape(olga.html(f"/e/sales.deal/{deal}"))
        assert saved(site, "sales.deal", deal, "stage")["stage"] == "qualify"

    def test_a_stage_is_taken_back_from_the_toast(self, site: Site, olga: Visitor, deal: str) -> None:
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "negotiation", "version": "1"})
        undo = re.search(r'action="(/e/sales.deal/[^"]+/stage\?stage=qualify)"', olga.html(f"/e/sales.deal/{deal}"))
        assert undo is not None
        olga.post(undo[1])
        assert saved(site, "sales.deal", deal, "stage")["stage"] == "qualify"

    def test_a_record_prints_as_a_sheet(self, olga: Visitor, deal: str) -> None:
        page = html_text.unescape(olga.html(f"/e/sales.deal/{deal}/print"))
        assert "Inline deal" in page
        assert "€1,000.00" in page
        assert "k-side" not in page


class TestInTheBrowser:
    def test_enter_saves_and_the_top_follows(self, site: Site, page: Page, administrator: str, deal: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        opened(page, "amount")
        page.locator("#i-amount").fill("84000")
        page.keyboard.press("Enter")
        expect(page.locator("#v-amount")).to_contain_text("€84,000.00")
        expect(page.locator(".k-hl")).to_contain_text("Amount€84,000Weighted")
        expect(page.locator("#v-amount .go")).to_be_focused()

    def test_what_is_missing_is_added_from_the_guidance(
        self, site: Site, phone: Page, administrator: str, deal: str
    ) -> None:
        signed_in(phone, site, administrator).goto(f"/e/sales.deal/{deal}")
        assert findings(phone) == []
        phone.locator(".k-guide").get_by_label("Add Close date").tap()
        editor = phone.locator("#v-close_date form[data-inline]")
        expect(editor).to_be_visible()
        editor.locator("input[name=close_date]").fill("2030-01-15")
        editor.get_by_role("button", name="Save").tap()
        expect(phone.locator(".k-guide li").filter(has_text="Close date")).to_have_class("is-met")

    def test_escape_gives_back_and_leaving_saves(
        self, site: Site, page: Page, administrator: str, account: str
    ) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}")
        opened(page, "city")
        page.locator("#i-city").fill("Nowhere")
        page.keyboard.press("Escape")
        expect(page.locator("#v-city")).to_contain_text("Lille")
        page.keyboard.press("Enter")
        expect(page.locator("#i-city")).to_be_focused()
        page.locator("#i-city").fill("Gent")
        page.locator("h1").click()
        expect(page.locator("#v-city.is-saved")).to_contain_text("Gent")
        assert saved(site, "sales.account", account, "city")["city"] == "Gent"

    def test_by_keys_alone(self, site: Site, page: Page, administrator: str, account: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}")
        page.keyboard.press("e")
        expect(page.locator("#i-name")).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type("Renamed Works")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Renamed Works")
        expect(page.locator("#v-name .go")).to_be_focused()
        page.keyboard.press("h")
        expect(page.get_by_role("dialog", name="History of Name")).to_contain_text("Inline Works")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="History of Name")).to_have_count(0)

    def test_a_refusal_stands_under_the_field(self, site: Site, page: Page, administrator: str, deal: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        opened(page, "amount")
        page.locator("#i-amount").fill("24k5")
        page.keyboard.press("Enter")
        expect(page.locator("#v-amount [role=alert]")).to_contain_text("24k5")
        expect(page.locator("#i-amount")).to_have_value("24k5")
        page.keyboard.press("Escape")
        expect(page.locator("#v-amount")).to_contain_text("€1,000.00")

    def test_two_people_change_one_field(
        self, site: Site, page: Page, chromium: Browser, administrator: str, account: str
    ) -> None:
        ana = site.with_roles("Ana Other", "base.administrator")
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}")
        opened(page, "city")
        page.locator("#i-city").fill("Mine")
        for other in open_page(chromium.new_context(base_url=site.address)):
            signed_in(other, site, ana).goto(f"/e/sales.account/{account}")
            opened(other, "city")
            other.locator("#i-city").fill("Hers")
            other.keyboard.press("Enter")
            expect(other.locator("#v-city.is-saved")).to_contain_text("Hers")
        page.locator("#i-city").press("Enter")
        card = page.locator("#v-city .k-conf")
        expect(card).to_contain_text("Ana Other changed City while you were typing")
        expect(card).to_contain_text("Mine")
        expect(card).to_contain_text("Lille")
        expect(card.get_by_role("button", name="Take Ana’s", exact=True)).to_be_visible()
        opened(page, "name")
        page.locator("#i-name").fill("Untouched by it")
        page.keyboard.press("Enter")
        expect(page.locator("#v-name.is-saved")).to_contain_text("Untouched by it")
        expect(card).to_be_visible()
        card.get_by_role("link", name="Ask Ana", exact=True).click()
        note = page.locator("form#composer textarea")
        expect(note).to_be_focused()
        expect(note).to_have_value("@Ana Other, which City is right?\nMine: Mine\nYours: Hers")
        note.press("Control+Enter")
        expect(page.locator("#timeline .k-ev:not(.is-pending)").first).to_contain_text("which City is right?")
        assert "mentioned you" in site.visitor(ana).html("/notices")
        card.get_by_role("button", name="Keep mine").click()
        expect(page.locator("#v-city.is-saved")).to_contain_text("Mine")
        now = saved(site, "sales.account", account, "city", "name")
        assert (now["city"], now["name"]) == ("Mine", "Untouched by it")
        page.goto(f"/e/sales.account/{account}/print")
        expect(page.get_by_role("heading", name="How to reach them")).to_be_visible()
        expect(page.get_by_role("heading", name="Addresses")).to_be_hidden()  # nothing stands under it

    def test_taking_the_other_value(self, site: Site, page: Page, administrator: str) -> None:
        account = site.create("sales.account", name="Long Works", description="Before")
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}")
        opened(page, "description")
        page.locator("#i-description").fill("Mine")
        long = "Theirs " * 100
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.account", account, {"description": long})
        page.locator("#i-description").press("Control+Enter")
        card = page.locator("#v-description .k-conf")
        expect(card).to_be_in_viewport(ratio=1)
        expect(card.locator("[data-ask]")).to_have_count(0)  # no person did it
        folded = card.locator("details").evaluate("part => part.offsetHeight")
        card.locator("summary").click()
        expect(card.locator("details")).to_have_attribute("open", "")
        assert card.locator("details").evaluate("part => part.offsetHeight") > 2 * folded
        card.get_by_role("button", name="Take").click()
        expect(page.locator("#v-description .k-v")).to_contain_text("Theirs")
        assert saved(site, "sales.account", account, "description")["description"].strip() == long.strip()

    def test_offline_says_so_and_keeps_what_was_typed(
        self, site: Site, chromium: Browser, administrator: str, account: str
    ) -> None:
        context = chromium.new_context(base_url=site.address)
        page = signed_in(context.new_page(), site, administrator)
        page.goto(f"/e/sales.account/{account}")
        opened(page, "city")
        page.locator("#i-city").fill("Later")
        context.set_offline(True)
        page.keyboard.press("Enter")
        expect(page.locator("#v-city .k-inl-lost")).to_contain_text("did not reach the server")
        context.set_offline(False)
        page.locator("#i-city").press("Enter")
        expect(page.locator("#v-city.is-saved")).to_contain_text("Later")
        context.close()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 390])
    @looks
    def test_editors_are_accessible(
        self, site: Site, chromium: Browser, administrator: str, deal: str, theme: Any, width: int
    ) -> None:
        for page in open_page(
            chromium.new_context(base_url=site.address, color_scheme=theme, viewport={"width": width, "height": 900})
        ):
            signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}#details")
            for name in ("amount", "stage", "sites", "account"):
                page.locator(f"#v-{name} .go, #v-{name} .k-add-v").first.evaluate("link => link.click()")
                expect(page.locator(f"#v-{name}.is-edit")).to_be_visible()
                assert findings(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                page.keyboard.press("Escape")
