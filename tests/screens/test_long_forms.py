"""Forms of any length: three fields in a narrow column, two hundred in tabs with a box that finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.axe import findings
from support.serving import served
from support.site import open_page
from support.visitors import PASSWORD, Office
from support.yaml_workspace import yaml_workspace

_LONG = "Voraussichtliches Datum der Vertragsverlängerung"
_MANY = ", ".join(f"o{number}: {{{{label: Öption {number}}}}}" for number in range(1, 31))
_WIDE = "\n".join(f"  f{number}: {{type: text, label: Angabe {number}}}" for number in range(1, 199))
APPS = {
    "base/wide.yaml": f"entity: wide\nlabel: Wide thing\nfields:\n  name: {{type: text, required: true}}\n{_WIDE}\n"
    f"  last: {{type: date, label: {_LONG}}}\n",
    "base/small.yaml": "entity: small\nlabel: Small thing\nownership: none\nfields:\n"
    "  name: {type: text, required: true}\n  stars: {type: rating}\n  done: {type: boolean}\n",
    "base/many.yaml": "entity: many\nlabel: Many\nownership: none\nfields:\n  name: {type: text, required: true}\n"
    f"  chosen: {{type: choices, options: {{{_MANY.replace('{{', '{').replace('}}', '}')}}}}}\n",
    "base/lang.yaml": "entity: lang\nlabel: Wartungsauftragsbestätigungsschreiben\nownership: none\nfields:\n"
    "  name: {type: text, required: true}\n",
    "base/menu.yaml": "menu: main\nlabel: Things\nitems:\n  wide: {entity: wide}\n  small: {entity: small}\n",
}


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[tuple[Office, str]]:
    """A running app with a small and a very wide entity."""
    with yaml_workspace(database_url, tmp_path, APPS, clock) as held:
        opened = Office(held, clock)
        opened.person("Ana", "administrator")
        with served(opened.app) as address:
            yield opened, address


@pytest.fixture
def page(chromium: Browser, place: tuple[Office, str]) -> Iterator[Page]:
    """A desktop page of Ana's."""
    for page in open_page(chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=place[1])):
        page.goto("/sign-in")
        page.fill("#email", "ana@example.com")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        yield page


def test_two_hundred_fields_stand_in_tabs_and_are_found(page: Page) -> None:
    page.goto("/e/base.wide/new")
    tabs = page.get_by_role("tab")
    assert 8 <= tabs.count() <= 10
    expect(page.locator("#f-last")).to_be_hidden()
    page.get_by_role("combobox", name="Find field").fill("vertragsverl")
    expect(page.locator("#k-find-list [role=option] .t").first).to_have_text(_LONG)
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#f-last")).to_be_focused()
    expect(page.locator("[data-draft-note]")).to_be_hidden()
    tabs.first.click()
    page.fill("#f-name", "Wide one")
    page.get_by_role("combobox", name="Find field").fill("angabe 150")
    page.keyboard.press("Enter")
    page.keyboard.type("Far away")
    page.get_by_role("button", name="Save and new").click()
    expect(page.locator("[data-toast]")).to_contain_text("Wide thing saved.")
    page.goto("/e/base.wide?q=Wide one")
    expect(page.locator("td.p-title").first).to_contain_text("Wide one")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/e/base.lang/new")
    button = page.locator("[data-save]").bounding_box()
    assert button is not None
    assert button["x"] + button["width"] <= 320, "one long word does not push it out"


def test_an_error_in_another_tab_is_shown_and_reached(place: tuple[Office, str]) -> None:
    ana = place[0].again("Ana")
    answer = ana.post("/e/base.wide/new", name="", last="soon")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#f-name"' in html
    assert 'href="#f-last"' in html
    assert "Two things to fix" in html


def test_a_record_of_two_hundred_fields_stands_in_tabs_and_a_field_is_found(
    place: tuple[Office, str], page: Page
) -> None:
    place[0].again("Ana").post("/e/base.wide/new", name="Long record", f2="Known", last="2030-01-15")
    page.goto("/e/base.wide?q=Long record")
    page.locator("td.p-title a").first.click()
    details = page.locator("#details")
    tabs = details.get_by_role("tab")
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    page.wait_for_load_state()
    assert 8 <= tabs.count() <= 9
    expect(details.locator("#v-name")).to_be_visible()
    expect(details.locator("#v-last")).to_be_hidden()
    expect(details.locator("#d-1")).to_contain_text("23 empty fields")
    assert findings(page) == []
    find = details.get_by_role("combobox", name="Find field")
    find.fill("vertragsverl")
    expect(page.locator("#k-find-list [role=option] .t").first).to_have_text(_LONG)
    page.keyboard.press("Enter")
    expect(details.locator("#v-last")).to_be_visible()
    find.fill("angabe 150")
    page.keyboard.press("Enter")
    expect(details.locator("#v-f150 .k-add-v")).to_be_focused()
    expect(details.get_by_role("tab", selected=True)).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(details.locator("#v-f150 input[name=f150]")).to_be_focused()
    page.keyboard.type("Far away")
    page.keyboard.press("Enter")
    expect(details.locator("#v-f150")).to_contain_text("Far away")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="Details").click()
    expect(find).to_be_visible()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_three_fields_stand_in_one_narrow_column(page: Page) -> None:
    page.goto("/e/base.small/new")
    box = page.locator(".k-fld").first.bounding_box()
    assert box is not None
    assert box["width"] <= 480
    assert page.locator(".k-toc").count() == 0
    # Up to five stars are radio buttons, as any choice of so few is.
    expect(page.get_by_role("group", name="Stars").get_by_role("radio")).to_have_count(6)
    assert findings(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_of_two_hundred_fields_one_is_typed_in_a_filter(page: Page, place: tuple[Office, str]) -> None:
    with place[0].held.workspace.write(SYSTEM, "system") as ctx:
        records.create(ctx, "base.wide", {"name": "One", "f17": "x"})
    page.goto("/e/base.wide?view=all")
    page.locator("#filter > summary").click()
    field = page.get_by_label("Field of condition 1", exact=True)
    with page.expect_response("**/e/base.wide/filter?**"):
        field.fill("angabe 17")
        field.press("Tab")
    expect(field).to_have_value("Angabe 17")
    expect(page.get_by_label("Operator of condition 1", exact=True).locator("option")).to_have_count(7)
    page.get_by_label("Value of condition 1", exact=True).fill("x")
    page.keyboard.press("Enter")
    page.wait_for_url("**f=f17**")
    assert findings(page) == []


def test_of_thirty_choices_some_are_found_and_ticked(page: Page) -> None:
    page.goto("/e/base.many/new")
    find = page.get_by_role("searchbox", name="Chosen: find among 30")
    boxes = page.locator("[data-field=chosen] label:has(input[type=checkbox]):visible")
    expect(find).to_be_visible()
    expect(boxes).to_have_count(30)
    find.fill("option 27")
    expect(boxes).to_have_count(1)
    find.press("Enter")
    expect(boxes).to_have_count(30)
    find.fill("option 3")
    expect(page.get_by_role("checkbox", name="Öption 27")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Öption 5", exact=True)).to_be_hidden()
    assert findings(page) == []
