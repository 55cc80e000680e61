"""Work on many records at once: by page without a script, part by part for a script, within rights, and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select as select_rows

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, count, history, select
from kith_runtime.records import Operation
from kith_runtime.records.store import HISTORY
from support.axe import findings
from support.site import Site, Visitor, signed_in

pytestmark = pytest.mark.screen

PART = {"HX-Request": "true"}
MANY = 5_000


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


def make_tags(site: Site, word: str, number: int) -> None:
    """Write tags in as many calls as they need; a word is used by one test of each engine."""
    names = [f"{word} {index:05}" for index in range(number)]
    for first in range(0, number, 1000):
        operations = [Operation("create", "base.tag", values={"name": name}) for name in names[first : first + 1000]]
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.bulk(ctx, operations, all_or_nothing=True)


def how_many(site: Site, where: str, entity: str = "base.tag") -> int:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return count(ctx, Query(entity, ("id",), where=where), capped=False)[0]


def all_that_match(visitor: Visitor, listing: str, action: str = "change") -> str:
    """Choose all records of a list and return the address of their run."""
    entity = listing.partition("?")[0]
    answer = visitor.post(f"{entity}/runs", {"next": listing, "all": "1", "action": action})
    assert answer.status_code == 303
    return answer.headers["Location"].partition("?")[0]


def step(visitor: Visitor, run: str, what: str = "next") -> dict[str, Any]:
    answer = visitor.post(f"{run}/{what}", headers=PART)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def through(visitor: Visitor, run: str) -> dict[str, Any]:
    """Ask for the parts of a run until there are no more."""
    found = step(visitor, run)
    while found["state"] == "running":
        found = step(visitor, run)
    return found


def test_five_thousand_are_changed_stopped_gone_on_with_and_taken_back(site: Site, olga: Visitor) -> None:
    make_tags(site, "Herd", MANY)
    listing = "/e/base.tag?view=all&f=name&o=starts_with&v=Herd"
    run = all_that_match(olga, listing)
    page = olga.html(run)
    assert "5,000 tags selected" in page
    begun = olga.post(f"{run}/begin", {"_do": "change", "_field": "description", "description": "Moved"}, headers=PART)
    assert begun.get_json()["words"] == "0 of 5,000 tags changed"
    # What matches later is not touched: the records were fixed at the start.
    site.create("base.tag", name="Herd late")
    first = step(olga, run)
    assert 0 < first["tried"] < MANY
    assert how_many(site, 'description == "Moved"') == first["tried"]
    # Nothing is kept in the process: another session of the same person goes on where this one stopped.
    again = site.visitor(site.with_roles("Olga Admin"))
    assert step(again, run)["tried"] > first["tried"]
    assert "A change is not through" in again.html("/e/base.tag?view=all")
    stopped = step(olga, run, "cancel")
    assert stopped["state"] == "cancelled"
    assert "were not looked at" in stopped["words"]
    assert step(olga, run)["tried"] == stopped["tried"]
    back = step(olga, run, "undo")
    undone = through(olga, back["at"])
    assert undone["words"] == f"{stopped['tried']:,} tags taken back."
    assert how_many(site, 'description == "Moved"') == 0
    whole = all_that_match(olga, listing, "delete")
    olga.post(f"{whole}/begin", {"_do": "delete"})
    deleted = through(olga, whole)
    assert deleted["words"] == "5,001 tags deleted."
    assert how_many(site, 'starts_with(name, "Herd")') == 0
    assert through(olga, step(olga, whole, "undo")["at"])["words"] == "5,001 tags taken back."
    assert how_many(site, 'starts_with(name, "Herd")') == MANY + 1


def test_all_changes_of_a_run_carry_its_id_and_are_saves_like_any_other(site: Site, olga: Visitor) -> None:
    make_tags(site, "Traced", 3)
    run = all_that_match(olga, "/e/base.tag?view=all&f=name&o=starts_with&v=Traced")
    olga.post(f"{run}/begin", {"_do": "change", "_field": "description", "description": "One trace"})
    assert through(olga, run)["words"] == "3 tags changed."
    with site.workspace.read(SYSTEM, "system") as ctx:
        found = select(ctx, Query("base.tag", ("id", "version"), where='starts_with(name, "Traced")'))
        changes = [history(ctx, "base.tag", record)[0] for record in found.ids]
        trace = run.rpartition("/")[2]
        traced = ctx.connection.execute(select_rows(HISTORY.c.record_id).where(HISTORY.c.trace == trace)).scalars()
        assert set(traced) == set(found.ids)
    assert {version for _, version in found.rows} == {2}
    assert {change.action for change in changes} == {"update"}


def test_without_a_script_a_page_goes_on_by_a_button(site: Site, olga: Visitor) -> None:
    make_tags(site, "Paged", 4)
    listing = "/e/base.tag?view=all&f=name&o=starts_with&v=Paged"
    run = all_that_match(olga, listing)
    chosen = olga.html(f"{run}?field=description")
    assert 'name="description"' in chosen
    assert "Change 4 tags" in chosen
    olga.post(f"{run}/begin", {"_do": "change", "_field": "description", "description": "By hand"})
    page = olga.html(run)
    assert "<progress" in page
    assert "Description becomes By hand." in page
    answer = olga.post(f"{run}/next")
    assert answer.headers["Location"] == run
    page = olga.html(run)
    assert "4 tags changed." in page
    assert f'action="{run}/undo"' in page
    answer = olga.post(f"{run}/undo")
    olga.post(f"{answer.headers['Location']}/next")
    assert "4 tags taken back." in olga.html(answer.headers["Location"])
    assert how_many(site, 'description == "By hand"') == 0


def test_rows_that_a_rule_refuses_stay_and_say_why(site: Site, olga: Visitor) -> None:
    product = site.create(
        "sales.product",
        name="Ruled",
        code=f"R-{site.workspace.database.dialect_name}",
        family="sensor",
        list_price={"amount": "5", "currency": "EUR"},
    )
    price = {"amount": "4", "currency": "EUR"}
    for quantity in (10, 20, 30):
        values = {"name": f"From {quantity}", "min_quantity": quantity, "unit_price": price, "valid_from": "2026-01-01"}
        site.create("sales.price", product=product, **values)
    run = all_that_match(olga, f"/e/sales.price?view=all&f=product&o=is&v={product}")
    sent = {"_do": "change", "_field": "min_quantity", "min_quantity": "5077"}
    assert olga.post(f"{run}/begin", sent, headers=PART).status_code == 200
    done = through(olga, run)
    assert done["words"] == "1 price changed, 2 not."
    assert done["show"] == "Show the 2"
    page = olga.html(run)
    assert page.count("There is a price for this quantity and day.") == 2
    assert page.partition("Not changed")[2].partition("</table>")[0].count("href=") == 2
    assert how_many(site, "min_quantity == 5077", "sales.price") == 1


def test_undo_leaves_what_others_changed_since(site: Site, olga: Visitor) -> None:
    make_tags(site, "Since", 3)
    run = all_that_match(olga, "/e/base.tag?view=all&f=name&o=starts_with&v=Since")
    olga.post(f"{run}/begin", {"_do": "change", "_field": "description", "description": "Mine"})
    through(olga, run)
    with site.workspace.write(SYSTEM, "system") as ctx:
        first = select(ctx, Query("base.tag", ("id",), where='name == "Since 00000"')).ids[0]
        records.update(ctx, "base.tag", first, {"description": "Theirs"})
    done = through(olga, step(olga, run, "undo")["at"])
    assert done["words"] == "2 tags taken back, 1 not."
    assert how_many(site, 'description == "Theirs"') == 1
    assert how_many(site, 'description == "Mine"') == 0
    assert "so it stays as it is" in olga.html(done["at"])


def test_a_rep_changes_only_what_a_single_save_would_let_them(site: Site) -> None:
    rep, other = (site.with_roles(name, "sales.rep") for name in ("Bulk Rep", "Bulk Other"))
    for number in range(2):
        site.create("sales.account", name=f"Shared ground {number}", owner=rep)
    site.create("sales.account", name="Shared ground far", owner=other)
    visitor = site.visitor(rep)
    listing = "/e/sales.account?view=all&q=Shared+ground"
    assert "data-run-open" in visitor.html(listing)
    run = all_that_match(visitor, listing)
    visitor.post(f"{run}/begin", {"_do": "change", "_field": "city", "city": "Graz"})
    done = through(visitor, run)
    assert done["words"] == "2 accounts changed, 1 not."
    assert how_many(site, 'city == "Graz" and starts_with(name, "Shared ground")', "sales.account") == 2
    # Others' runs are nobody's business, and a field that may not be changed is not offered.
    stranger = site.visitor(other)
    for what in ("", "/next", "/undo", "/cancel"):
        answer = stranger.post(run + what) if what else stranger.get(run)
        assert answer.status_code == 404
    account = site.create("sales.account", name="Deal ground", owner=rep)
    site.create("sales.deal", name="Rep deal", account=account, owner=rep)
    draft = all_that_match(visitor, "/e/sales.deal?view=all")
    assert 'value="margin"' not in visitor.html(draft)
    refused = visitor.post(f"{draft}/begin", {"_do": "change", "_field": "margin", "margin": "5"}, headers=PART)
    assert refused.status_code == 422


def test_a_value_that_does_not_fit_is_refused_before_anything_runs(site: Site, olga: Visitor) -> None:
    site.create(
        "sales.product",
        name="Wrong warranty",
        code=f"WW-{site.workspace.database.dialect_name}",
        family="sensor",
        list_price={"amount": "5", "currency": "EUR"},
    )
    run = all_that_match(olga, "/e/sales.product?view=all&q=Wrong+warranty")
    sent = {"_do": "change", "_field": "warranty_months", "warranty_months": "two"}
    answer = olga.post(f"{run}/begin", sent, headers=PART)
    assert answer.status_code == 422
    assert 'value="two"' in answer.get_data(as_text=True)
    missing = olga.post(f"{run}/begin", {"_do": "change", "_field": "name", "name": ""}, headers=PART)
    assert "Name is missing" in missing.get_data(as_text=True)
    assert 'value="code"' not in olga.html(run)


def test_a_lookup_offers_what_goes_with_every_chosen_record(site: Site, olga: Visitor) -> None:
    ash, oak = (site.create("sales.account", name=f"Many {name}") for name in ("ash", "oak"))
    ann, bob = (
        site.create("sales.contact", name=name, account=at) for name, at in (("Ann Many", ash), ("Bob Many", oak))
    )
    deals = [site.create("sales.deal", name=f"Many go {number}", account=ash) for number in range(2)]
    options = "/e/sales.deal/options/contact?q=Many&run="

    def offered(run: str) -> list[str]:
        return [item["id"] for item in olga.get(options + run.rsplit("/", 1)[1]).get_json()["data"]]

    listing = "/e/sales.deal?view=all&q=Many+go"
    run = all_that_match(olga, listing)
    assert offered(run) == [ann]
    site.create("sales.deal", name="Many go there", account=oak)
    assert offered(all_that_match(olga, listing)) == []
    # Whoever sends another one is told for each record that it does not go with it.
    olga.post(f"{run}/begin", {"_do": "change", "_field": "contact", "contact": bob, "contact__text": "Bob Many"})
    through(olga, run)
    assert "this contact does not go with what Account says" in olga.html(run)
    with site.workspace.read(SYSTEM, "system") as ctx:
        assert [records.read_record(ctx, "sales.deal", deal).values["contact"] for deal in deals] == [None, None]


def test_all_of_the_bin_comes_back(site: Site, olga: Visitor) -> None:
    make_tags(site, "Binned", 3)
    run = all_that_match(olga, "/e/base.tag?view=all&f=name&o=starts_with&v=Binned", "delete")
    olga.post(f"{run}/begin", {"_do": "delete"})
    through(olga, run)
    html = olga.html("/e/base.tag/bin")
    ids = re.findall(r'name="id" value="([^"]+)"', html)[:2]
    assert len(ids) == 2
    answer = olga.post("/e/base.tag/runs", {"from": "bin", "id": ids, "next": "/e/base.tag/bin"})
    assert through(olga, answer.headers["Location"])["words"] == "2 tags restored."
    answer = olga.post("/e/base.tag/runs", {"from": "bin", "all": "1", "next": "/e/base.tag/bin"})
    assert through(olga, answer.headers["Location"])["failed"] == 0
    assert how_many(site, 'starts_with(name, "Binned")') == 3


def test_nothing_selected_and_lists_that_cannot_be_are_said(site: Site, olga: Visitor) -> None:
    answer = olga.post("/e/base.tag/runs", {"next": "/e/base.tag", "action": "change"})
    assert answer.headers["Location"] == "/e/base.tag"
    assert "Nothing was selected." in olga.html("/e/base.tag")
    wrong = olga.post("/e/base.tag/runs", {"next": "/e/base.tag?view=all&f=nothing&o=is&v=1", "all": "1"})
    assert wrong.status_code == 422
    assert olga.post("/e/base.tag/runs", {"next": "/home", "all": "1"}).status_code == 422
    assert olga.post("/e/no.such/runs", {"all": "1"}).status_code == 404


class TestInABrowser:
    def test_by_keys_all_that_match_are_changed_with_progress_and_taken_back(
        self, site: Site, page: Page, administrator: str
    ) -> None:
        make_tags(site, "Keys", 450)
        signed_in(page, site, administrator).goto("/e/base.tag?view=all&f=name&o=starts_with&v=Keys")
        expect(page.locator("#figures")).to_contain_text("of 450")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        bar = page.locator("[data-bulk]")
        expect(bar).to_contain_text("3 selected")
        page.keyboard.press("Control+a")
        expect(bar).to_contain_text("50 selected")
        page.keyboard.press("Control+a")
        expect(bar).to_contain_text("All 450 selected")
        page.get_by_role("button", name="Edit field").click()
        dialog = page.get_by_role("dialog", name="Change 450 tags")
        dialog.get_by_label("Field").select_option("description")
        dialog.get_by_label("Description").fill("By the bar")
        dialog.get_by_label("Description").press("Enter")
        result = page.locator("[data-run-bar]")
        expect(result).to_contain_text("450 tags changed.", timeout=30_000)
        expect(page.locator("[data-select]:checked")).to_have_count(0)
        assert not findings(page)
        result.get_by_role("button", name="Undo").click()
        expect(result).to_contain_text("450 tags taken back.", timeout=30_000)
        assert how_many(site, 'description == "By the bar"') == 0

    def test_on_a_phone_rows_are_chosen_by_tapping(self, site: Site, phone: Page, administrator: str) -> None:
        make_tags(site, "Tapped", 3)
        signed_in(phone, site, administrator).goto("/e/base.tag?view=all&f=name&o=starts_with&v=Tapped")
        phone.get_by_role("button", name="Select", exact=True).tap()
        phone.locator(".k-grid .p-title a").nth(1).tap()
        bar = phone.locator("[data-bulk]")
        expect(bar).to_contain_text("1 selected")
        for name in ("Edit field", "Delete"):
            place = bar.get_by_role("button", name=name).bounding_box()
            assert place is not None
            assert place["x"] + place["width"] <= 390
            assert place["height"] >= 44
        assert not findings(phone)
        phone.locator(".k-grid .p-title a").nth(1).tap()
        expect(bar).to_be_hidden()
        phone.locator(".k-grid .p-title a").nth(1).tap()
        expect(phone).to_have_url(re.compile("/e/base.tag/[0-9a-z]{20}$"))
