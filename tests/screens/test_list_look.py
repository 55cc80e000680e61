"""Layers, columns and the way back of a list, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.axe import findings
from support.site import Site, signed_in

pytestmark = pytest.mark.screen

ALL = "/e/sales.deal?view=sales.all_deals"


def names(page: Page) -> list[str]:
    """Return the names of the columns as they stand."""
    found: list[str] = page.eval_on_selector_all("th[data-column]", "heads => heads.map(head => head.dataset.column)")
    return found


def test_columns_are_chosen_ordered_and_reset(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL)
    before = names(page)
    page.locator("#columns > summary").click()
    find = page.get_by_label("Find a field")
    expect(find).to_be_focused()
    find.fill("margi")
    expect(page.locator("[data-columns-list] > li:visible")).to_have_count(1)
    page.get_by_role("checkbox", name="Margin").check()
    find.fill("")
    page.get_by_label("Move Margin up").press("Enter")
    assert findings(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Show these").click()
    expect(page.locator('th[data-column="margin"]')).to_be_visible()
    page.locator("#columns > summary").click()
    expect(find).to_be_focused()
    page.keyboard.press("Escape")
    expect(find).to_be_hidden()
    expect(page.locator("#columns > summary")).to_be_focused()
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.get_by_role("button", name="Reset columns and widths").click()
    expect(page.locator('th[data-column="margin"]')).to_have_count(0)
    assert names(page) == before


def test_width_is_changed_by_keys_and_by_hand(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL)
    frame = page.locator(".k-grid-wrap")
    page.set_viewport_size({"width": 900, "height": 900})
    expect(frame).to_have_attribute("data-more-after", "")
    frame.evaluate("element => element.scrollTo(element.scrollWidth, 0)")
    expect(frame).not_to_have_attribute("data-more-after", "")
    expect(frame).to_have_attribute("data-more-before", "")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(frame).not_to_have_attribute("data-more-before", "")
    edge = page.get_by_role("separator", name="Width of Amount")
    expect(edge).to_have_attribute("aria-valuenow", re.compile(r"^\d+$"))
    before = int(edge.get_attribute("aria-valuenow") or 0)
    edge.focus()
    with page.expect_response("**/widths"):
        page.keyboard.press("Shift+ArrowRight")
    wide = int(edge.get_attribute("aria-valuenow") or 0)
    assert wide > before + 30
    page.reload()
    expect(edge).to_have_attribute("aria-valuenow", str(wide))
    box = edge.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 64, box["y"] + 10)
    with page.expect_response("**/widths"):
        page.mouse.up()
    assert int(edge.get_attribute("aria-valuenow") or 0) >= wide + 50
    kept, box = edge.get_attribute("aria-valuenow") or "", edge.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 124, box["y"] + 10)
    expect(edge).not_to_have_attribute("aria-valuenow", kept)
    page.keyboard.press("Escape")
    expect(edge).to_have_attribute("aria-valuenow", kept)
    page.mouse.up()
    with page.expect_response("**/widths"):
        edge.press("Delete")
    expect(edge).to_have_attribute("aria-valuenow", str(before))
    page.reload()
    expect(edge).to_have_attribute("aria-valuenow", str(before))


def test_the_way_in_without_a_view_shows_the_looks_of_the_one_it_opens(site: Site) -> None:
    person = site.with_roles("Looks Keeper", "base.administrator")
    visitor = site.visitor(person)
    place = re.search(r'data-place="([^"]+)"', visitor.html("/e/sales.deal"))
    assert place is not None
    visitor.post("/e/sales.deal/columns", {"place": place[1], "column": ["name", "margin"]})
    visitor.post("/e/sales.deal/widths", {"place": place[1], "name": "margin", "width": "210"})
    for address in ("/e/sales.deal", f"/e/sales.deal?view={place[1]}"):
        html = visitor.html(address)
        assert re.findall(r'th[^>]* data-column="(\w+)"', html) == ["name", "margin"]
        assert '<col class="k-wp-210">' in html
    assert 'data-column="margin"' not in visitor.html("/e/sales.deal?view=all")


def test_view_is_saved_where_one_is(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL + "&f=stage&o=is&v=won")
    page.get_by_text("Save as view").click()
    name = page.get_by_label("Name of the view")
    expect(name).to_be_focused()
    name.fill(f"Won {site.workspace.database.dialect_name}")
    page.keyboard.press("Enter")
    expect(page.locator("#views [aria-current=page]")).to_contain_text("Won ")
    expect(page.get_by_text("Save as view")).to_have_count(0)
    page.get_by_label("Arrange views").click()
    expect(page.get_by_role("heading", name="Views of deals")).to_be_visible()
    assert findings(page) == []
    with page.expect_navigation():
        page.get_by_label("Change Won").click()
    assert findings(page) == []
    page.get_by_role("button", name="Delete view").click()
    expect(page.locator(".k-toast")).to_contain_text("was deleted")


def test_shift_sorts_by_a_second_column(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL + "&sort=stage")
    page.locator('th[data-column="amount"] a').click(modifiers=["Shift"])
    expect(page.locator("th .k-rank")).to_have_count(2)
    assert "sort=stage%2Camount" in page.url


def test_back_from_a_record_returns_to_its_row(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto("/e/sales.contact?view=all&sort=name")
    with page.expect_navigation():
        page.get_by_label("Next page").click()
    link = page.locator(".k-title a").nth(40)
    href, place = link.get_attribute("href"), page.url
    link.click()
    page.wait_for_url(f"**{href}")
    page.go_back()
    assert page.url == place
    row = page.locator("tr.is-cursor .k-title a")
    expect(row).to_have_attribute("href", href or "")
    expect(row).to_be_in_viewport()
