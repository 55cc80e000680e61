"""Favourites stand in the navigation, followed records tell of their changes; both belong to one person."""

from __future__ import annotations

import html as html_text

import pytest
from playwright.sync_api import Page, expect

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.site import Site, Visitor, signed_in

PART = {"HX-Request": "true"}


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Marked Works", kind="prospect")


def text_of(visitor: Visitor, address: str) -> str:
    return html_text.unescape(visitor.get(address, headers=PART).get_data(as_text=True))


def test_a_favourite_is_mine_alone_and_goes_again(site: Site, olga: Visitor, account: str) -> None:
    other = site.visitor(site.with_roles("Otto Other", "base.administrator"))
    assert olga.post(f"/e/sales.account/{account}/mark/favourite").status_code == 303
    assert "Marked Works" in text_of(olga, "/favourites")
    assert "Marked Works" not in text_of(other, "/favourites")
    olga.post(f"/e/sales.account/{account}/mark/favourite")
    assert "Marked Works" not in text_of(olga, "/favourites")


def test_a_deleted_favourite_is_absent(site: Site, olga: Visitor) -> None:
    gone = site.create("sales.account", name="Gone Works", kind="prospect")
    olga.post(f"/e/sales.account/{gone}/mark/favourite")
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "sales.account", gone)
    assert "Gone Works" not in text_of(olga, "/favourites")


def test_only_what_can_be_seen_is_marked(site: Site, sarah: str) -> None:
    hidden = site.create("sales.account", name="Unmarked Works", kind="prospect")
    visitor = site.visitor(sarah)
    assert visitor.post(f"/e/sales.account/{hidden}/mark/nothing").status_code == 404
    assert visitor.post("/e/sales.account/00000000000000000000/mark/favourite").status_code == 404
    assert visitor.post("/e/sales.nothing/00000000000000000000/mark/favourite").status_code == 404


def test_who_follows_is_told_of_changes_by_others(site: Site, olga: Visitor, account: str) -> None:
    olga.post(f"/e/sales.account/{account}/mark/follow")
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.update(ctx, "sales.account", account, {"city": "Namur"})
    assert "Marked Works" in html_text.unescape(olga.html("/notices"))


def test_by_a_click_and_by_a_key(site: Site, page: Page, administrator: str, account: str) -> None:
    signed_in(page, site, administrator).goto(f"/e/sales.account/{account}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("button", name="Favourite").click()
    expect(page.locator(".k-favourites")).to_contain_text("Marked Works")
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Following").first).to_have_attribute("aria-pressed", "true")
