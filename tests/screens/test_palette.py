"""The command palette, the search box and the keys: everything is reached by typing, with the person's own rights."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from support.axe import findings
from support.site import Site, looks, signed_in

INPUT = "dialog.k-pal input"
TYPED = """(words) => {
    const press = (key, more) => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more}));
    press('k', {ctrlKey: true});
    document.activeElement.value = words;
    document.activeElement.dispatchEvent(new InputEvent('input', {bubbles: true}));
    press('Enter', {});
}"""


def options(page: Page) -> list[str]:
    return [text.replace("\xa0", " ") for text in page.locator(".k-pal-list [role=option] .t").all_inner_texts()]


def opened(page: Page, site: Site, person: str, address: str = "/e/sales.deal") -> Page:
    signed_in(page, site, person).goto(address)
    page.keyboard.press("Control+k")
    expect(page.locator(INPUT)).to_be_focused()
    expect(page.locator(".k-pal-list [role=group][aria-label='Go to'] [role=option]").first).to_be_visible()
    return page


class TestPalette:
    def test_it_goes_to_a_list_by_a_few_letters(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        page.keyboard.type("accou")
        expect(page.locator(".k-pal-list .is-act .t")).to_have_text("Accounts")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/e/sales\.account$"))

    def test_letters_in_order_are_enough(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        page.keyboard.type("cmpg")
        expect(page.locator(".k-pal-list .is-act .t")).to_have_text("Campaigns")

    def test_it_opens_at_once_without_asking_the_server(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        page.keyboard.press("Escape")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.keyboard.press("Control+k")
        expect(page.locator(".k-pal-list [role=option]").nth(5)).to_be_visible()
        # The list beneath looks for changes by itself.
        assert [url for url in asked if "/changes?" not in url] == []

    def test_keys_pressed_as_it_closes_belong_to_the_page(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        # Within one frame the focus is still in the palette's input, which nobody sees any more.
        page.evaluate("""() => {
            const input = document.activeElement;
            input.closest('dialog').close();
            input.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true, cancelable: true}));
        }""")
        expect(page.locator("input[data-search]")).to_be_focused()

    def test_records_are_found_with_what_can_be_made_for_them(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        page.keyboard.type("brightw")
        expect(page.locator(".k-pal-list [aria-label=Records] [role=option] .t").first).to_have_text(
            "Brightwater Logistics"
        )
        expect(page.locator(".k-pal-list [aria-label=Records] mark").first).to_have_text("Brightw")
        expect(page.get_by_role("option", name="New deal for Brightwater Logistics")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Brightwater Logistics")

    def test_what_was_seen_comes_back_with_its_title(self, page: Page, site: Site, sarah: str) -> None:
        account = site.create("sales.account", name="Seen Lately Works", kind="prospect")
        signed_in(page, site, sarah).goto(f"/e/sales.account/{account}")
        opened(page, site, sarah)
        expect(page.locator(".k-pal-list [aria-label=Recent] .t").first).to_have_text("Seen Lately Works")
        kept = page.evaluate("() => JSON.stringify(localStorage)")
        assert account in kept
        assert "Seen Lately Works" not in kept

    def test_actions_of_the_page_run(self, page: Page, site: Site, sarah: str) -> None:
        opened(page, site, sarah)
        page.keyboard.type(">new deal")
        assert "New deal" in options(page)
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.keyboard.type("colours: dark")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.keyboard.press("Control+k")
        page.keyboard.type("as the device")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "auto")

    def test_words_and_enter_typed_before_the_list_is_drawn_count(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal")
        # All in one task: the browser draws nothing between the keys.
        page.evaluate(TYPED, "colours: dark")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("dialog.k-pal")).to_be_hidden()

    def test_enter_waits_for_what_is_still_on_its_way(self, page: Page, site: Site, sarah: str) -> None:
        held: list[Route] = []
        page.route("**/palette/entries?**", lambda route: held.append(route))
        signed_in(page, site, sarah).goto("/e/sales.deal")
        with page.expect_request("**/palette/entries?**"):
            page.evaluate(TYPED, ">new account")
        expect(page.locator("dialog.k-pal .none")).to_be_visible()
        for route in held:
            route.continue_()
        expect(page.get_by_role("dialog", name="New account")).to_be_visible()

    def test_it_offers_only_what_the_person_may(self, site: Site, sarah: str, administrator: str) -> None:
        agent = site.with_roles("Agnes Agent", "service.observer")

        def labels(person: str) -> set[str]:
            answer = site.visitor(person).get("/palette/entries").get_json()
            return {entry["label"] for entry in answer["entries"]}

        assert {"Audit trail", "New deal", "Switch to Sales"} <= labels(administrator)
        assert "Audit trail" not in labels(sarah)
        assert not {"New deal", "Deals", "Switch to Sales", "People"} & labels(agent)

    def test_records_that_are_not_for_these_eyes_are_neither_found_nor_named(self, site: Site) -> None:
        account = site.create("sales.account", name="Zephyrine Secret", kind="prospect")
        nobody = site.visitor(site.with_roles("Nora Nobody", "service.observer"))
        named = nobody.get(f"/palette/recent?recent=sales.deal:{account},sales.nothing:{account},x").get_json()
        assert named == {"records": []}
        deal = site.create("sales.deal", name="Zephyrine deal", account=account)
        assert "Zephyrine deal" not in nobody.get("/palette/search?q=zephyrine").get_data(as_text=True)
        assert deal not in nobody.get(f"/palette/recent?recent=sales.deal:{deal}").get_data(as_text=True)

    def test_what_people_type_stays_text(self, page: Page, site: Site, sarah: str) -> None:
        site.create("sales.account", name="<img src=x onerror=alert(1)> Hostile", kind="prospect")
        opened(page, site, sarah)
        page.keyboard.type("hostile")
        expect(page.locator(".k-pal-list [aria-label=Records] .t").first).to_have_text(
            "<img src=x onerror=alert(1)> Hostile"
        )
        assert page.locator(".k-pal-list img").count() == 0

    def test_entries_may_be_kept_by_the_browser_that_names_their_stamp(self, site: Site, sarah: str) -> None:
        visitor = site.visitor(sarah)
        stamp = re.search(r'data-palette="([^"]+)"', visitor.html("/"))
        assert stamp is not None
        assert "max-age" in visitor.get(f"/palette/entries?v={stamp[1]}").headers["Cache-Control"]
        assert visitor.get("/palette/entries?v=old").headers["Cache-Control"] == "no-store"


class TestSearchBox:
    def test_it_groups_records_and_remembers_what_was_searched(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/")
        page.keyboard.press("/")
        page.keyboard.type("brightwater")
        group = page.locator("#k-search-list [role=group][aria-label=Accounts]")
        expect(group.get_by_role("option").first).to_contain_text("Brightwater Logistics")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/search\?q=brightwater"))
        page.goto("/")
        page.keyboard.press("/")
        expect(page.locator("#k-search-list").get_by_role("option", name="brightwater", exact=True)).to_be_visible()

    def test_arrows_choose_and_escape_closes(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/")
        page.keyboard.press("/")
        page.keyboard.type("brightwater log")
        expect(page.locator("#k-search-list [role=option]").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#k-search-list")).to_be_hidden()
        page.keyboard.type("i")
        expect(page.locator("#k-search-list [role=option]").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Brightwater Logistics")


class TestKeys:
    def test_g_and_a_letter_goes(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/")
        page.keyboard.press("g")
        page.keyboard.press("d")
        expect(page).to_have_url(re.compile(r"/e/sales\.deal$"))

    def test_letters_are_unique(self, site: Site, administrator: str) -> None:
        text = site.visitor(administrator).html("/")
        keys = re.findall(r'data-key="([gc] [a-z])"', text)
        assert len(keys) > 10
        assert len(keys) == len(set(keys))

    def test_the_list_names_the_keys_of_this_page(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal")
        page.keyboard.press("?")
        dialog = page.locator("dialog[data-keys-dialog]")
        expect(dialog).to_contain_text("Next, previous row")
        expect(dialog).to_contain_text("Deals")
        expect(dialog).to_contain_text("New deal")
        page.keyboard.press("Escape")
        page.goto("/")
        page.keyboard.press("?")
        expect(dialog).to_be_visible()
        expect(dialog).not_to_contain_text("Next, previous row")

    def test_the_focus_stays_in_and_comes_back(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal")
        search = page.locator("input[data-search]")
        page.keyboard.press("j")
        page.evaluate("() => { window.before = document.activeElement }")
        page.keyboard.press("?")
        dialog = page.locator("dialog[data-keys-dialog]")
        close = dialog.get_by_label("Close")
        expect(close).to_be_focused()
        for key in ("Tab", "Tab", "Shift+Tab"):
            page.keyboard.press(key)
            expect(close).to_be_focused()
        search.evaluate("element => element.focus()")
        expect(close).to_be_focused()
        page.mouse.click(20, 450)
        expect(dialog).to_be_hidden()
        assert page.evaluate("() => window.before === document.activeElement")
        assert page.url.endswith("/e/sales.deal")

    def test_single_letters_can_be_switched_off(self, page: Page, site: Site) -> None:
        person = site.with_roles("Kim Keys", "sales.rep")
        site.visitor(person).post("/me/preferences", {"keys": "off"})
        signed_in(page, site, person).goto("/")
        page.keyboard.press("g")
        page.keyboard.press("d")
        page.keyboard.press("?")
        expect(page.locator("dialog[data-keys-dialog]")).to_be_hidden()
        page.keyboard.press("Control+k")
        expect(page.locator(INPUT)).to_be_focused()
        assert page.url.endswith("/")

    def test_letters_stay_text_in_inputs(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.account/new")
        page.fill("#f-name", "")
        page.locator("#f-name").press_sequentially("gd?c/")
        expect(page.locator("#f-name")).to_have_value("gd?c/")
        assert page.url.endswith("/new")
        page.evaluate("window.onbeforeunload = null")

    def test_f6_moves_through_the_regions(self, page: Page, site: Site, sarah: str) -> None:
        signed_in(page, site, sarah).goto("/e/sales.deal")
        seen = []
        for _ in range(3):
            page.keyboard.press("F6")
            seen.append(
                page.evaluate("document.activeElement.closest('.k-side, .k-top, #main').className.split(' ')[0]")
            )
        assert seen == ["k-side", "k-top", "k-main"]
        page.keyboard.press("Shift+F6")
        assert page.evaluate("document.activeElement.closest('.k-top') !== null")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_no_finding(page: Page, site: Site, sarah: str, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    opened(page, site, sarah)
    assert findings(page) == []
    page.keyboard.type("bright")
    expect(page.locator(".k-pal-list [aria-label=Records] [role=option]").first).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
