"""Previous and next of the list one came from, in its order and within its filter."""

from __future__ import annotations

import html as html_text
import re
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from support.site import Site, Visitor, signed_in


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def three(site: Site) -> list[str]:
    names = ("Placed A", "Placed B", "Placed C")
    return [site.create("sales.account", name=name, kind="prospect", city="Placetown") for name in names]


def beside(visitor: Visitor, record: str, question: str) -> tuple[str, str]:
    page = html_text.unescape(visitor.html(f"/e/sales.account/{record}?{urlencode({'in': question})}"))
    found = [re.search(rf'href="/e/sales.account/([0-9a-z]+)\?[^"]*" rel="{word}"', page) for word in ("prev", "next")]
    return (found[0][1] if found[0] else ""), (found[1][1] if found[1] else "")


def test_in_the_order_and_the_filter_of_the_list(olga: Visitor, three: list[str]) -> None:
    where = f"city == 'Placetown' and id in ['{three[0]}', '{three[1]}', '{three[2]}']"
    up, down = (urlencode({"view": "all", "sort": sort, "where": where}) for sort in ("name", "-name"))
    assert beside(olga, three[1], up) == (three[0], three[2])
    assert beside(olga, three[1], down) == (three[2], three[0])
    assert beside(olga, three[0], up) == ("", three[1])
    assert beside(olga, three[2], up) == (three[1], "")
    only = urlencode({"view": "all", "sort": "name", "where": where + " and name != 'Placed B'"})
    assert beside(olga, three[0], only) == ("", three[2])
    assert beside(olga, three[1], only) == ("", "")


def test_the_number_in_the_list_is_told_and_capped(site: Site, olga: Visitor, three: list[str]) -> None:
    where = f"id in ['{three[0]}', '{three[1]}', '{three[2]}']"

    def number(record: str, **asked: str) -> str:
        question = urlencode({"in": urlencode({"view": "all", **asked})})
        return olga.html(f"/e/sales.account/{record}/place?{question}")

    assert [number(record, sort="-name", where=where) for record in three] == ["3 of 3", "2 of 3", "1 of 3"]
    assert number(three[0], where="name == 'Placed B'") == ""
    assert number(three[0], where="secret == 1") == ""
    # Blank values come last, in a segment of their own.
    assert number(three[1], sort="vat_number", where=where).endswith(" of 3")


@pytest.mark.parametrize("question", ["view=none", "where=((", "where=secret==1", "sort=nothing", "%00", "f=x&o=y&v=z"])
def test_a_list_that_cannot_be_gives_no_place_and_no_fault(olga: Visitor, three: list[str], question: str) -> None:
    assert olga.get(f"/e/sales.account/{three[0]}?in={quote(question)}").status_code == 200


def test_by_keys_from_the_list(site: Site, page: Page, administrator: str, three: list[str]) -> None:
    where = f"id in ['{three[0]}', '{three[1]}', '{three[2]}']"
    signed_in(page, site, administrator)
    page.goto(f"/e/sales.account?{urlencode({'view': 'all', 'sort': 'name', 'where': where})}")
    page.get_by_role("link", name="Placed A").first.click()
    expect(page.locator("h1")).to_contain_text("Placed A")
    expect(page.locator(".k-place")).to_have_text("1 of 3")
    for key, title in (("j", "Placed B"), ("j", "Placed C"), ("k", "Placed B")):
        # The keys work once the page has come whole; its heading comes before.
        page.wait_for_load_state()
        page.keyboard.press(key)
        expect(page.locator("h1")).to_contain_text(title)
