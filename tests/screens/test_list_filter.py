"""The filter builder: groups, the way from lines to text and back, days that move along, and the count of matches."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, Route, expect

from support.axe import findings
from support.site import Site, Visitor, signed_in

pytestmark = pytest.mark.screen

LIST = "/e/sales.deal"
ALL = f"{LIST}?view=sales.all_deals"
TITLE = re.compile(r'<td class="p-title">.*?<bdi>(.*?)</bdi>')
TEXT = r'stage == "won" and \(amount >= 10(\.00)? or name == "pilot"\)'
GROUPED = [
    ("view", "sales.all_deals"), ("_mode", "builder"), ("j", "and"),
    ("f.0", "stage"), ("o.0", "none_of"), ("v.0", "won"), ("v.0", "lost"),
    ("g.1", "1"), ("j.1", "or"),
    ("f.1-0", "amount"), ("o.1-0", "at_least"), ("v.1-0", "50,000"),
    ("f.1-1", "owner"), ("o.1-1", "me"),
    ("g.1-2", "1"), ("j.1-2", "and"), ("f.1-2-0", "close_date"), ("o.1-2-0", "next_days"), ("v.1-2-0", "14"),
    ("f.1-2-1", "name"), ("o.1-2-1", "contains"), ("v.1-2-1", "pilot"),
]  # fmt: skip


def titles(html: str) -> list[str]:
    return [unescape(found) for found in TITLE.findall(html)]


def where_of(address: str) -> str:
    """Return the expression that stands in the text of a list's builder."""
    found = re.search(r'<textarea[^>]*name="where"[^>]*>(.*?)</textarea>', address, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def chosen(html: str) -> list[tuple[str, str]]:
    """Return the chosen fields by the place of their line."""
    found = []
    for path, inside in re.findall(r'<select[^>]*name="f\.([\d-]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        picked = re.search(r'value="(\w+)" selected', inside)
        found.append((path, picked[1] if picked else ""))
    return found


def test_groups_become_an_expression_and_lines_again(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    sent = visitor.get(LIST, query_string=GROUPED)
    assert sent.status_code == 303
    html = visitor.html(sent.headers["Location"])
    assert titles(html)
    words = re.sub(r"<[^>]+>", "", html)
    assert "Stage is none of Won, Lost" in words
    assert "or Owner is me or (Close date is in the next 14 days and" in words
    assert chosen(html) == [
        ("0", "stage"), ("1-0", "amount"), ("1-1", "owner"), ("1-2-0", "close_date"), ("1-2-1", "name"),
    ]  # fmt: skip
    text = where_of(html)
    assert re.match(r'stage not in \["won", "lost"\] and \(amount >= 50000(\.00)? or owner == me or \(', text)
    by_text = visitor.get(LIST, query_string=[("view", "sales.all_deals"), ("_mode", "text"), ("where", text)])
    again = visitor.html(by_text.headers["Location"])
    assert titles(again) == titles(html)
    assert where_of(again) == text
    assert [name for _, name in chosen(again)] == [name for _, name in chosen(html)]


@pytest.mark.parametrize(
    ("text", "lines", "phrases"),
    [
        ('stage == "won" and amount > 1000', ["stage", "amount"], []),
        ("amount > 1000 or amount < 5", ["amount", "amount"], []),
        ("amount * 2 > 100 and owner == me", ["owner"], ["amount * 2 > 100"]),
        ('not (stage == "won")', [], ['not (stage == "won")']),
        ('account.name == "Maris Seafood"', [], ['account.name == "Maris Seafood"']),
        ("weighted > 12.50 and is_blank(next_step)", ["weighted"], ["is_blank(next_step)"]),
        ('starts_with(lower(name), lower("Cold"))', ["name"], []),
        ("close_date == today() or close_date == blank", ["close_date", "close_date"], []),
        ("(amount > 1 and (amount > 2 or (amount > 3 and (amount > 4 or amount > 5)))) or owner == me", None, None),
    ],
)
def test_text_is_shown_as_lines_as_far_as_it_has_any(
    site: Site, administrator: str, text: str, lines: list[str] | None, phrases: list[str] | None
) -> None:
    visitor = site.visitor(administrator)
    html = visitor.html(ALL + "&where=" + text.replace("+", "%2B").replace(" ", "+"))
    found = [name for _, name in chosen(html) if name]
    kept = [unescape(part) for part in re.findall(r'name="x\.[\d-]+" value="([^"]*)"', html)]
    if lines is not None:
        assert (found, kept) == (lines, phrases)
    else:
        assert "amount > 3 and (amount > 4 or amount > 5)" in kept
    form = [("view", "sales.all_deals"), ("_mode", "text"), ("where", where_of(html))]
    again = visitor.html(visitor.get(LIST, query_string=form).headers["Location"])
    assert titles(again) == titles(html)
    assert where_of(again) == where_of(html)


def test_lines_are_added_grouped_and_removed_without_script(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    grown = visitor.html(f"{LIST}?view=sales.all_deals&_mode=builder&f.0=stage&o.0=is&v.0=won&_group=root")
    assert 'id="filter" data-layer open' in grown
    assert chosen(grown) == [("0", "stage"), ("1-0", "")]
    assert 'name="j.1" value="or"' in grown
    inner = visitor.html(f"{LIST}?_mode=builder&f.0=stage&g.1=1&j.1=or&f.1-0=amount&_add=1")
    assert chosen(inner) == [("0", "stage"), ("1-0", "amount"), ("1-1", "")]
    less = visitor.html(f"{LIST}?_mode=builder&f.0=stage&g.1=1&f.1-0=amount&f.1-1=owner&_drop=1")
    assert chosen(less) == [("0", "stage")]


@pytest.mark.parametrize(
    "query",
    [
        "f.0=nope&o.0=is&v.0=1",
        "g.0=1&f.0-0=amount&o.0-0=at_least&v.0-0=much&f.0-1=stage&o.0-1=is&v.0-1=won",
        "g.0=1&f.0-0=margin_nope&o.0-0=is&f.0-1=stage&o.0-1=is&v.0-1=won&j.0=or",
        "_mode=text&where=amount+%3E",
        "_mode=text&where=((((",
        "x.0=amount+%3E&f.1=stage&o.1=is&v.1=won&j=or",
        "f.0=close_date&o.0=last_days&v.0=many",
        "f.0=close_date&o.0=last_days&v.0=%C2%B2",
        "g.0=1&_add=0-0-0-0-0&_drop=9-9",
        "f.0=stage&o.0=is&v.0=" + "x" * 5000,
    ],
)
def test_wrong_builders_are_said_on_the_page(site: Site, sarah: str, query: str) -> None:
    visitor = site.visitor(sarah)
    answer = visitor.get(f"{LIST}?{query}", follow_redirects=True)
    assert answer.status_code in (200, 400)
    text = answer.get_data(as_text=True)
    assert "<h1>Deals</h1>" in text
    if answer.status_code == 400:
        assert not titles(text)
        assert 'class="btn btn-primary" href="/e/sales.deal' in text.partition('class="acts"')[2]
    part = visitor.get(f"{LIST}/filter?{query}")
    assert part.status_code == 200
    assert visitor.get(f"{LIST}/filter/count?{query}").status_code == 200


def test_days_move_along(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)

    def count(where: str) -> int:
        return int(re.findall(r"(\d+) team", visitor.html(f"/e/base.team/filter/count?view=all&{where}"))[0])

    questions = {
        "f.0=created_at&o.0=last_days&v.0=0": 1,
        "f.0=created_at&o.0=this_month": 1,
        "f.0=created_at&o.0=this_year": 1,
        "_mode=text&where=date_of(created_at)+%3D%3D+today()": 1,
        "f.0=created_at&o.0=last_month": 0,
        "f.0=created_at&o.0=next_month": 0,
        "f.0=created_at&o.0=next_days&v.0=3": 1,
        "f.0=created_at&o.0=days_ago&v.0=1": 0,
    }
    before = {question: count(question) for question in questions}
    site.create("base.team", name=f"Just now {site.workspace.database.dialect_name}")
    assert {question: count(question) - before[question] for question in questions} == questions


def test_count_follows_the_rights(site: Site, sarah: str, administrator: str) -> None:
    def words(visitor: Visitor) -> str:
        return re.sub(r"<[^>]+>", "", visitor.html(f"{LIST}/filter/count?view=sales.all_deals")).strip()

    own, everything = words(site.visitor(sarah)), words(site.visitor(administrator))
    assert re.fullmatch(r"\d+ deals match", own)
    assert int(own.split()[0]) < int(everything.split()[0])
    hidden = site.visitor(sarah).html(f"{LIST}/filter/count?_mode=text&where=margin+>+3")
    assert "has no field" in hidden


def test_group_is_built_in_the_browser(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL)
    page.keyboard.press("f")
    expect(page.locator(".k-fcount")).to_contain_text("deals match")
    page.get_by_label("Field of condition 1", exact=True).select_option("stage")
    expect(page.get_by_label("Value of condition 1", exact=True)).to_have_js_property("tagName", "SELECT")
    page.get_by_label("Value of condition 1", exact=True).select_option("won")
    page.get_by_role("button", name="Group", exact=True).click()
    page.get_by_label("Field of condition 2.1").select_option("amount")
    expect(page.get_by_label("Operator of condition 2.1").locator("option").first).to_have_text("is")
    page.get_by_label("Operator of condition 2.1").select_option("at_least")
    expect(page.locator(".k-fcount")).to_contain_text("has no value")
    page.get_by_label("Value of condition 2.1").fill("nothing")
    expect(page.locator(".k-fcount")).to_contain_text("is not")
    page.get_by_label("Value of condition 2.1").fill("10")
    expect(page.locator(".k-fcount")).to_contain_text("match")
    page.get_by_role("button", name="Condition in this group").click()
    page.get_by_label("Field of condition 2.2").select_option("name")
    expect(page.locator(".k-fcount")).to_contain_text("has no value")
    assert findings(page) == []
    page.get_by_label("Value of condition 2.2").fill("pilot")
    page.get_by_role("radio", name="Text").check()
    expect(page.get_by_label("The filter as an expression")).to_have_value(re.compile(TEXT))
    page.get_by_role("radio", name="Builder").check()
    page.get_by_label("Value of condition 2.1").press("Enter")
    expect(page.locator(".k-filter")).to_have_count(2)
    page.wait_for_load_state()
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    expect(page.locator("#filter > summary")).to_be_focused()
    expect(page.locator(".k-fpop")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".k-fpop")).to_be_visible()
    page.locator(".k-foot").click()
    expect(page.locator(".k-fpop")).to_be_hidden()


def test_what_is_typed_while_the_lines_are_drawn_anew_stays(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator).goto(ALL + "&f=amount&o=is&v=5")
    page.keyboard.press("f")
    held: list[Route] = []
    page.route(re.compile(r"/e/sales\.deal/filter\?"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"/e/sales\.deal/filter\?")):
        page.get_by_label("Operator of condition 1", exact=True).select_option("at_least")
    page.get_by_label("Value of condition 1", exact=True).fill("17")
    with page.expect_response(re.compile(r"/e/sales\.deal/filter\?")):
        held[0].continue_()
    expect(page.locator(".k-fcount")).to_contain_text("match")
    value = page.get_by_label("Value of condition 1", exact=True)
    expect(value).to_have_value("17")
    expect(value).to_be_focused()
    expect(page.get_by_label("Operator of condition 1", exact=True)).to_have_value("at_least")


def test_builder_is_a_sheet_on_a_phone(site: Site, phone: Page, administrator: str) -> None:
    signed_in(phone, site, administrator).goto(ALL + "&f=stage&o=is&v=won&where=amount+>+5+or+owner+==+me")
    phone.locator("#filter > summary").click()
    sheet = phone.locator(".k-fpop")
    box = sheet.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] > 780
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(phone) == []
