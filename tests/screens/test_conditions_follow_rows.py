"""What a form shows, asks for and locks by its rows follows the rows as they are typed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.serving import served
from support.shop import shop_for_members
from support.site import open_page
from support.visitors import PASSWORD, Office
from support.yaml_workspace import yaml_workspace

SHOP = {
    **shop_for_members("quote", "line"),
    "shop/quote.yaml": """
        entity: quote
        label: Quote
        plural: Quotes
        ownership: none
        fields:
          name: {type: text, label: Name, required: true}
          reason: {type: text, label: Reason, required_if: sum(lines.units) > 40}
          note: {type: text, label: Note}
          code: {type: text, label: Code, read_only_if: count(lines) > 1}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          quote: {type: lookup, to: quote, parent: true, required: true, on_delete: cascade}
          name: {type: text, label: What, required: true}
          units: {type: integer, label: Units}
        ---
        form: quote
        entity: quote
        sections:
          all:
            elements:
              name: {}
              lines: {element: rows, entity: line, by: quote, columns: [name, units]}
              reason: {}
              note: {show_if: 'any(lines, units > 20)'}
              code: {}
        """,
}


def test_conditions_over_rows_follow_what_is_typed(chromium: Browser, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(f"sqlite:///{tmp_path / 'kith.db'}", tmp_path, SHOP, clock) as held:
        office = Office(held, clock)
        office.person("Ann", "member")
        with held.writing() as ctx:
            quote = records.create(ctx, "shop.quote", {"name": "Pumps", "code": "P-1"}).id
            for name, units in (("pump", 5), ("valve", 1)):
                records.create(ctx, "shop.line", {"quote": quote, "name": name, "units": units})
        with served(office.app) as address:
            for page in open_page(chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=address)):
                page.goto(f"/sign-in?next=/e/shop.quote/{quote}/edit")
                page.fill("#email", "ann@example.com")
                page.fill("#password", PASSWORD)
                page.keyboard.press("Enter")
                first, second = (page.locator("[data-row]").nth(number) for number in range(2))
                star = page.locator("[data-field=reason] [data-required-mark]")
                note, code = page.get_by_label("Note"), page.get_by_label("Code")
                locked = page.locator("[data-field=code] [data-locked-why]")
                expect(first.get_by_label("Units")).to_have_value("5")
                page.wait_for_load_state()
                # Locked by the rows as they are saved, and still by those that are typed.
                expect(locked).to_be_visible()
                expect(note).to_be_hidden()
                expect(star).to_be_hidden()
                first.get_by_label("Units").fill("21")
                expect(note).to_be_visible()
                expect(star).to_be_hidden()
                second.get_by_label("Units").fill("20")
                expect(star).to_be_visible()
                second.locator("[data-row-remove]").click()
                expect(locked).to_be_hidden()
                expect(star).to_be_hidden()
                page.locator("[data-rows-add]").click()
                page.locator("[data-row]").nth(2).get_by_label("What").fill("gauge")
                expect(locked).to_be_visible()
                expect(code).to_have_attribute("readonly", "")
                first.get_by_label("Units").fill("2")
                expect(note).to_be_hidden()
