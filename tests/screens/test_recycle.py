"""The recycle bin: who deleted what and when, and the way back with all that went along."""

from __future__ import annotations

import html as html_text

import pytest

from support.site import Site, Visitor


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Bin Works", kind="prospect")


def text_of(visitor: Visitor, address: str) -> str:
    return html_text.unescape(visitor.html(address))


def test_a_deleted_record_waits_and_comes_back_with_its_children(site: Site, olga: Visitor, account: str) -> None:
    deal = site.create("sales.deal", name="Binned deal", account=account)
    for name in ("One", "Two"):
        site.create("sales.deal_line", deal=deal, name=name, quantity=1, unit_price="5")
    assert olga.post(f"/e/sales.deal/{deal}/delete", {"version": "1"}).status_code == 303
    page = text_of(olga, "/e/sales.deal/bin")
    assert "Binned deal" in page
    assert "Olga Admin" in page
    assert olga.get(f"/e/sales.deal/{deal}").status_code == 404
    answer = olga.post(f"/e/sales.deal/{deal}/restore")
    assert answer.status_code == 303
    back = text_of(olga, answer.location)
    assert "Binned deal is back with 2 records that belong to it." in back
    assert "Two" in back


def test_a_child_waits_for_its_parent(site: Site, olga: Visitor, account: str) -> None:
    deal = site.create("sales.deal", name="Parent deal", account=account)
    line = site.create("sales.deal_line", deal=deal, name="Lonely", quantity=1, unit_price="5")
    olga.post(f"/e/sales.deal_line/{line}/delete")
    olga.post(f"/e/sales.deal/{deal}/delete")
    answer = olga.post(f"/e/sales.deal_line/{line}/restore")
    assert answer.status_code in (404, 409)
    if answer.status_code == 409:
        assert "belongs to a deal that is deleted too" in html_text.unescape(answer.get_data(as_text=True))


def test_who_may_not_delete_has_no_bin(site: Site, sarah: str) -> None:
    assert site.visitor(sarah).get("/e/service.case/bin").status_code == 403


def test_only_records_that_one_may_delete_are_shown(site: Site, olga: Visitor, sarah: str, account: str) -> None:
    deal = site.create("sales.deal", name="Not for Sarah", account=account, owner=site.with_roles("Other", "sales.rep"))
    olga.post(f"/e/sales.deal/{deal}/delete")
    assert "Not for Sarah" in text_of(olga, "/e/sales.deal/bin")
    visitor = site.visitor(sarah)
    assert "Not for Sarah" not in text_of(visitor, "/e/sales.deal/bin")
    assert visitor.post(f"/e/sales.deal/{deal}/restore").status_code in (403, 404)


def test_pages_of_the_bin_follow_each_other(site: Site, olga: Visitor) -> None:
    for number in range(52):
        tag = site.create("base.tag", name=f"Binned tag {number}")
        olga.post(f"/e/base.tag/{tag}/delete")
    first = text_of(olga, "/e/base.tag/bin")
    assert first.count("Binned tag ") >= 50
    older = first.split('">Older')[0].rsplit('href="', 1)[1]
    assert "Binned tag 0" in text_of(olga, older)
