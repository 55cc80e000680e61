"""The timeline: bars from a start to an end, moved and made longer by drag and by menu."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_runtime import queries
from kith_runtime.actors import SYSTEM
from support.axe import findings
from support.site import Site, looks, open_page, signed_in

pytestmark = pytest.mark.screen

TIMELINE = "/e/sales.campaign?view=sales.campaign_timeline"


def campaign(site: Site, name: str) -> str:
    dates = {"starts_on": "2031-03-03", "ends_on": "2031-03-09"}
    return site.create("sales.campaign", name=name, kind="webinar", **dates)


def dates_of(site: Site, record: str) -> tuple[Any, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        found = queries.get(ctx, "sales.campaign", record, ("starts_on", "ends_on"))
        return found["starts_on"], found["ends_on"]


def only(name: str) -> str:
    return f"{TIMELINE}&scale=day&on=2031-03-01&q={name.replace(' ', '+')}"


def test_a_bar_stands_at_its_days_in_its_group(site: Site, administrator: str) -> None:
    campaign(site, "Placed bar")
    html = site.visitor(administrator).html(only("Placed bar"))
    assert 'class="k-bar-at k-c8 k-w7"' in html
    assert "<bdi>Webinar</bdi>" in html
    assert "No campaign in this time." in site.visitor(administrator).html(f"{TIMELINE}&on=2051-01-01")


def test_a_bar_is_dragged_and_made_longer(site: Site, administrator: str, page: Page) -> None:
    record = campaign(site, "Dragged bar")
    signed_in(page, site, administrator).goto(only("Dragged bar"))
    box = page.locator(f'[data-span="{record}"]').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 + 72, box["y"] + 8, steps=6)
    page.mouse.up()
    expect(page.locator(".k-bar-at.k-c10.k-w7")).to_be_visible()
    assert dates_of(site, record) == (date(2031, 3, 5), date(2031, 3, 11))
    for edge, by, place in (("end", 108, ".k-c10.k-w10"), ("start", -72, ".k-c8.k-w12")):
        grip = page.locator(f"[data-span-edge={edge}]").bounding_box()
        assert grip is not None
        page.mouse.move(grip["x"] + 3, grip["y"] + 8)
        page.mouse.down()
        page.mouse.move(grip["x"] + 3 + by, grip["y"] + 8, steps=6)
        page.mouse.up()
        expect(page.locator(f".k-bar-at{place}")).to_be_visible()
    assert dates_of(site, record) == (date(2031, 3, 3), date(2031, 3, 14))


def test_a_bar_that_is_dragged_to_the_edge_goes_as_far_as_was_scrolled(
    site: Site, administrator: str, page: Page
) -> None:
    record = campaign(site, "Far bar")
    signed_in(page, site, administrator).goto(only("Far bar"))
    box, frame = page.locator(f'[data-span="{record}"]').bounding_box(), page.locator("#spans").bounding_box()
    assert box is not None
    assert frame is not None
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] - 4, box["y"] + 8, steps=6)
    most = page.locator("#spans").evaluate("e => e.scrollWidth - e.clientWidth")
    expect(page.locator("#spans")).to_have_js_property("scrollLeft", most)
    page.mouse.up()
    expect(page.locator(".k-toast[role=status]")).to_contain_text("Far bar is now on Sun 6 Apr 2031.")
    expect(page.locator("#spans")).not_to_have_js_property("scrollLeft", 0)


def test_a_bar_is_moved_by_keyboard_and_never_ends_before_it_starts(site: Site, administrator: str, page: Page) -> None:
    record = campaign(site, "Keyed bar")
    signed_in(page, site, administrator).goto(only("Keyed bar"))
    page.locator(f'[data-span="{record}"] a').first.focus()
    page.keyboard.press("m")
    page.get_by_role("menuitem", name="One week later").press("Enter")
    expect(page.locator(".k-bar-at.k-c15")).to_be_visible()
    page.keyboard.press("m")
    page.get_by_role("menuitem", name="Starts one day later").press("Enter")
    expect(page.locator(".k-bar-at.k-c16")).to_be_visible()
    assert dates_of(site, record) == (date(2031, 3, 11), date(2031, 3, 16))
    answer = site.visitor(administrator).post(
        TIMELINE.replace("?", "/shift?"),
        {"id": record, "days": "-30", "edge": "end"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "It would end before it starts." in answer.get_data(as_text=True)


def test_who_may_only_read_moves_nothing(site: Site, sarah: str) -> None:
    record = campaign(site, "Fixed bar")
    visitor = site.visitor(sarah)
    assert "data-movable" not in visitor.html(only("Fixed bar"))
    visitor.post(TIMELINE.replace("?", "/shift?"), {"id": record, "days": "1"})
    assert dates_of(site, record) == (date(2031, 3, 3), date(2031, 3, 9))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_the_timeline_has_no_accessibility_findings(
    site: Site, administrator: str, chromium: Browser, width: int, theme: str
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=theme, base_url=site.address)  # type: ignore[arg-type]
    for page in open_page(context):
        for scale in ("day", "week", "month"):
            signed_in(page, site, administrator).goto(f"{TIMELINE}&scale={scale}")
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
