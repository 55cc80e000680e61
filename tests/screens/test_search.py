"""The search over all records, by its public door and in a real browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from kith_runtime.screens.search import HITS
from support.axe import findings
from support.site import Site, looks, signed_in

pytestmark = pytest.mark.screen

HIT = re.compile(r'<td class="p-title">.*?<bdi>(.*?)</bdi>')


def test_search_groups_and_marks(site: Site, sarah: str) -> None:
    html = site.visitor(sarah).html("/search?q=brightw")
    assert "<mark>Brightw</mark>ater Logistics" in html
    groups = re.findall(r'scope="rowgroup"><svg.*?</svg> (\w+)', html)
    assert "Accounts" in groups
    assert len(groups) == len(set(groups))
    assert 'value="brightw"' in html.partition("<header")[2].partition("</header>")[0]


def test_search_leaves_out_what_one_may_not_see(site: Site, sarah: str, administrator: str) -> None:
    stranger = site.with_roles("Else Where", "sales.rep")
    account = site.create("sales.account", name="Openly visible", owner=stranger)
    site.create("sales.deal", name="Zzyzx secret road", account=account, owner=stranger)
    assert "Nothing found" in site.visitor(sarah).html("/search?q=zzyzx")
    assert HIT.findall(site.visitor(administrator).html("/search?q=zzyzx")) == ["<mark>Zzyzx</mark> secret road"]


def test_search_without_words_and_with_odd_ones(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    assert "Search all records" in visitor.html("/search")
    for text in ("%00", '"', "a%22+OR+b", "%25", "'", "%F0%9F%98%80", "x" * 5000):
        assert visitor.get(f"/search?q={text}").status_code == 200
    html = visitor.html("/search?q=<script>alert(1)</script>")
    assert "<script>alert" not in html


def test_more_of_one_kind_lead_to_its_list(site: Site, administrator: str) -> None:
    for number in range(made := HITS + 2):
        site.create("sales.account", name=f"Morelist {number}", owner=administrator)
    visitor = site.visitor(administrator)
    more = re.search(r'href="(/e/sales.account[^"]+)">Show all', visitor.html("/search?q=morelist"))
    assert more is not None
    assert len(HIT.findall(visitor.html(unescape(more[1])))) == made


def test_search_by_keyboard(site: Site, page: Page, sarah: str) -> None:
    signed_in(page, site, sarah).goto("/")
    page.keyboard.press("/")
    page.keyboard.type("brightwater")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr').classList.contains('is-cursor')")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["page", "phone"])
@looks
def test_no_finding(site: Site, request: pytest.FixtureRequest, sarah: str, theme: str, width: str) -> None:
    page: Page = signed_in(request.getfixturevalue(width), site, sarah)
    page.context.add_cookies([{"name": "kith_theme", "value": theme, "url": site.address}])
    for address in ("/search", "/search?q=bri", "/search?q=qqqqq"):
        page.goto(address)
        assert findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
