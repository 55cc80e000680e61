"""A list in groups: heads with counts and sums, rows inside each, and more of them on demand."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from kith_platform.database.letters import without_marks
from support.axe import findings
from support.site import Site, signed_in

pytestmark = pytest.mark.screen

ALL = "/e/sales.deal?view=sales.all_deals"
HEAD = re.compile(r'<a href="([^"]+)" title="Show [^"]*"><bdi>(.*?)</bdi></a><span class="k-n">([\d,]+)</span>')
TITLE = re.compile(r'<td class="p-title">.*?<bdi>(.*?)</bdi>')


def heads(html: str) -> list[tuple[str, int]]:
    """Return the groups of a page with their counts, in order."""
    return [(unescape(label), int(count.replace(",", ""))) for _, label, count in HEAD.findall(html)]


def total(html: str) -> int:
    """Return the exact number of records of a plain list."""
    found = re.search(r">\d+–\d+ of (\d+)", html)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("field", ["stage", "account", "owner", "close_date:month"])
def test_groups_hold_every_record_once(site: Site, administrator: str, field: str) -> None:
    visitor = site.visitor(administrator)
    html = visitor.html(f"{ALL}&group={field}")
    found = heads(html)
    assert len(found) > 3
    assert sum(count for _, count in found) == total(visitor.html(ALL + "&count=all"))
    for address, label, count in HEAD.findall(html)[:3]:
        alone = visitor.html(unescape(address) + "&count=all")
        assert total(alone) == int(count.replace(",", "")), label


def test_a_group_whose_record_is_hidden_has_no_link(site: Site) -> None:
    observer = site.visitor(site.with_roles("Wanda Watch", "service.observer"))
    html = observer.html("/e/service.case?group=account")
    assert '<span class="k-3">Hidden record</span><span class="k-n">' in html
    assert "Show Hidden record alone" not in html


def test_groups_follow_order_filter_and_rights(site: Site, sarah: str, administrator: str) -> None:
    visitor = site.visitor(administrator)
    stages = [label for label, _ in heads(visitor.html(ALL + "&group=stage"))]
    assert stages.index("Qualify") < stages.index("Proposal") < stages.index("Won")
    only = heads(visitor.html(ALL + "&group=stage&f=stage&o=one_of&v=won,lost"))
    assert [label for label, _ in only] == ["Won", "Lost"]
    own = heads(site.visitor(sarah).html(ALL + "&group=stage"))
    assert sum(count for _, count in own) < sum(count for _, count in heads(visitor.html(ALL + "&group=stage")))
    html = visitor.html(ALL + "&group=stage&sort=name")
    first = re.split(r"<tbody class=", html)[1]
    names = [unescape(name) for name in TITLE.findall(first)]
    assert names == sorted(names)
    assert "Amount <b>" in first


def test_group_goes_on_by_key(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    plain = visitor.html("/e/sales.contact?view=all&group=owner&sort=name")
    body = next(part for part in re.split(r"<tbody class=", plain)[1:] if "Show more" in part)
    count = heads(body)[0][1]
    seen = [unescape(name) for name in TITLE.findall(body)]
    more = re.search(r'hx-get="([^"]+)"[^>]*>Show more', body)
    while more is not None:
        part = visitor.html(unescape(more[1]))
        seen += [unescape(name) for name in TITLE.findall(part)]
        more = re.search(r'hx-get="([^"]+)"[^>]*>Show more', part)
    assert len(seen) == count > 20
    assert seen == sorted(seen, key=lambda name: without_marks(name).lower())


@pytest.mark.parametrize(
    "group", ["nope", "margin", "amount", "close_date", "close_date:year", "name", "stage:month", ":"]
)
def test_wrong_group_is_said_on_the_page(site: Site, sarah: str, group: str) -> None:
    visitor = site.visitor(sarah)
    answer = visitor.get(f"{ALL}&group={group}")
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "cannot be grouped" in text
    assert not TITLE.findall(text)
    assert visitor.get(f"/e/sales.deal/group?group={group}&key=1").status_code in (400, 422)


@pytest.mark.parametrize("key", ["zzz", "-1", "99999999", "%00", "2026-13"])
def test_wrong_month_is_refused(site: Site, sarah: str, key: str) -> None:
    answer = site.visitor(sarah).get(f"/e/sales.deal/group?group=close_date:month&key={key}")
    assert answer.status_code in (400, 422)


def test_groups_fold_and_go_on_in_the_browser(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL)
    page.get_by_title("Group", exact=True).click()
    page.locator(".k-group-menu").get_by_role("link", name="Stage", exact=True).click()
    expect(page.locator(".k-group-head").first).to_be_visible()
    assert findings(page) == []
    toggle = page.locator("[data-group-toggle]").first
    toggle.click()
    expect(page.locator("[data-group]").first.locator("tr:visible")).to_have_count(1)
    last = page.locator("[data-group]").last
    expect(last.locator("td.p-title")).to_have_count(0)
    last.locator("[data-group-toggle]").press("Enter")
    expect(last.locator("td.p-title").first).to_be_visible()
