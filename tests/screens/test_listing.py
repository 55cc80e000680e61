"""The list of an entity's records, by its public door and in a real browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from kith_runtime import queries, records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query
from support.axe import findings
from support.site import Site, looks, signed_in

pytestmark = pytest.mark.screen

ALL = "/e/sales.deal?view=sales.all_deals"
TITLE = re.compile(r'<td class="p-title">.*?<bdi>(.*?)</bdi>')


def titles(html: str) -> list[str]:
    """Return the titles of a page's rows, in order."""
    return [unescape(found) for found in TITLE.findall(html)]


def heads(html: str) -> str:
    """Return the head of the table as text."""
    return re.sub(r"<[^>]+>", " ", html.partition("<thead>")[2].partition("</thead>")[0])


def test_list_shows_the_columns_of_its_view(site: Site, sarah: str) -> None:
    html = site.visitor(sarah).html("/e/sales.deal")
    shown = heads(html)
    for label in ("Deal", "Account", "Stage", "Amount", "Close date"):
        assert label in shown
    assert 'aria-sort="ascending"' in html
    assert html.count("aria-sort") == 1
    assert 'href="/e/sales.account/' in html


def test_other_peoples_records_are_in_no_list_and_no_count(site: Site, sarah: str, administrator: str) -> None:
    stranger = site.with_roles("Far Away", "sales.rep")
    account = site.create("sales.account", name="Hidden Valley", owner=stranger)
    site.create("sales.deal", name="Hidden Valley deal", account=account, owner=stranger)
    everything, own = site.visitor(administrator), site.visitor(sarah)
    search = "&q=Hidden+Valley"
    assert titles(everything.html(ALL + search)) == ["Hidden Valley deal"]
    assert "Nothing matches" in own.html(ALL + search)
    counts = [
        re.findall(r'All deals</bdi> <span class="k-n">(\d+)', visitor.html("/e/sales.deal/figures"))
        for visitor in (own, everything)
    ]
    assert int(counts[0][0]) < int(counts[1][0])
    exact = re.search(r"of (\d+)", own.html(ALL + "&count=all"))
    assert exact is not None
    assert exact[1] == counts[0][0]


def test_hidden_field_is_absent_and_unknown(site: Site, sarah: str, administrator: str) -> None:
    own = site.visitor(sarah)
    assert "Margin" not in own.html(ALL)
    for address in ("&where=margin+>+3", "&sort=-margin", "&f=margin&o=more&v=3"):
        answer = own.get(ALL + address)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert "margin" in text
        assert "This list cannot be shown" in text
        assert 'name="q"' in text
    assert site.visitor(administrator).get(ALL + "&sort=-margin").status_code == 200
    unknown = own.get(ALL + "&where=no_such_thing+>+3").get_data(as_text=True)
    hidden = own.get(ALL + "&where=margin+>+3").get_data(as_text=True)
    assert unknown.count("has no field") == hidden.count("has no field") == 1


@pytest.mark.parametrize(
    "address",
    [
        "?view=nope",
        "?sort=nope",
        "?sort=-",
        "?where=stage+==",
        "?where=%00",
        "?where=amount",
        "?after=zzz",
        "?before=%F0%9F%98%80",
        "?f=stage&o=nope&v=1",
        "?f=amount&o=more&v=much",
        "?f=account&o=is&v=Nobody+of+that+name",
        "?f=&o=&v=",
        "?from=-1&after=x",
        "?q=%00%22",
        "?view=all&q=" + "x" * 5000,
    ],
)
def test_bad_addresses_are_said_on_the_page(site: Site, sarah: str, address: str) -> None:
    answer = site.visitor(sarah).get("/e/sales.deal" + address)
    assert answer.status_code in (200, 400, 404), address
    text = answer.get_data(as_text=True)
    assert "<h1>Deals</h1>" in text
    if answer.status_code != 200:
        assert 'href="/e/sales.deal' in text.partition('class="acts"')[2]


def test_unknown_and_closed_entities_sound_alike(site: Site, sarah: str) -> None:
    guest = site.visitor(site.with_roles("No Rights"))
    assert guest.get("/e/sales.deal").status_code == 404
    assert site.visitor(sarah).get("/e/sales.nothing").status_code == 404


def test_builder_works_without_script(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    sent = visitor.get(
        "/e/sales.deal",
        query_string=[
            ("view", "sales.all_deals"),
            ("f.0", "stage"),
            ("o.0", "one_of"),
            ("v.0", "won"),
            ("v.0", "lost"),
            ("f.1", "account"),
            ("o.1", "is"),
            ("v.1", ""),
            ("v.1__text", "maris seafood"),
        ],
    )
    assert sent.status_code == 303
    html = visitor.html(sent.headers["Location"])
    chips = re.sub(r"<[^>]+>", "", " ".join(re.findall(r'<div class="k-filter">.*?</b>', html)))
    assert "Stage is one of Won, Lost" in chips
    assert "Account is Maris Seafood" in chips
    assert titles(html)
    stages = set(re.findall(r'<td class="p-stage">.*?<span dir="auto">(.*?)</span>', html))
    assert stages <= {"Won", "Lost"}
    removed = re.search(r'href="([^"]+)" aria-label="Remove filter Stage"', html)
    assert removed is not None
    assert "Stage is one of" not in visitor.html(unescape(removed[1]))


def test_line_is_redrawn_for_its_field(site: Site, sarah: str) -> None:
    part = site.visitor(sarah).html("/e/sales.deal/filter?f.0=stage&o.0=more&v.0=")
    assert '<select class="form-select form-select-sm" name="v.0"' in part
    assert '<option value="negotiation"' in part
    assert "is more than" not in part
    assert "<html" not in part


def test_pages_by_key_and_back(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    seen: list[str] = []
    records: list[str] = []
    address = "/e/sales.contact?view=all&sort=name"
    numbers = []
    while address:
        html = visitor.html(address)
        seen += titles(html)
        records += re.findall(r'name="id" value="(\w+)"', html)
        numbers.append(re.search(r"<span[^>]*>(\d+)–(\d+)", html))
        following = re.search(r'href="([^"]+)" rel="next"', html)
        address = unescape(following[1]) if following else ""
    assert len(records) == len(set(records)) == len(seen) > 100
    assert [found[1] for found in numbers if found] == [str(first) for first in range(1, len(seen) + 1, 50)]
    previous = re.search(r'href="([^"]+)" rel="prev"', html)
    assert previous is not None
    before = 50 * (len(numbers) - 2)
    assert titles(visitor.html(unescape(previous[1]))) == seen[before : before + 50]


def test_foot_counts_and_sums_the_whole_question(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    assert "hx-get" in visitor.html("/e/sales.contact?view=all").partition("k-foot")[2]
    figures = visitor.html("/e/sales.deal/figures?view=sales.my_open_deals&shown=0")
    assert 'hx-swap-oob="true"' in figures
    whole = visitor.html("/e/sales.deal?view=sales.all_open_deals&count=all")
    assert "Amount <b>" in whole
    assert re.search(r"1–\d+ of \d+", whole)


def test_empty_states(site: Site, administrator: str, sarah: str) -> None:
    own = site.visitor(sarah)
    assert "Nothing matches" in own.html(ALL + "&q=qqqqqq")
    assert 'class="btn btn-primary" href="/e/sales.deal?view=sales.all_deals">Clear the filter' in own.html(
        ALL + "&q=qqqqqq"
    )
    with site.workspace.write(SYSTEM, "system") as ctx:
        for row in queries.select(ctx, Query("base.attachment", ("id",), limit=200)).rows:
            records.delete(ctx, "base.attachment", row[0])
    page = site.visitor(administrator).html("/e/base.attachment")
    assert "No files yet" in page
    assert 'href="/e/base.attachment/new"' in page
    assert "data-select-all" not in page


def test_delete_of_the_selection_and_undo(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    made = [
        site.create("base.tag", name=f"Bulk {site.workspace.database.dialect_name} {number}") for number in range(3)
    ]
    listing = "/e/base.tag?view=all&q=Bulk"
    assert len(titles(visitor.html(listing))) == 3
    answer = visitor.post("/e/base.tag/bulk", {"action": "delete", "id": made[:2], "next": listing})
    assert (answer.status_code, answer.headers["Location"]) == (303, listing)
    html = visitor.html(listing)
    assert "2 tags deleted." in html
    assert len(titles(html)) == 1
    undo = re.search(r'action="(/e/base.tag/undo/[^"]+)"', html)
    assert undo is not None
    other = site.visitor(site.with_roles("Second Admin", "base.administrator"))
    other.post(undo[1])
    assert len(titles(visitor.html(listing))) == 1
    visitor.post(undo[1])
    html = visitor.html(listing)
    assert "2 tags restored." in html
    assert len(titles(html)) == 3


def test_delete_says_what_stayed(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    account = site.create("sales.account", name="Held firmly", owner=administrator)
    site.create("sales.deal", name="Holds it", account=account, owner=administrator)
    visitor.post("/e/sales.account/bulk", {"action": "delete", "id": [account], "next": "/e/sales.account"})
    html = visitor.html("/e/sales.account")
    assert "Nothing was deleted" in html
    assert visitor.get("/e/sales.account?view=all&q=Held").get_data(as_text=True).count("Held firmly")


def test_reader_without_delete_has_no_boxes(site: Site) -> None:
    reader = site.visitor(site.with_roles("Only Reads", "sales.rep"))
    html = reader.html("/e/sales.product?view=all")
    assert titles(html)
    assert "data-select" not in html
    assert "/e/sales.product/new" not in html
    assert reader.post("/e/sales.product/bulk", {"action": "delete", "id": ["0" * 20]}).status_code == 303


def test_values_are_escaped(site: Site, administrator: str) -> None:
    name = '<b>"Zoë" & Søn Quillmark</b>'
    site.create("base.tag", name=name)
    html = site.visitor(administrator).html("/e/base.tag?view=all&q=Quillmark")
    assert titles(html) == [name]
    assert "<b>&" not in html
    assert name not in html


def test_keyboard_moves_opens_and_searches(site: Site, page: Page, sarah: str) -> None:
    signed_in(page, site, sarah).goto(ALL)
    expect(page.locator(".k-tabs .k-n").first).not_to_be_empty()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    assert page.evaluate("document.querySelector('tr.is-cursor .k-title a') === document.activeElement")
    page.keyboard.press("f")
    expect(page.locator("#filter form")).to_be_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Search all records"


def test_filter_is_built_in_the_browser(site: Site, page: Page, sarah: str) -> None:
    signed_in(page, site, sarah).goto(ALL)
    page.locator("#filter > summary").click()
    page.get_by_label("Field of condition 1").select_option("stage")
    expect(page.get_by_label("Value of condition 1")).to_have_js_property("tagName", "SELECT")
    page.get_by_label("Operator of condition 1").select_option("one_of")
    page.get_by_label("Won").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".k-filter")).to_contain_text("Stage is one of Won")
    page.wait_for_load_state()
    assert set(page.locator(".p-stage").all_inner_texts()) == {"Won"}
    page.get_by_label("Remove filter Stage").click()
    expect(page.locator(".k-filter")).to_have_count(0)


def test_filter_by_a_looked_up_record(site: Site, page: Page, sarah: str) -> None:
    signed_in(page, site, sarah).goto(ALL)
    page.locator("#filter > summary").click()
    page.get_by_label("Field of condition 1").select_option("account")
    value = page.locator("[data-lookup-url][role=combobox]")
    expect(value).to_be_visible()
    value.press_sequentially("maris")
    page.get_by_role("option").filter(has_text="Maris Seafood").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".k-filter")).to_contain_text("Account is Maris Seafood")
    page.wait_for_load_state()
    assert set(page.locator(".p-acc").all_inner_texts()) == {"MS\nMaris Seafood"}


@looks
def test_paper_is_light_and_shows_all_rows(site: Site, page: Page, administrator: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    signed_in(page, site, administrator).goto(ALL)
    expect(page.locator(".k-side")).to_be_hidden()
    expect(page.locator("body")).to_have_css("color", "rgb(23, 26, 33)")
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height > page.locator("tbody tr").count() * 36 > 900


def test_delete_in_the_browser_offers_undo(site: Site, page: Page, administrator: str) -> None:
    site.create("base.tag", name="Ticked")
    signed_in(page, site, administrator).goto("/e/base.tag?view=all&q=Ticked")
    page.locator("[data-select]").first.click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".k-toast")).to_contain_text("1 tag deleted")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".k-toast")).to_contain_text("1 tag restored")
    expect(page.locator("tbody tr")).to_have_count(1)


ADDRESSES = (ALL, ALL + "&f=stage&o=none_of&v=won,lost&q=a", ALL + "&q=qqqq", "/e/base.attachment")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["page", "phone"])
@looks
def test_no_finding_and_no_sideways_scroll(
    site: Site, request: pytest.FixtureRequest, administrator: str, theme: str, width: str
) -> None:
    page: Page = signed_in(request.getfixturevalue(width), site, administrator)
    page.context.add_cookies([{"name": "kith_theme", "value": theme, "url": site.address}])
    for address in ADDRESSES:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_phone_rows_have_three_lines(site: Site, phone: Page, sarah: str) -> None:
    signed_in(phone, site, sarah).goto("/e/sales.deal")
    row = phone.locator("tbody tr").first
    for place in ("p-title", "p-amt", "p-acc", "p-stage", "p-next", "p-last"):
        expect(row.locator(f".{place}")).to_be_visible()
    # A day alone does not tell which day it is.
    drawn = row.locator(".p-last").evaluate("cell => getComputedStyle(cell, '::before').content")
    assert drawn == '"Last contact"'
    phone.set_viewport_size({"width": 320, "height": 700})
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


@looks
def test_long_names_leave_a_phone_whole(site: Site, phone: Page, sarah: str) -> None:
    signed_in(phone, site, sarah).goto(ALL)
    expect(phone.locator(".k-tabs [aria-current]")).to_be_in_viewport(ratio=1)
    phone.goto("/e/sales.deal/new")
    long = "'Wartungsauftragsbestätigungsverzeichnis'"
    phone.evaluate(f"document.querySelector('.k-top-title').textContent = {long}")
    phone.evaluate(
        f"for (const name of document.querySelectorAll('.k-tabbar a > span[title]')) name.textContent = {long}"
    )
    right = phone.evaluate(
        "Math.max(...[...document.querySelectorAll('.k-top > *')].map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 390
    widths = phone.evaluate(
        "[...document.querySelectorAll('.k-tabbar > a')].map(e => Math.round(e.getBoundingClientRect().width))"
    )
    assert widths == [78] * 5
    phone.evaluate("document.documentElement.dir = 'rtl'")
    # Signs that point forwards point the other way there.
    assert phone.locator(".k-crumb .k-i").first.evaluate("sign => getComputedStyle(sign).scale") == "-1 1"


def test_lists_of_few_columns_are_no_wider_than_a_phone(site: Site, phone: Page, administrator: str) -> None:
    signed_in(phone, site, administrator)
    for entity in ("base.tag", "base.team", "sales.campaign"):
        phone.goto(f"/e/{entity}")
        grid = phone.locator(".k-grid")
        assert grid.get_attribute("data-columns")
        assert grid.evaluate("grid => grid.getBoundingClientRect().width <= innerWidth"), entity
