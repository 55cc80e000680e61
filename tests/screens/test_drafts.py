"""Nothing that was typed is lost: drafts, signing in again in place, no network, and who sees what on a device."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kith_platform.identity import Accounts, Passwords
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.axe import findings
from support.forms import form_values
from support.site import PASSWORD, Site, signed_in

NEW = "/e/sales.account/new"


def found(site: Site, entity: str, where: str) -> list[str]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return list(select(ctx, Query(entity, ("id",), where=where)).ids)


def end_sessions(site: Site, person: str) -> None:
    services = site.app.extensions["kith"].services
    with site.workspace.database.write() as connection:
        services.sessions.end_others(connection, person, "")


def with_password(site: Site, name: str) -> str:
    person = site.with_roles(name, "sales.rep")
    with site.workspace.write(SYSTEM, "system") as ctx:
        Accounts(ctx.clock, Passwords()).set_password(ctx.connection, person, PASSWORD)
    return person


@pytest.fixture
def device(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    """One browser on one device, where tabs come and go."""
    with chromium.new_context(base_url=site.address, viewport={"width": 1440, "height": 900}) as context:
        yield context


def typed(device: BrowserContext, site: Site, person: str, name: str) -> Page:
    page = signed_in(device.new_page(), site, person)
    page.goto(NEW)
    page.fill("#f-name", name)
    expect(page.locator("[data-draft-note]")).to_be_visible()
    return page


class TestDrafts:
    def test_a_closed_tab_leaves_a_draft_that_is_offered_back(
        self, site: Site, device: BrowserContext, sarah: str
    ) -> None:
        page = typed(device, site, sarah, "Left Behind Works")
        page.check("input[name=kind][value=customer]")
        page.close()
        page = device.new_page()
        page.goto(NEW)
        note = page.locator(".k-draft")
        expect(note).to_contain_text("A draft from just now is kept on this device.")
        expect(page.locator("#f-name")).to_have_value("")
        assert findings(page) == []
        note.get_by_role("button", name="Bring it back").click()
        expect(page.locator("#f-name")).to_have_value("Left Behind Works")
        expect(page.locator("input[name=kind][value=customer]")).to_be_checked()
        page.locator("[data-save]").click()
        expect(page.locator("h1")).to_contain_text("Left Behind Works")
        page.wait_for_load_state()  # the script of the saved record's page forgets the draft
        page.goto(NEW)
        expect(page.locator("form[data-draft-looked]")).to_have_count(1)
        assert page.locator(".k-draft").count() == 0

    def test_discard_forgets_it(self, site: Site, device: BrowserContext, sarah: str) -> None:
        typed(device, site, sarah, "Thrown Away").close()
        page = device.new_page()
        page.goto(NEW)
        page.get_by_role("button", name="Discard").click()
        assert "Thrown Away" not in page.evaluate("() => JSON.stringify(localStorage)")

    def test_a_saved_form_leaves_none(self, site: Site, device: BrowserContext, sarah: str) -> None:
        page = typed(device, site, sarah, "Saved And Gone")
        page.keyboard.press("Control+s")
        expect(page.locator("h1")).to_contain_text("Saved And Gone")
        page.wait_for_load_state()  # the script of the saved record's page forgets the draft
        assert "draft:" not in page.evaluate("() => JSON.stringify(localStorage)")

    def test_two_tabs_do_not_take_each_other_s_draft(self, site: Site, device: BrowserContext, sarah: str) -> None:
        first = typed(device, site, sarah, "First tab")
        second = typed(device, site, sarah, "Second tab")
        assert second.locator(".k-draft").count() == 0
        first.keyboard.press("Control+s")
        expect(first.locator("h1")).to_contain_text("First tab")
        assert "Second tab" in second.evaluate("() => JSON.stringify(localStorage)")

    def test_an_edit_of_a_record_keeps_what_others_saved_meanwhile(
        self, site: Site, device: BrowserContext, administrator: str
    ) -> None:
        account = site.create("sales.account", name="Draft Edit", kind="prospect", city="Lille")
        page = signed_in(device.new_page(), site, administrator)
        page.goto(f"/e/sales.account/{account}/edit")
        page.fill("#f-name", "Draft Edit Mine")
        expect(page.locator("[data-draft-note]")).to_be_visible()
        page.close()
        page = device.new_page()
        page.goto(f"/e/sales.account/{account}/edit")
        page.get_by_role("button", name="Bring it back").click()
        expect(page.locator("#f-name")).to_have_value("Draft Edit Mine")
        expect(page.locator("[name=_version]")).to_have_value("1")

    def test_nobody_else_on_the_device_sees_it(
        self, site: Site, device: BrowserContext, sarah: str, administrator: str
    ) -> None:
        typed(device, site, sarah, "Only For Sarah").close()
        page = signed_in(device.new_page(), site, administrator)
        page.goto(NEW)
        expect(page.locator("form[data-draft-looked]")).to_have_count(1)
        assert page.locator(".k-draft").count() == 0

    def test_signing_out_forgets_all(self, site: Site, device: BrowserContext, sarah: str) -> None:
        page = typed(device, site, sarah, "Signed Out Works")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/")
        assert "Signed Out Works" in page.evaluate("() => JSON.stringify(localStorage)")
        page.locator("summary[aria-label$='account menu']").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(re.compile("/sign-in"))
        assert page.evaluate("() => localStorage.length") == 0

    def test_cancel_gives_it_up(self, site: Site, device: BrowserContext, sarah: str) -> None:
        page = typed(device, site, sarah, "Given Up Works")
        page.get_by_role("link", name="Cancel").click()
        expect(page).to_have_url(re.compile(r"/e/sales\.account$"))
        assert "Given Up Works" not in page.evaluate("() => JSON.stringify(localStorage)")


class TestSignedOut:
    def test_signing_in_again_in_place_saves_what_was_typed(self, site: Site, device: BrowserContext) -> None:
        person = with_password(site, "Tilda Timeout")
        page = typed(device, site, person, "After The Break")
        end_sessions(site, person)
        page.keyboard.press("Control+s")
        dialog = page.locator("dialog.k-again")
        expect(dialog).to_contain_text("Sign in here and carry on; nothing is lost.")
        expect(page.locator("#again-email")).to_be_focused()
        assert findings(page) == []
        page.fill("#again-email", "tilda.timeout@test.example")
        page.fill("#again-password", "wrong wrong wrong")
        page.keyboard.press("Enter")
        expect(dialog.locator("[role=alert]")).to_be_visible()
        page.fill("#again-password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("After The Break")
        assert len(found(site, "sales.account", 'name == "After The Break"')) == 1

    def test_another_tab_may_have_signed_in(self, site: Site, device: BrowserContext) -> None:
        person = with_password(site, "Tom Tabs")
        page = typed(device, site, person, "Two Tabs Works")
        end_sessions(site, person)
        other = device.new_page()
        other.goto("/")
        other.fill("#email", "tom.tabs@test.example")
        other.fill("#password", PASSWORD)
        other.keyboard.press("Enter")
        expect(other.locator("h1")).to_contain_text("Good")
        page.keyboard.press("Control+s")
        expect(page.locator("h1")).to_contain_text("Two Tabs Works")

    def test_a_part_is_asked_for_again_after_signing_in(
        self, site: Site, device: BrowserContext, administrator: str
    ) -> None:
        person = with_password(site, "Hanna Half")
        visitor = site.visitor(administrator)
        values = dict(form_values(visitor.html(NEW)))
        visitor.post(NEW, {**values, "name": "Half Told", "owner": person, "owner__text": "Hanna"})
        page = signed_in(device.new_page(), site, person)
        page.goto("/")
        page.locator(".k-bell").click()
        button = page.get_by_role("button", name="Mark all read")
        expect(button).to_be_visible()
        end_sessions(site, person)
        button.click()
        page.fill("#again-email", "hanna.half@test.example")
        page.fill("#again-password", PASSWORD)
        with page.expect_response(lambda answer: answer.url.endswith("/notices/read") and answer.status == 200):
            page.keyboard.press("Enter")
        assert "unread" not in site.visitor(person).html("/")

    def test_a_search_goes_on_after_signing_in(self, site: Site, device: BrowserContext) -> None:
        person = with_password(site, "Sia Search")
        page = signed_in(device.new_page(), site, person)
        with page.expect_response("**/favourites"):
            page.goto("/")
        end_sessions(site, person)
        page.keyboard.press("/")
        # At once: the sign-in that comes over the page would take letters that are typed after it.
        page.locator("input[data-search]").fill("brightwater")
        page.fill("#again-email", "sia.search@test.example")
        page.fill("#again-password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("dialog.k-again")).to_have_count(0)
        expect(page.locator("#k-search-list")).to_contain_text("Search all records for “brightwater”")

    def test_a_card_is_moved_after_signing_in(self, site: Site, device: BrowserContext) -> None:
        person = with_password(site, "Bo Board")
        account = site.create("sales.account", name="Moved later")
        record = site.create("sales.deal", name="Moved later", account=account, owner=person, stage="qualify")
        page = signed_in(device.new_page(), site, person)
        page.goto("/e/sales.deal?view=sales.deal_board&q=moved+later")
        card = page.locator(f"#card-{record}")
        with page.expect_response("**/board/reasons?**"):
            page.keyboard.press("ArrowDown")
        expect(card.get_by_role("link").first).to_be_focused()
        page.keyboard.press("m")
        expect(page.get_by_role("menuitemradio", name="Qualify")).to_be_focused()
        end_sessions(site, person)
        page.keyboard.press("3")
        page.fill("#again-email", "bo.board@test.example")
        page.fill("#again-password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".k-toast[role=status]")).to_contain_text("now in Proposal")
        assert found(site, "sales.deal", 'name == "Moved later" and stage == "proposal"') == [record]


class TestOffline:
    def test_a_form_waits_for_the_network_and_is_sent_then(
        self, site: Site, device: BrowserContext, sarah: str
    ) -> None:
        page = typed(device, site, sarah, "Sent Later Works")
        device.set_offline(True)
        expect(page.locator("[data-offline]")).to_contain_text("You are offline. What you write is kept on this device")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-toast]")).to_contain_text("sent when you are back")
        expect(page.locator("#f-name")).to_have_value("Sent Later Works")
        device.set_offline(False)
        expect(page.locator("h1")).to_contain_text("Sent Later Works")
        assert len(found(site, "sales.account", 'name == "Sent Later Works"')) == 1

    def test_the_notice_is_read_whole_and_covers_nothing(self, site: Site, device: BrowserContext, sarah: str) -> None:
        page = signed_in(device.new_page(), site, sarah)
        page.goto("/notices")
        note = page.locator("[data-offline]")
        for width in (390, 641, 900, 1101):
            page.set_viewport_size({"width": width, "height": 800})
            device.set_offline(True)
            expect(note).to_be_visible()
            assert note.evaluate("note => note.scrollHeight <= note.clientHeight + 1"), width
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            device.set_offline(False)
            expect(note).to_have_count(0)
