"""What the scripts add to a page, tried in a real browser, and that pages work without them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from support.axe import findings
from support.component_site import ComponentSite

pytestmark = pytest.mark.screen


def focused(page: Page) -> str:
    """Return the text of the focused element."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_cursor_moves_and_opens(page: Page) -> None:
    page.goto("/list")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Deal 2"
    page.keyboard.press("k")
    page.keyboard.press("End")
    assert focused(page) == "Deal 5"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Deal 5")).to_be_visible()


def test_selection_counts_ranges_and_clears(page: Page) -> None:
    page.goto("/list")
    count, bar = page.locator("[data-bulk-count]"), page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(count).to_have_text("1")
    page.locator("[data-select]").nth(3).click(modifiers=["Shift"])
    expect(count).to_have_text("4")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(4)
    page.locator("[data-select-all]").click()
    expect(count).to_have_text("5")
    page.locator("[data-bulk-clear]").click()
    expect(bar).to_be_hidden()


def test_keys_come_from_the_page_and_leave_typing_alone(page: Page) -> None:
    page.goto("/record/7")
    page.keyboard.press("/")
    page.keyboard.type("gl?j")
    expect(page.locator("[name=q]")).to_have_value("gl?j")
    page.locator("[name=q]").blur()
    page.keyboard.press("?")
    expect(page.locator("[data-keys-list]")).to_contain_text("To the list")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.locator("table.k-grid")).to_be_visible()


def test_menu_follows_arrows_and_closes(page: Page) -> None:
    page.goto("/list")
    page.locator("summary").click()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "One"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "Two"
    page.keyboard.press("Escape")
    expect(page.locator("details")).not_to_have_attribute("open", "")
    assert focused(page) == "More"


def test_theme_changes_at_once_and_is_kept(page: Page) -> None:
    page.goto("/list")
    page.locator("[data-theme-set=dark]").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(13, 15, 18)")
    assert "kith_theme=dark" in page.evaluate("document.cookie")


def test_toast_leaves_by_itself(page: Page) -> None:
    page.goto("/toast")
    expect(page.locator("[data-toast]")).to_have_count(0)


def test_lookup_finds_chooses_and_posts_the_id(page: Page, site: ComponentSite) -> None:
    page.goto("/form")
    page.get_by_label("Partner").fill("9")
    account = page.get_by_role("combobox", name="Account")
    account.press_sequentially("nord")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.locator("[role=option] mark").first).to_have_text("Nord")
    account.press("ArrowDown")
    account.press("ArrowDown")
    expect(account).to_have_attribute("aria-expanded", "true")
    account.press("Enter")
    expect(account).to_have_value("Nordwald")
    account.press("Control+s")
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    assert site.posted[-1]["account"] == ["2"]
    assert site.posted[-1]["save"] == ["1"]
    assert {"q": "nord", "with.partner": "9"} in site.asked


def test_lookup_forgets_the_id_when_the_text_changes(page: Page) -> None:
    page.goto("/form")
    account = page.get_by_role("combobox", name="Account")
    account.click()
    page.get_by_role("option").first.click()
    expect(page.locator("[name=account]")).to_have_value("1")
    account.press_sequentially("x")
    expect(page.locator("[name=account]")).to_have_value("")
    account.press("Escape")
    expect(account).to_have_value("Nordwind")
    expect(page.locator("[name=account]")).to_have_value("1")


def test_lookup_of_several_collects_chips(page: Page) -> None:
    page.goto("/form")
    for position in (0, 2, 2):
        page.get_by_role("combobox", name="Teams").click()
        page.get_by_role("option").nth(position).click()
    expect(page.locator("[name=teams]")).to_have_count(2)
    page.locator("[data-lookup-remove]").first.click()
    expect(page.locator("[name=teams]")).to_have_value("3")


def test_tabs_show_one_panel_and_follow_arrows(page: Page) -> None:
    page.goto("/form")
    expect(page.locator("#s2")).to_be_hidden()
    page.get_by_role("tab", name="Deal").press("ArrowRight")
    expect(page.locator("#s2")).to_be_visible()
    expect(page.locator("#s1")).to_be_hidden()


def test_rows_are_added_and_removed(page: Page, site: ComponentSite) -> None:
    page.goto("/form#s2")
    page.get_by_role("button", name="Add line").click()
    page.keyboard.type("new")
    page.get_by_role("button", name="Add line").click()
    page.get_by_role("button", name="Remove").nth(2).click()
    page.get_by_role("button", name="Remove").first.click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    sent = {name: values for name, values in site.posted[-1].items() if name.startswith("lines")}
    assert sent == {"lines-0-name": ["old"], "lines-0-_delete": ["1"], "lines-1-name": ["new"]}


def test_form_is_sent_once(page: Page, site: ComponentSite) -> None:
    page.goto("/form")
    page.locator("[data-save]").dblclick()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    assert len(site.posted) == 1


def test_refused_part_is_shown_signed_and_focused(page: Page, site: ComponentSite) -> None:
    page.goto("/form")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#summary")).to_be_focused()
    assert site.tokens == ["signed"]


def test_leaving_with_changes_asks(page: Page) -> None:
    page.goto("/form")
    page.get_by_label("Partner").fill("typed")
    with page.expect_event("dialog") as asked:
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/list")
    assert asked.value.type == "beforeunload"


def test_navigation_is_a_drawer_on_phones(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/list")
    expect(page.locator("#side")).to_be_hidden()
    page.locator("[data-nav-open]").click()
    expect(page.locator("#side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()


def test_pages_work_without_script(chromium: Browser, site: ComponentSite) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=site.address)
    page = context.new_page()
    page.goto("/list")
    page.locator("[data-select]").first.check()
    expect(page.locator("[data-bulk]")).to_be_visible()
    page.goto("/form")
    expect(page.locator("#s1")).to_be_visible()
    expect(page.locator("#s2")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-nav-open]").click()
    expect(page.locator("#side")).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/list", "/form", "/record/1"])
def test_components_are_accessible(page: Page, site: ComponentSite, path: str, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "kith_theme", "value": theme, "url": site.address}])
    page.goto(path)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
