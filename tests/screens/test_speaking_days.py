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
def account(site: Site, sarah: str) -> str:
    return site.create("sales.account", name="Days & Co", owner=sarah)


@pytest.fixture
def deals(site: Site, sarah: str, account: str) -> dict[str, str]:
    """Deals by name: one that is late and rests too long, one that is done with, and one that is due tomorrow."""
    today = site.today(sarah)

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


def test_a_step_stands_with_its_day_and_lists_know_what_is_done_without_its_column(
    site: Site, sarah: str, account: str
) -> None:
    reader = site.with_roles("Steps Reader", "base.administrator")
    today = site.today(reader)
    steps = {"next_step": "Send the offer", "next_step_on": (today - timedelta(days=2)).isoformat()}
    common = {"account": account, "owner": sarah, "close_date": (today - timedelta(days=5)).isoformat(), **steps}
    site.create("sales.deal", name="Stepping on", amount={"amount": "1200.50", "currency": "EUR"}, **common)
    lost = site.create("sales.deal", name="Stepping off", stage="lost", lost_reason="price", **common)
    visitor = site.visitor(reader)
    asked = "/e/sales.deal?view=sales.all_deals&q=Stepping"

    def seen(*columns: str) -> str:
        visitor.post("/e/sales.deal/columns", {"place": "sales.all_deals", "column": list(columns)})
        return visitor.get(asked).text

    page = seen("name", "next_step", "close_date")
    assert re.search(r'class="k-step-on">.*?Send the offer.*?k-when k-3">.*?2 d late<', row_of(page, "Stepping on"))
    assert "5 d late" in row_of(page, "Stepping on")
    assert "Send the offer" in row_of(page, "Stepping off")
    assert "late<" not in row_of(page, "Stepping off")
    # The file has the columns that are seen, and nothing of what is read beside them.
    lines = visitor.get(asked.replace("?", "/export.csv?")).text.splitlines()
    assert [len(line.split(",")) for line in lines] == [3, 3, 3]
    both = seen("name", "next_step", "close_date", "next_step_on")
    assert "k-step-on" not in both
    assert "2 d late" in row_of(both, "Stepping on")
    top = visitor.get(f"/e/sales.deal/{lost}").text
    assert "k-step-on" in top[top.index('class="k-hl"') : top.index("</dl>", top.index('class="k-hl"'))]


def test_amounts_without_cents_keep_them_on_the_page_and_for_who_points_at_them(
    site: Site, sarah: str, account: str
) -> None:
    amount = {"amount": "1200.50", "currency": "EUR"}
    deal = site.create("sales.deal", name="Whole euros", account=account, owner=sarah, amount=amount)
    visitor = site.visitor(sarah)
    page = visitor.get("/e/sales.deal?view=sales.all_deals&q=Whole+euros&count=all").text
    assert '<span title="€1,200.50">€1,201</span>' in row_of(page, "Whole euros")
    assert ",1200.50,EUR," in visitor.get("/e/sales.deal/export.csv?view=sales.all_deals&q=Whole+euros").text
    record = visitor.get(f"/e/sales.deal/{deal}").text
    assert '<span title="€1,200.50">€1,201</span>' in record[record.index('class="k-hl"') :]
    assert "€1,200.50</span>" in record[record.index('id="v-amount"') :].partition("</dd>")[0]


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
