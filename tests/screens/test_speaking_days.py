"""Days that say what they mean for today, in lists, on cards and on the record's page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kith_runtime.screens.cells import CellWriter
from kith_runtime.screens.row_state import row_state
from support.site import Site, signed_in

pytestmark = pytest.mark.screen

_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)


@pytest.fixture
def deals(site: Site, sarah: str) -> dict[str, str]:
    """Deals by name: one that is late and rests too long, one that is done with, and one that is due tomorrow."""
    today = site.today(sarah)
    account = site.create("sales.account", name="Days & Co", owner=sarah)

    def deal(name: str, days: int, contact: int, **values: object) -> str:
        close, last = today + timedelta(days=days), today - timedelta(days=contact)
        days_of = {"close_date": close.isoformat(), "last_contact_on": last.isoformat()}
        return site.create("sales.deal", name=name, account=account, owner=sarah, **days_of, **values)

    return {
        "Speaking late": deal("Speaking late", -3, 16, stage="discovery"),
        "Speaking lost": deal("Speaking lost", -3, 3, stage="lost", lost_reason="price"),
        "Speaking soon": deal("Speaking soon", 1, 1),
    }


def row_of(text: str, name: str) -> str:
    return next(row for row in _ROW.findall(text) if name in row)


def test_lists_say_what_is_late_and_how_long_ago_something_was(site: Site, sarah: str, deals: dict[str, str]) -> None:
    visitor = site.visitor(sarah)
    page = visitor.get("/e/sales.deal?view=sales.all_open_deals&q=Speaking").text
    late, soon = row_of(page, "Speaking late"), row_of(page, "Speaking soon")
    assert re.search(r'class="k-num k-bad" title="[^"]+">3 d late<', late)
    assert re.search(
        r'class="k-idle k-num" title="[^"]+: 16 days ago; the limit in Discovery is 14">.*?16 d ago<', late, re.DOTALL
    )
    assert ">tomorrow<" in soon
    assert ">yesterday<" in soon
    everything = visitor.get("/e/sales.deal?view=sales.all_deals&q=Speaking").text
    assert "3 d late" in row_of(everything, "Speaking late")
    assert "late<" not in row_of(everything, "Speaking lost")


def test_rows_that_do_not_know_whether_a_record_is_done_with_call_nothing_late(site: Site) -> None:
    snapshot = site.workspace.current.snapshot
    close, stage = (snapshot.entity("sales.deal").fields[name] for name in ("close_date", "stage"))
    writer = CellWriter(snapshot)
    assert not row_state(writer, "sales.deal", {"close_date": close}, {"close_date": "v0"})
    both = {"close_date": close, "stage": stage}
    assert "over" in row_state(writer, "sales.deal", both, {"close_date": "v0", "stage": "v1"})
    assert "over|default(true)" in writer.content(close, "v0")
    assert "<a" not in writer.missing(snapshot.entity("sales.deal").fields["next_step"])


def test_cards_and_records_say_it_too(site: Site, sarah: str, deals: dict[str, str]) -> None:
    visitor = site.visitor(sarah)
    board = visitor.get("/e/sales.deal?view=sales.deal_board&q=Speaking+late").text
    card = board[board.index(f'id="card-{deals["Speaking late"]}"') :].partition("</li>")[0]
    assert "3 d late" in card
    page = visitor.get(f"/e/sales.deal/{deals['Speaking late']}").text
    assert re.search(r'<small class="k-bad">3 d late</small>', page)
    assert "3 d late" not in visitor.get(f"/e/sales.deal/{deals['Speaking lost']}").text


def test_records_without_a_next_step_say_so_until_they_are_closed(
    site: Site, sarah: str, deals: dict[str, str]
) -> None:
    visitor = site.visitor(sarah)
    wanted, offered = 'class="k-want">No next step<', re.compile(r'<a class="k-want" href="([^"]+)">.*?Add next step<')
    row = offered.search(
        row_of(visitor.get("/e/sales.deal?view=sales.all_open_deals&q=Speaking").text, "Speaking soon")
    )
    card = offered.search(visitor.get("/e/sales.deal?view=sales.deal_board&q=Speaking+late").text)
    assert row is not None
    assert card is not None
    assert "next_step" in visitor.get(card[1]).headers["Location"]
    assert wanted in visitor.get(f"/e/sales.deal/{deals['Speaking late']}").text
    assert wanted not in visitor.get(f"/e/sales.deal/{deals['Speaking lost']}").text


def test_what_is_offered_opens_in_place_and_on_a_phone_in_the_form(
    site: Site, page: Page, phone: Page, sarah: str, deals: dict[str, str]
) -> None:
    assert deals
    address = "/e/sales.deal?view=sales.all_open_deals&q=Speaking+soon"
    signed_in(phone, site, sarah).goto(address)
    phone.locator("a.k-want").first.tap()
    expect(phone.locator("[name=next_step]")).to_be_focused()
    assert phone.url.endswith("/edit#f-next_step")
    signed_in(page, site, sarah).goto(address)
    row = page.locator("tbody tr", has_text="Speaking soon").first
    row.locator("a.k-want").click()
    editor = page.locator("form[data-cell] [name=next_step]")
    expect(editor).to_be_focused()
    editor.fill("Ring them on Monday")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Ring them on Monday")
    expect(row.locator(".k-want")).to_have_count(0)
