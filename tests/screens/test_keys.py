"""Keys that work wherever one is: a new task, a stage by its number, the last change taken back, the list of keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import get
from support.site import Site, looks, signed_in

pytestmark = pytest.mark.screen


@pytest.fixture
def deal(site: Site) -> str:
    account = site.create("sales.account", name="Keys & Sons", kind="prospect")
    lines = "\n".join(f"Line {number} of what they need" for number in range(12))
    return site.create("sales.deal", name="Deal by keys", account=account, description=lines)


def stage_of(site: Site, record: str) -> str:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return str(get(ctx, "sales.deal", record, ("stage",))["stage"])


@looks
def test_in_a_list(site: Site, page: Page, administrator: str, deal: str) -> None:
    signed_in(page, site, administrator)
    page.goto("/e/sales.deal?view=sales.all_deals&q=Deal by keys")
    title = page.locator("td.p-title a").first
    expect(title).to_have_text("Deal by keys")
    title.focus()
    page.keyboard.press("m")
    expect(page.locator("form[data-cell] select")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("tbody tr").first).to_contain_text("Discovery")
    expect(page.locator("[data-toast]")).to_contain_text("Stage saved.")
    assert stage_of(site, deal) == "discovery"
    page.keyboard.press("Control+z")
    expect(page.locator("[data-toast]")).to_contain_text("Taken back.")
    expect(page.locator("tbody tr").first).to_contain_text("Qualify")
    page.wait_for_load_state()
    page.keyboard.press("?")
    keys = page.locator("[data-keys-list]")
    expect(keys).to_contain_text("Move to another stage, then its number")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("dialog[open] h2").first).to_have_text("New task")


@looks
def test_on_a_board_the_list_of_keys_says_what_cards_hear(site: Site, page: Page, administrator: str) -> None:
    signed_in(page, site, administrator)
    page.goto("/e/sales.deal?view=sales.deal_board")
    page.keyboard.press("?")
    expect(page.locator("[data-keys-list]")).to_contain_text("Move the card, then the number of a lane")


@looks
def test_on_a_record_what_was_done_in_place_is_taken_back(
    site: Site, page: Page, administrator: str, deal: str
) -> None:
    signed_in(page, site, administrator)
    page.goto(f"/e/sales.deal/{deal}")
    # A long text shows four lines, and the rest on demand.
    text = page.locator("#v-description [data-cut]")
    more = page.locator("#v-description [data-cut-more]")
    expect(more).to_have_text("More")
    assert text.evaluate("text => text.clientHeight") <= 80
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    assert text.evaluate("text => text.clientHeight") > 200

    page.locator("#v-name .k-val").click()
    expect(page.locator("#i-name")).to_be_focused()
    page.keyboard.type("Another name")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Another name")
    expect(page.locator("#v-name .go")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-toast]")).to_contain_text("Taken back.")
    expect(page.locator("h1")).to_contain_text("Deal by keys")
    page.wait_for_load_state()

    page.keyboard.press("t")
    box = page.locator("#composer textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Ask for the floor plan")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline-body")).to_contain_text("Ask for the floor plan")
    expect(page.locator("#composer .k-compose-line")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-toast]")).to_contain_text("Taken back.")
    expect(page.locator("#timeline-body")).not_to_contain_text("Ask for the floor plan")


def ahead(page: Page, address: str, keys: tuple[str, ...], text: str) -> None:
    """Press keys that ask for an editor, and type into it before it has come."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    with page.expect_request(address):
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.type(text)
    for route in held:
        route.continue_()
    page.unroute(address)
    assert len(held) == 1


@looks
def test_what_is_typed_before_an_editor_comes_is_put_into_it(
    site: Site, page: Page, administrator: str, deal: str
) -> None:
    signed_in(page, site, administrator)
    page.goto("/e/sales.deal?view=sales.all_deals&q=Deal by keys")
    # All letters are keys of this page: of a new deal, of the cursor, of the selection.
    ahead(page, "**/quick", ("c", "d"), "cd jx ?")
    expect(page.locator("dialog #q-name")).to_have_value("cd jx ?")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.k-newdlg")).to_have_count(0)
    expect(page.locator("[data-select]:checked")).to_have_count(0)

    page.goto(f"/e/sales.deal/{deal}")
    ahead(page, "**/add/base.note", ("n",), "test jk")
    expect(page.locator("#composer textarea")).to_have_value("test jk")
    page.keyboard.press("Escape")
    expect(page.locator("#composer .k-compose-line")).to_be_focused()
    ahead(page, "**/field/name", ("e",), "kesh")
    expect(page.locator("#i-name")).to_have_value("kesh")
