"""The board: lanes for a choice, and cards that are moved by drag, by keyboard, by menu and without script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kith_runtime import queries, records
from kith_runtime.actors import SYSTEM
from support.axe import findings
from support.site import Site, looks, open_page, signed_in
from support.statements import counted_statements

pytestmark = pytest.mark.screen

BOARD = "/e/sales.deal?view=sales.deal_board"


def deal(site: Site, owner: str, name: str, **values: object) -> str:
    """Make a deal of a person and return its id."""
    account = site.create("sales.account", name=f"{name} Ltd", owner=owner)
    return site.create("sales.deal", name=name, account=account, owner=owner, **values)


def found(name: str) -> str:
    """Return the address of the board with one deal only."""
    return f"{BOARD}&q={name.replace(' ', '+')}"


def stage_of(site: Site, record: str) -> str:
    """Return the stage of a deal as it is saved."""
    with site.workspace.read(SYSTEM, "system") as ctx:
        return str(queries.get(ctx, "sales.deal", record, ("stage",))["stage"])


def lane(page: Page, name: str) -> Locator:
    return page.locator(f"#lane-{name}")


def card(page: Page, record: str) -> Locator:
    return page.locator(f"#card-{record}")


def drag(page: Page, what: Locator, to: Locator) -> None:
    """Drag by mouse, in steps as a hand does."""
    start, end = what.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 80, steps=8)
    page.mouse.up()


def test_lanes_stand_in_the_order_of_the_options_with_count_limit_and_sum(site: Site, sarah: str) -> None:
    deal(site, sarah, "Lane order one", amount=1000)
    deal(site, sarah, "Lane order two", amount=500, stage="proposal")
    html = site.visitor(sarah).html(f'{BOARD}&where=starts_with(name,"Lane order")')
    assert re.findall(r'<h2 id="lane-\w+-t"[^>]*>(.*?)</h2>', html) == [
        "Qualify",
        "Discovery",
        "Proposal",
        "Negotiation",
        "Contract",
    ]
    assert re.search(r'id="count-proposal"><span class="k-wip "[^>]*>1 / 12</span>', html)
    assert re.search(r'id="sum-qualify"><b><bdi>€1,000</bdi>', html)
    assert re.search(r'id="board-total">Amount <b><bdi>€1,500</bdi>', html)
    assert [unescape(rail) for rail in re.findall(r'class="k-lane-min".*?<b>(.*?)</b>', html)] == ["Won", "Lost"]


def test_a_lane_says_that_it_is_full_and_by_how_much_it_is_over(site: Site, administrator: str) -> None:
    owner = site.with_roles("Limit Keeper", "sales.rep")
    for number in range(9):
        deal(site, owner, f"Limit {number}", stage="negotiation")
    visitor = site.visitor(administrator)
    html = visitor.html(f'{BOARD}&where=starts_with(name,"Limit ")')
    assert 'class="k-wip over" title="9 of at most 8">9 / 8' in html
    assert "1 over limit" in html
    one_less = visitor.html(f'{BOARD}&where=starts_with(name,"Limit ") and name != "Limit 8"')
    assert "at limit" in one_less


def test_a_card_is_dragged_to_another_lane(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Dragged deal", amount=700)
    signed_in(page, site, sarah).goto(found("Dragged deal"))
    drag(page, card(page, record), lane(page, "proposal"))
    expect(page.locator(".k-toast[role=status]")).to_contain_text("Dragged deal is now in Proposal.")
    expect(lane(page, "proposal").locator(".k-card")).to_have_count(1)
    expect(page.locator("#count-qualify")).to_have_text("0")
    expect(page.locator("#count-proposal")).to_have_text("1 / 12")
    assert stage_of(site, record) == "proposal"
    page.get_by_role("button", name="Undo").click()
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(1)
    assert stage_of(site, record) == "qualify"


def test_a_card_is_dropped_on_an_end_stage(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Rail deal", amount=1000)
    signed_in(page, site, sarah).goto(found("Rail deal"))
    drag(page, card(page, record), page.locator("#rail-won"))
    expect(page.locator(".k-toast[role=status]")).to_contain_text("now in Won")
    expect(card(page, record)).to_have_count(0)
    assert stage_of(site, record) == "won"
    page.locator("#rail-won").click()
    expect(lane(page, "won").locator(".k-card")).to_have_count(1)


def test_escape_gives_a_dragged_card_back(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Given back")
    signed_in(page, site, sarah).goto(found("Given back"))
    box = card(page, record).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 40, steps=5)
    expect(page.locator(".k-ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".k-ghost")).to_have_count(0)
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(1)
    assert stage_of(site, record) == "qualify"


def test_lanes_do_not_fly_by_while_a_finger_drags(site: Site, sarah: str, phone: Page) -> None:
    record = deal(site, sarah, "Finger deal")
    signed_in(phone, site, sarah).goto(found("Finger deal"))
    board, box = phone.locator("[data-board]"), card(phone, record).bounding_box()
    assert box is not None
    finger = phone.context.new_cdp_session(phone)
    place = {"x": box["x"] + 60, "y": box["y"] + 20}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [place]})
    expect(phone.locator(".k-ghost")).to_have_count(1)
    expect(board).to_have_css("scroll-snap-type", "none")
    finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{**place, "x": 384}]})
    expect(lane(phone, "discovery")).to_have_class(re.compile("is-over"))
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(phone.locator(".k-toast[role=status]")).to_contain_text("Finger deal is now in Discovery.")
    assert stage_of(site, record) == "discovery"


def test_a_card_is_moved_by_keyboard_alone(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Keyed deal")
    signed_in(page, site, sarah).goto(found("Keyed deal"))
    page.keyboard.press("ArrowDown")
    expect(card(page, record).get_by_role("link").first).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("menuitemradio", name="Qualify")).to_be_focused()
    lost = page.get_by_role("menuitemradio", name="Lost")
    expect(lost).to_contain_text("asks for Lost reason")
    won = page.get_by_role("menuitemradio", name="Won")
    expect(won).to_have_attribute("aria-disabled", "true")
    expect(won).to_contain_text("A won deal needs an amount.")
    page.keyboard.press("6")
    expect(won).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".k-toast[role=status]")).to_contain_text("now in Proposal")
    expect(card(page, record).get_by_role("link").first).to_be_focused()
    assert stage_of(site, record) == "proposal"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/e/sales.deal/{record}")


def test_a_card_is_moved_by_the_button_on_it(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Clicked deal", lost_reason="timing")
    signed_in(page, site, sarah).goto(found("Clicked deal"))
    card(page, record).hover()
    page.get_by_role("link", name="Move Clicked deal").click()
    page.get_by_role("menuitemradio", name="Lost").click()
    expect(page.locator(".k-toast[role=status]")).to_contain_text("now in Lost")
    assert stage_of(site, record) == "lost"


def test_a_refused_move_goes_back_with_the_reason(site: Site, sarah: str, chromium: Browser) -> None:
    record = deal(site, sarah, "Contested deal")
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = signed_in(context.new_page(), site, sarah)
    page.goto(found("Contested deal"))
    with site.workspace.write(SYSTEM, "system") as ctx:
        records.update(ctx, "sales.deal", record, {"stage": "discovery"})
    drag(page, card(page, record), lane(page, "contract"))
    expect(page.locator("[role=alert]")).to_contain_text("changed Stage")
    expect(lane(page, "discovery").locator(".k-card")).to_have_count(1)
    expect(card(page, record)).to_contain_text("changed Stage")
    assert stage_of(site, record) == "discovery"
    context.close()


def test_a_forbidden_move_goes_back_with_the_reason(site: Site, sarah: str, chromium: Browser) -> None:
    record = deal(site, sarah, "Priceless deal")
    visitor = site.visitor(sarah)
    reasons = visitor.get(f"{BOARD.replace('?', '/board/reasons?')}&id={record}").get_json()
    assert reasons["why"] == {"won": "A won deal needs an amount."}
    assert reasons["asks"] == {
        "contract": "asks for Main contact, Amount, Close date",
        "lost": "asks for Lost reason",
    }
    stranger = site.visitor(site.with_roles("Board Stranger", "sales.rep"))
    assert stranger.get(f"{BOARD.replace('?', '/board/reasons?')}&id={record}").get_json() == {
        "why": {},
        "asks": {},
    }
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = signed_in(context.new_page(), site, sarah)
    page.goto(found("Priceless deal"))
    drag(page, card(page, record), page.locator("#rail-won"))
    expect(page.locator("[role=alert]")).to_contain_text("A won deal needs an amount.")
    expect(lane(page, "qualify").locator(".k-card")).to_contain_text("A won deal needs an amount.")
    assert stage_of(site, record) == "qualify"
    context.close()


def test_a_card_that_may_only_be_read_says_why_it_stays(site: Site, sarah: str, page: Page) -> None:
    reader = site.with_roles("Board Reader", "service.lead")
    record = deal(site, sarah, "Read only deal", stage="won", amount=1)
    signed_in(page, site, reader).goto(f"{found('Read only deal')}&open=won")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    menu = page.locator("[data-move-menu]")
    expect(menu).to_contain_text("Your roles let you read the stage, not change it.")
    expect(menu.locator("[aria-disabled=true]")).to_have_count(7)
    page.keyboard.press("1")
    expect(card(page, record)).to_be_visible()
    assert stage_of(site, record) == "won"
    refused = site.visitor(reader).post(f"{BOARD.replace('?', '/board/move?')}&id={record}&to=lost")
    assert refused.status_code == 303
    assert stage_of(site, record) == "won"


def test_a_stranger_learns_nothing_of_a_card(site: Site, sarah: str) -> None:
    stranger = site.with_roles("Board Stranger", "sales.rep")
    record = deal(site, sarah, "Secret board deal")
    visitor = site.visitor(stranger)
    assert "Secret board deal" not in visitor.html(BOARD)
    moved = visitor.post(f"{BOARD.replace('?', '/board/move?')}&id={record}&to=lost", headers={"HX-Request": "true"})
    assert moved.status_code == 404
    assert "Secret board deal" not in moved.get_data(as_text=True)
    assert stage_of(site, record) == "qualify"


def test_a_card_is_moved_without_script(site: Site, sarah: str) -> None:
    record = deal(site, sarah, "Plain deal")
    visitor = site.visitor(sarah)
    html = visitor.html(found("Plain deal"))
    link = re.search(r'href="([^"]*move=[^"]*)"', html)
    assert link is not None
    asked = visitor.html(unescape(link[1]))
    action = re.search(r'<form class="k-menu k-move-list" method="post" action="([^"]*)"', asked)
    assert action is not None
    answer = visitor.post(
        unescape(action[1]), {"id": record, "to": "negotiation", "version": "1"}, follow_redirects=True
    )
    assert "Plain deal is now in Negotiation." in answer.get_data(as_text=True)
    assert stage_of(site, record) == "negotiation"


def test_the_switch_keeps_tab_and_filter(site: Site, sarah: str, page: Page) -> None:
    signed_in(page, site, sarah).goto("/e/sales.deal?view=sales.large_deals&q=quay")
    page.get_by_role("navigation", name="Show as").get_by_role("link", name="Board").click()
    expect(page.locator(".k-board")).to_be_visible()
    expect(page.locator("#views [aria-current=page]")).to_contain_text("Large")
    expect(page.locator(".k-filter")).to_contain_text("quay")
    page.get_by_role("link", name="My open deals").click()
    expect(page.locator(".k-board")).to_be_visible()
    page.get_by_role("navigation", name="Show as").get_by_role("link", name="List").click()
    expect(page.locator("table.k-grid")).to_be_visible()


@pytest.mark.parametrize("entity", ["sales.lead", "service.case", "base.task", "sales.account"])
def test_any_choice_makes_a_board(site: Site, administrator: str, entity: str) -> None:
    html = site.visitor(administrator).html(f"/e/{entity}?view=all&as=board")
    assert html.count('class="k-lane"') > 1
    assert "k-card" in html


def test_what_cannot_be_asked_is_said(site: Site, sarah: str) -> None:
    answer = site.visitor(sarah).get(f"{BOARD}&where=nothing+==+1")
    assert answer.status_code == 400
    assert "This board cannot be shown" in answer.get_data(as_text=True)
    assert site.visitor(sarah).get("/e/sales.deal?as=board&open=%00,nonsense").status_code == 400
    assert site.visitor(sarah).get("/e/sales.deal?as=nonsense").status_code == 400


def test_more_cards_cost_no_more_statements(site: Site, administrator: str) -> None:
    owner = site.with_roles("Many Cards", "sales.rep")
    account = site.create("sales.account", name="Many Cards Ltd", owner=owner)
    signed = {"contact": site.create("sales.contact", name="Mia Many", account=account), "close_date": "2030-01-15"}
    visitor = site.visitor(administrator)
    address = f'{BOARD}&where=starts_with(name,"Many card ")'

    def statements() -> int:
        visitor.html(address)
        with counted_statements() as count:
            assert "k-card" in visitor.html(address)
        return len(count)

    def add(numbers: range) -> None:
        stages = ("qualify", "discovery", "proposal", "negotiation", "contract")
        with site.workspace.write(SYSTEM, "system") as ctx:
            for number in numbers:
                values = {"name": f"Many card {number}", "account": account, "owner": owner, **signed}
                records.create(ctx, "sales.deal", {**values, "stage": stages[number % 5], "amount": number})

    add(range(10))
    few = statements()
    assert few > 0
    add(range(10, 500))
    assert statements() <= few
    html = visitor.html(address)
    assert html.count('class="k-card"') == 125
    more = re.search(r'hx-get="([^"]*lane=qualify[^"]*)"', html)
    assert more is not None
    rest = visitor.html(unescape(more[1]))
    assert rest.count('class="k-card"') == 25
    assert not set(re.findall(r'id="(card-\w+)"', html)) & set(re.findall(r'id="(card-\w+)"', rest))


def test_a_phone_shows_one_lane_at_a_time(site: Site, sarah: str, phone: Page) -> None:
    record = deal(site, sarah, "Phone deal")
    signed_in(phone, site, sarah).goto(found("Phone deal"))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    chips = phone.get_by_role("navigation", name="Lanes")
    expect(chips.get_by_role("link", name="Qualify")).to_have_attribute("aria-current", "true")
    chips.get_by_role("link", name="Proposal").click()
    expect(chips.get_by_role("link", name="Proposal")).to_have_attribute("aria-current", "true")
    chips.get_by_role("link", name="Qualify").click()
    phone.get_by_role("link", name="Move Phone deal").tap()
    phone.get_by_role("menuitemradio", name="Discovery").tap()
    expect(phone.locator(".k-toast[role=status]")).to_contain_text("now in Discovery")
    assert stage_of(site, record) == "discovery"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_the_board_has_no_accessibility_findings(
    site: Site, sarah: str, chromium: Browser, width: int, theme: str
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=theme, base_url=site.address)  # type: ignore[arg-type]
    for page in open_page(context):
        signed_in(page, site, sarah).goto(BOARD)
        assert findings(page) == []
        page.locator("[data-card-link]").first.focus()
        page.keyboard.press("m")
        expect(page.locator("[data-move-menu]")).to_be_visible()
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_cards_are_selected_and_changed_together(site: Site, sarah: str, page: Page) -> None:
    both = {deal(site, sarah, f"Picked {number}") for number in (1, 2)}
    deal(site, sarah, "Picked 3")
    signed_in(page, site, sarah).goto(found("Picked"))
    chosen = page.locator("[data-bulk-said]")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(chosen).to_have_text("1 selected")
    page.keyboard.press("Shift+ArrowDown")
    expect(chosen).to_have_text("2 selected")
    assert not findings(page)
    page.get_by_role("button", name="Move stage").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Stage").select_option(label="Discovery")
    dialog.get_by_role("button", name="Change 2 deals").click()
    expect(lane(page, "discovery").locator(".k-card")).to_have_count(2)
    expect(page.locator("#count-discovery")).to_have_text("2")
    assert sorted(stage_of(site, record) for record in both) in (["discovery"] * 2, ["discovery", "qualify"])
    page.locator("[data-run-undo]").click()
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(3)
    expect(chosen).to_be_hidden()
    page.keyboard.press("Control+a")
    expect(chosen).to_have_text("3 selected")
    page.keyboard.press("Escape")
    expect(chosen).to_be_hidden()


def test_a_card_is_looked_at_and_changed_beside_the_board(site: Site, sarah: str, page: Page) -> None:
    deal(site, sarah, "Beside 1", next_step="Ask")
    second = deal(site, sarah, "Beside 2")
    signed_in(page, site, sarah).goto(found("Beside") + "&sort=name")
    panel = page.locator("aside.k-peek")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(panel.get_by_role("heading", name="Beside 1")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_role("heading", name="Beside 2")).to_be_visible()
    expect(card(page, second)).to_have_class(re.compile("is-peeked"))
    page.keyboard.press("F2")
    name = panel.get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    name.fill("Beside changed")
    name.press("Enter")
    expect(card(page, second)).to_contain_text("Beside changed")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    card(page, second).hover()
    card(page, second).get_by_role("button", name="Look at it beside the list").click()
    expect(panel.get_by_role("heading", name="Beside changed")).to_be_visible()


def test_what_a_lane_asks_for_is_filled_in_on_the_way(site: Site, sarah: str, page: Page) -> None:
    record = deal(site, sarah, "Asked deal")
    signed_in(page, site, sarah).goto(found("Asked deal"))
    drag(page, card(page, record), page.locator("#rail-lost"))
    dialog = page.get_by_role("dialog", name="Move to Lost")
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(1)
    assert not findings(page)
    page.keyboard.press("Control+s")
    expect(dialog.get_by_role("link", name="Lost reason is missing.")).to_be_visible()
    dialog.get_by_label("Lost reason").select_option(label="Price")
    page.keyboard.press("Control+s")
    expect(page.locator(".k-toast")).to_contain_text("Stage is now Lost.")
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(0)
    assert stage_of(site, record) == "lost"
    page.get_by_role("button", name="Undo").click()
    expect(lane(page, "qualify").locator(".k-card")).to_have_count(1)
    card(page, record).hover()
    card(page, record).get_by_role("button", name="Look at it beside the list").click()
    panel = page.locator("aside.k-peek")
    panel.locator(".k-path").get_by_role("button", name="Proposal").click()
    expect(lane(page, "proposal").locator(".k-card")).to_have_count(1)
    expect(panel.locator(".k-path [aria-current]")).to_contain_text("Proposal")
