"""The bell, undo and preferences: what others did for a person, the way back, and how a person likes the screens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import get
from support.axe import findings
from support.forms import form_values
from support.site import Site, Visitor, looks, signed_in


@pytest.fixture
def rita(site: Site) -> str:
    """A sales person to whom others give records."""
    return site.with_roles("Rita Receiver", "sales.rep")


def give(site: Site, administrator: str, person: str, name: str) -> str:
    """Create a record for somebody through the administrator's own form."""
    visitor = site.visitor(administrator)
    values = dict(form_values(visitor.html("/e/sales.account/new")))
    answer = visitor.post("/e/sales.account/new", {**values, "name": name, "owner": person, "owner__text": "Rita"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location.rsplit("/", 1)[1])


def unread(visitor: Visitor) -> str:
    found = re.search(r'"k-vh">Inbox(?:, (\S+) unread)?<', visitor.html("/"))
    assert found is not None
    return found[1] or "0"


def values_of(site: Site, entity: str, record: str) -> dict[str, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record)


class TestBell:
    def test_who_is_given_a_record_is_told_once_and_the_giver_is_not(
        self, site: Site, administrator: str, rita: str
    ) -> None:
        visitor, before = site.visitor(rita), int(unread(site.visitor(rita)))
        own = unread(site.visitor(administrator))
        record = give(site, administrator, rita, "Given To Rita")
        assert int(unread(visitor)) == before + 1
        assert unread(site.visitor(administrator)) == own
        panel = visitor.get("/notices/panel").get_data(as_text=True)
        assert "Given To Rita" in panel
        assert "gave you this account" in panel
        (link,) = re.findall(r'href="(/notices/[0-9a-z]{20})"(?=[^§]*?Given To Rita)', panel)[-1:]
        assert visitor.get(link).location == f"/e/sales.account/{record}"
        assert int(unread(visitor)) == before

    def test_a_notice_shows_nothing_that_its_reader_may_not_see(
        self, site: Site, administrator: str, rita: str
    ) -> None:
        record = give(site, administrator, rita, "Taken Away Again")
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.delete(ctx, "sales.account", record)
        nobody = site.visitor(site.with_roles("Otto Other", "service.observer"))
        assert "Taken Away Again" not in nobody.get("/notices").get_data(as_text=True)
        link = re.search(r"/notices/[0-9a-z]{20}", site.visitor(rita).html("/notices"))
        assert link is not None
        assert nobody.get(link[0]).status_code == 404

    def test_a_notice_names_people_as_they_are_called_now(self, site: Site, rita: str) -> None:
        giver = site.with_roles("Mia Maiden", "base.administrator")
        give(site, giver, rita, "Given By Mia")
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.update(ctx, "base.user", giver, {"name": "Mia Married"})
        html = site.visitor(rita).html("/notices")
        assert "Mia Married" in html
        assert "Mia Maiden" not in html

    def test_an_import_tells_nobody(self, site: Site, rita: str) -> None:
        before = unread(site.visitor(rita))
        site.create("sales.account", name="Imported", kind="prospect", owner=rita)
        assert unread(site.visitor(rita)) == before

    def test_it_opens_over_the_page_and_all_are_marked_read(
        self, page: Page, site: Site, administrator: str, rita: str
    ) -> None:
        give(site, administrator, rita, "For The Panel")
        signed_in(page, site, rita).goto("/e/sales.account")
        counted = page.locator("#side-inbox")
        expect(counted).to_contain_text("unread")
        page.locator(".k-bell").click()
        panel = page.locator("#k-panel")
        expect(panel).to_contain_text("For The Panel")
        assert findings(page) == []
        panel.get_by_role("button", name="Mark all read").click()
        expect(panel.get_by_role("button", name="Mark all read")).to_have_count(0)
        expect(counted).to_be_empty()
        expect(page.locator(".k-bell-n")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        assert unread(site.visitor(rita)) == "0"

    def test_due_tasks_show_unless_the_person_does_not_want_them(self, site: Site, rita: str) -> None:
        site.create("base.task", subject="Long overdue thing", due_date="2020-01-01", owner=rita)
        visitor = site.visitor(rita)
        assert "Long overdue thing" in visitor.html("/notices")
        visitor.post("/me/preferences", {"notice_due": "off"})
        assert "Long overdue thing" not in visitor.html("/notices")
        visitor.post("/me/preferences", {"notice_due": "on"})

    def test_who_does_not_want_to_be_told_is_not(self, site: Site, administrator: str, rita: str) -> None:
        site.visitor(rita).post("/me/preferences", {"notice_assigned": "off"})
        before = unread(site.visitor(rita))
        give(site, administrator, rita, "Not Told")
        assert unread(site.visitor(rita)) == before
        site.visitor(rita).post("/me/preferences", {"notice_assigned": "on"})


class TestPreferences:
    def test_they_hold_in_every_browser(self, site: Site, rita: str) -> None:
        site.visitor(rita).post("/me/preferences", {"theme": "dark", "density": "comfortable"})
        html = site.visitor(rita).html("/")
        assert 'data-theme="dark"' in html
        assert 'data-density="comfortable"' in html
        site.visitor(rita).post("/me/preferences", {"theme": "auto", "density": "compact"})

    def test_what_cannot_be_chosen_is_refused(self, site: Site, rita: str) -> None:
        answer = site.visitor(rita).post("/me/preferences", {"theme": "<script>"})
        assert answer.status_code == 422
        assert "cannot be chosen" in answer.get_data(as_text=True)

    def test_rows_grow_at_once_and_stay_so(self, page: Page, site: Site) -> None:
        person = site.with_roles("Ruby Rows", "sales.rep")
        signed_in(page, site, person).goto("/e/sales.account")
        before = page.locator("tbody tr").first.bounding_box()
        page.locator("summary[aria-label$='account menu']").click()
        with page.expect_response("**/me/preferences"):
            page.get_by_role("button", name="Roomy rows").click()
        after = page.locator("tbody tr").first.bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] > before["height"]
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-density", "comfortable")


class TestUndo:
    def test_an_edit_is_taken_back_by_its_key(self, page: Page, site: Site, administrator: str) -> None:
        account = site.create("sales.account", name="Before It Was", kind="prospect")
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}/edit")
        page.fill("#f-name", "After It Is")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-toast]")).to_contain_text("Account saved.")
        page.wait_for_load_state()
        page.locator("h1").click()
        page.keyboard.press("Control+z")
        expect(page.locator("[data-toast]")).to_contain_text("Taken back.")
        assert values_of(site, "sales.account", account)["name"] == "Before It Was"

    def test_nobody_takes_back_what_others_did_or_changed_since(
        self, site: Site, administrator: str, rita: str
    ) -> None:
        account = site.create("sales.account", name="Whose", kind="prospect")
        visitor = site.visitor(administrator)
        values = dict(form_values(visitor.html(f"/e/sales.account/{account}/edit")))
        answer = visitor.post(f"/e/sales.account/{account}/edit", {**values, "name": "Mine"})
        undo = re.search(r"/undo/[0-9a-z]+", visitor.html(answer.location))
        assert undo is not None
        assert site.visitor(rita).post(undo[0]).status_code == 404
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.update(ctx, "sales.account", account, {"city": "Lyon"})
        refused = visitor.post(undo[0])
        assert refused.status_code == 409
        assert "was changed since" in refused.get_data(as_text=True)
        assert values_of(site, "sales.account", account)["name"] == "Mine"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_no_finding(page: Page, site: Site, sarah: str, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    signed_in(page, site, sarah).goto("/notices")
    assert findings(page) == []
    page.goto("/e/sales.account")
    page.locator(".k-bell").click()
    expect(page.locator("#k-panel h2")).to_be_visible()
    assert findings(page) == []
    box = page.locator("#k-panel").bounding_box()
    assert box is not None
    assert width - 20 <= box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
