"""A day's work told as one story: meet somebody again, write down what was said, promise to come back.

Find a contact met at a trade show, read how things stand, write a note, make a task for next week with a reminder, and
look at the mails and calls alone: by mouse, by keys alone, and by touch on a small phone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.site import Site, open_page, signed_in

NOTE = "Wants the cold chain offer before the budget closes"
PLAN = "Follow up next Friday 9:00, remind me 1 day before"
MOST_CLICKS = 7
MOST_PAGES = 3


@pytest.fixture
def contact(site: Site, request: pytest.FixtureRequest) -> str:
    """Somebody met at a trade show, with a mail, a call and a meeting before."""
    name = f"Marit {request.node.name.partition('[')[0].rpartition('_')[2].title()}berg"
    account = site.create("sales.account", name=f"{name} Logistics", kind="prospect")
    person = site.create(
        "sales.contact", name=name, account=account, source="trade_show", source_detail="Trade fair Oslo"
    )
    about = {"entity": "sales.contact", "id": person}
    for kind, subject in (("mail", "Thank you for the talk"), ("call", "About the cold chain")):
        site.create(f"base.{kind}", subject=subject, regarding=about)
    site.create("base.meeting", subject="Stand", starts_at="2026-11-03T10:00:00Z", regarding=about)
    return name


class Counted:
    """A page on which clicks and changes of page are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.pages = 0
        page.on("framenavigated", self._moved)

    def _moved(self, frame: object) -> None:
        self.pages += 1

    def click(self, place: str, text: str = "") -> None:
        """Click what a person would, once."""
        found = self.page.locator(place, has_text=text) if text else self.page.locator(place)
        found.first.click()
        self.clicks += 1


@pytest.fixture
def small(chromium: Browser, site: Site) -> Iterator[Page]:
    """A phone of 360 pixels."""
    yield from open_page(
        chromium.new_context(viewport={"width": 360, "height": 760}, base_url=site.address, has_touch=True)
    )


def promised(site: Site, subject: str) -> dict[str, object]:
    """Return the task of that subject that was made last."""
    with site.workspace.read(SYSTEM, "system") as ctx:
        asked = Query("base.task", ("subject", "due_date", "due_time", "reminder_at"), where=f'subject == "{subject}"')
        return next(iter(select(ctx, asked).dicts()))


def told(page: Page) -> None:
    """Hold that only mails and calls are shown."""
    timeline = page.locator("#timeline-body")
    expect(timeline).to_contain_text("Thank you for the talk")
    expect(timeline).to_contain_text("About the cold chain")
    expect(timeline).not_to_contain_text(NOTE)
    expect(timeline).not_to_contain_text("Stand")


def test_by_mouse(site: Site, page: Page, administrator: str, contact: str) -> None:
    signed_in(page, site, administrator).goto("/")
    story = Counted(page)
    story.click("form.k-search input")
    page.keyboard.type(contact, delay=10)
    story.click("#k-search-list [role=option]", contact)
    expect(page.locator("h1")).to_contain_text(contact)
    expect(page.locator("#details")).to_contain_text("Trade fair Oslo")
    page.wait_for_load_state()
    story.click("#composer [aria-label=Note]")
    page.locator("#composer textarea").press_sequentially(NOTE)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline-body")).to_contain_text(NOTE)
    story.click("a.k-compose-line")
    page.locator("form[data-understand] textarea").press_sequentially(PLAN)
    expect(page.locator("#composer .k-pick")).to_have_count(2)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline-body")).to_contain_text("Follow up")
    story.click("[aria-label='Show in timeline'] a", "Mails")
    expect(page.locator("#timeline-body")).not_to_contain_text("About the cold chain")
    story.click("[aria-label='Show in timeline'] a", "Calls")
    told(page)
    assert story.clicks <= MOST_CLICKS
    assert story.pages <= MOST_PAGES
    task = promised(site, "Follow up")
    assert str(task["due_time"]) == "09:00:00"
    assert task["reminder_at"] is not None


def test_by_keys_alone(site: Site, page: Page, administrator: str, contact: str) -> None:
    signed_in(page, site, administrator).goto("/")
    keys = page.keyboard
    keys.press("/")
    keys.type(contact, delay=10)
    expect(page.locator("#k-search-list [role=option]", has_text=contact).first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text(contact)
    page.wait_for_load_state()
    keys.press("n")
    expect(page.locator("#composer textarea")).to_be_focused()
    keys.type(NOTE)
    keys.press("Control+Enter")
    expect(page.locator("#timeline-body")).to_contain_text(NOTE)
    expect(page.locator("#composer.k-comp-closed")).to_be_visible()
    keys.press("t")
    box = page.locator("form[data-understand$='base.task'] textarea")
    expect(box).to_be_focused()
    keys.type(PLAN)
    expect(page.locator("#composer .k-pick")).to_have_count(2)
    keys.press("Control+Enter")
    expect(page.locator("#timeline-body")).to_contain_text("Follow up")
    for label in ("Calls", "Mails"):
        link = page.locator("[aria-label='Show in timeline'] a", has_text=label)
        tab_to(page, link.get_attribute("hx-get") or "")
        keys.press("Enter")
        expect(link).to_have_attribute("aria-current", "true")
    told(page)


def tab_to(page: Page, target: str) -> None:
    """Press Tab until the link that fetches ``target`` has the focus."""
    for _ in range(250):
        if page.evaluate("document.activeElement?.getAttribute('hx-get')") == target:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No way by Tab to {target}")


def test_by_touch_on_a_small_phone(site: Site, small: Page, administrator: str, contact: str) -> None:
    page = signed_in(small, site, administrator)
    page.goto("/")
    page.get_by_role("link", name="Search", exact=True).first.tap()
    page.locator("main input[name=q]").fill(contact)
    page.keyboard.press("Enter")
    page.locator("main a", has_text=contact).first.tap()
    expect(page.locator("h1")).to_contain_text(contact)
    page.wait_for_load_state()
    page.locator("#composer [aria-label=Note]").tap()
    page.locator("#composer textarea").fill(NOTE)
    page.locator("#composer button.btn-primary").tap()
    expect(page.locator("#timeline-body")).to_contain_text(NOTE)
    page.locator("a.k-compose-line").tap()
    page.locator("form[data-understand$='base.task'] textarea").fill(PLAN)
    page.locator("#composer button.btn-primary").tap()
    expect(page.locator("#timeline-body")).to_contain_text("Follow up")
    for label in ("Calls", "Mails"):
        link = page.locator("[aria-label='Show in timeline'] a", has_text=label)
        link.tap()
        expect(link).to_have_attribute("aria-current", "true")
    told(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
