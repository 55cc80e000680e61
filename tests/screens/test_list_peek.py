"""The panel beside a list: opened by Space, moved by the arrows, changed in place, closed by Escape."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support.axe import findings
from support.site import Site, signed_in

pytestmark = pytest.mark.screen


def test_the_part_is_for_scripts_and_for_whoever_may_see_the_record(site: Site, administrator: str) -> None:
    account = site.create("sales.account", name="Peeked at")
    visitor = site.visitor(administrator)
    part = visitor.get(f"/e/sales.account/{account}/peek", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Peeked at" in part
    assert "<html" not in part
    assert visitor.get(f"/e/sales.account/{account}/peek").headers["Location"] == f"/e/sales.account/{account}"
    deal = site.create("sales.deal", name="Peeked deal", account=account)
    stranger = site.visitor(site.with_roles("Peek Rep", "sales.rep"))
    assert stranger.get(f"/e/sales.deal/{deal}/peek", headers={"HX-Request": "true"}).status_code == 404


def test_by_keys_beside_the_list(site: Site, page: Page, administrator: str) -> None:
    for number in (1, 2):
        site.create("sales.account", name=f"Besides {number}", city="Bonn", owner=administrator)
    listing = "/e/sales.account?view=all&f=name&o=starts_with&v=Besides&sort=name"
    signed_in(page, site, administrator).goto(listing)
    page.keyboard.press("j")
    page.keyboard.press("Space")
    panel = page.locator("aside.k-peek")
    expect(panel.get_by_role("heading", name="Besides 1")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_role("heading", name="Besides 2")).to_be_visible()
    assert not findings(page)
    panel.locator("[data-value]", has_text="City").locator(".go").click()
    panel.get_by_role("textbox", name="City").fill("Kiel")
    panel.get_by_role("textbox", name="City").press("Enter")
    expect(panel.locator("[data-value]", has_text="Kiel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page).to_have_url(site.address + listing)


def test_what_is_on_its_way_is_given_up_and_what_does_not_come_is_told(
    site: Site, chromium: Browser, administrator: str
) -> None:
    site.create("sales.account", name="Slowly there", owner=administrator)
    # A page of its own: the browser reports what does not come as a fault.
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = context.new_page()
    signed_in(page, site, administrator).goto("/e/sales.account?view=all&f=name&o=is&v=Slowly+there")
    held: list[Route] = []
    page.route("**/peek", lambda route: held.append(route))
    page.keyboard.press("j")
    with page.expect_request("**/peek"):
        page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-said]")).to_have_text("1 selected")
    with page.expect_response("**/peek"):
        held[0].continue_()
    page.route("**/runs", lambda route: route.abort())
    page.get_by_role("button", name="Edit field").click()
    expect(page.locator("[data-toast]")).to_contain_text("The server cannot be reached. Nothing was changed")
    expect(page.locator("aside.k-peek")).to_have_count(0)
    context.close()
