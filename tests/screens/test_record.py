"""The page of a record: fields, path, timeline, related lists; each block fails alone."""

from __future__ import annotations

import html as html_text
import logging
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import get
from kith_runtime.web.app import create_app
from support.axe import findings
from support.site import Site, Visitor, looks, signed_in
from support.yaml_workspace import yaml_workspace

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Page Works", kind="prospect", city="Lille")


@pytest.fixture
def deal(site: Site, account: str) -> str:
    return site.create("sales.deal", name="Page deal", account=account, amount={"amount": "1000", "currency": "EUR"})


def text_of(visitor: Visitor, address: str) -> str:
    return html_text.unescape(visitor.html(address))


class TestFields:
    def test_values_labels_and_empty_fields(self, olga: Visitor, deal: str, account: str) -> None:
        page = text_of(olga, f"/e/sales.deal/{deal}")
        assert "€1,000.00" in page
        assert f'href="/e/sales.account/{account}"' in page
        assert re.search(r"\d+ empty fields", page)
        assert "Qualify" in page

    def test_fields_without_the_right_are_absent(self, site: Site, olga: Visitor, sarah: str, account: str) -> None:
        mine = site.create("sales.deal", name="Sarah's", account=account, owner=sarah, margin="54.5")
        assert "Margin" in text_of(olga, f"/e/sales.deal/{mine}")
        assert "Margin" not in text_of(site.visitor(sarah), f"/e/sales.deal/{mine}")

    def test_actions_follow_the_rights_over_the_record(self, site: Site, sarah: str, account: str) -> None:
        other = site.create("sales.account", name="Not hers", kind="prospect")
        page = text_of(site.visitor(sarah), f"/e/sales.account/{other}")
        assert f"/e/sales.account/{other}/delete" not in page

    def test_a_record_that_is_not_there_says_so_and_is_no_fault(
        self, olga: Visitor, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert olga.get("/e/sales.deal/00000000000000000000").status_code == 404
        assert olga.get("/e/sales.nothing/00000000000000000000").status_code == 404
        assert not [line for line in caplog.records if line.levelname == "ERROR"]

    def test_hostile_values_stay_text(self, site: Site, olga: Visitor) -> None:
        hurt = site.create(
            "sales.account", name=HOSTILE, kind="prospect", city=HOSTILE, description=HOSTILE, vat_number="<b>"
        )
        site.create("sales.contact", name=HOSTILE, account=hurt, job_title=HOSTILE)
        site.create("base.note", subject=HOSTILE, body=HOSTILE, regarding={"entity": "sales.account", "id": hurt})
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.account", hurt, {"city": "X" + HOSTILE[:70]})
        for address in (f"/e/sales.account/{hurt}", f"/e/sales.account/{hurt}/edit", f"/e/sales.account/{hurt}/delete"):
            page = olga.html(address)
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "{{ 7*7 }}" in page


class TestPath:
    def test_a_stage_is_changed_by_its_button(self, site: Site, olga: Visitor, deal: str) -> None:
        answer = olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "proposal", "version": "1"})
        assert answer.status_code == 303
        page = text_of(olga, f"/e/sales.deal/{deal}")
        assert "Stage is now Proposal." in page
        assert re.search(r'value="proposal"[^>]*aria-current="step"', page)

    def test_the_end_that_is_meant_stands_out_and_what_asks_for_more_says_so(
        self, site: Site, olga: Visitor, deal: str
    ) -> None:
        def ends() -> list[tuple[str, str]]:
            page = olga.html(f"/e/sales.deal/{deal}")
            found = re.findall(r'<button class="([^"]+)" (?:name="stage"|data-asks)[^>]*>(.*?)</button>', page)
            return [(classes, re.sub("<[^>]+>", "", words)) for classes, words in found if "k-hide-phone" in classes]

        (lost, lost_words), (won, won_words) = ends()
        assert "btn-primary" in won
        assert won_words == "Won"
        assert "btn-primary" not in lost
        assert lost_words == "Lost…"
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "won"})
        assert not any("btn-primary" in classes for classes, _ in ends())

    def test_what_a_stage_asks_for_is_saved_with_the_move_or_not_at_all(
        self, site: Site, olga: Visitor, deal: str
    ) -> None:
        part = {"HX-Request": "true"}
        at = f"/e/sales.deal/{deal}/to/stage/lost"
        assert olga.get(at).headers["Location"] == f"/e/sales.deal/{deal}/edit#f-lost_reason"
        form = olga.get(at, headers=part).text
        assert 'name="lost_reason"' in form
        version = re.search(r'name="_version" value="(\d+)"', form)
        assert version is not None
        sent = {"_field": "lost_reason", "_before": "{}", "_version": version[1]}
        refused = olga.post(at, {**sent, "lost_reason": ""}, headers=part)
        assert refused.get_json(silent=True) is None
        assert "Lost reason is missing." in refused.text
        # Fields that nobody may change, or that are not there, are not taken in.
        saved = olga.post(at, {**sent, "lost_reason": "price", "number": "X-1"}, headers=part).get_json()
        assert saved["text"] == "Stage is now Lost."
        with site.workspace.read(SYSTEM, "system") as ctx:
            values = get(ctx, "sales.deal", deal, ("stage", "lost_reason", "number"))
        assert (values["stage"], values["lost_reason"]) == ("lost", "price")
        assert values["number"] != "X-1"
        assert "Look at it once more, then save." in olga.post(at, {**sent, "lost_reason": "timing"}, headers=part).text
        for wrong in ("to/stage/nowhere", "to/number/lost", "to/nothing/lost"):
            assert olga.get(f"/e/sales.deal/{deal}/{wrong}", headers=part).status_code == 404
        stranger = site.visitor(site.with_roles("Stage Stranger", "sales.rep"))
        assert stranger.get(at, headers=part).status_code == 404
        assert stranger.post(at, {**sent, "lost_reason": "price"}, headers=part).status_code == 404

    def test_what_ended_early_is_not_said_to_have_gone_all_the_way(self, site: Site, olga: Visitor, deal: str) -> None:
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "discovery", "version": "1"})
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.deal", deal, {"stage": "lost", "lost_reason": "price"})
        page = olga.html(f"/e/sales.deal/{deal}")
        path = page.split('class="k-path"')[1]
        steps = re.findall(r'<button class="([\w ]*)" name="stage" value="(\w+)"', path)
        assert [(name, state) for state, name in steps] == [
            ("qualify", "done"),
            ("discovery", "done"),
            ("proposal", "past"),
            ("negotiation", "past"),
            ("contract", "past"),
            ("lost", "now"),
        ]

    def test_a_stage_that_does_not_exist_is_refused_in_words(self, site: Site, olga: Visitor, deal: str) -> None:
        olga.post(f"/e/sales.deal/{deal}/stage", {"stage": "nowhere", "version": "1"})
        assert "is not" in text_of(olga, f"/e/sales.deal/{deal}")
        with site.workspace.read(SYSTEM, "system") as ctx:
            assert get(ctx, "sales.deal", deal)["stage"] == "qualify"


class TestTimeline:
    def test_activities_and_changes_stand_together(self, site: Site, olga: Visitor, deal: str) -> None:
        about = {"entity": "sales.deal", "id": deal}
        site.create("base.note", subject="They decide in May", regarding=about)
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.deal", deal, {"next_step": "Call"})
        page = text_of(olga, f"/e/sales.deal/{deal}")
        assert "They decide in May" in page
        assert "changed Next step" in page
        assert f"/e/sales.deal/{deal}/add/base.task" in page
        only = text_of(olga, f"/e/sales.deal/{deal}?show=changes")
        assert "They decide in May" not in only
        assert "changed Next step" in only

    def test_a_change_says_from_what_to_what_with_titles(self, site: Site, olga: Visitor, deal: str) -> None:
        other = site.create("sales.account", name="Second Works", kind="prospect")
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.deal", deal, {"account": other})
        page = re.sub(r"<[^>]+>", "", text_of(olga, f"/e/sales.deal/{deal}?show=changes"))
        assert "changed Account from Page Works to Second Works" in page


class TestRelated:
    def test_records_that_point_here_with_a_way_to_all_and_to_new(
        self, site: Site, olga: Visitor, account: str
    ) -> None:
        for number in range(7):
            site.create("sales.contact", name=f"Person {number}", account=account)
        page = text_of(olga, f"/e/sales.account/{account}")
        assert "Show all 7" in page
        assert f"/e/sales.contact/new?account={account}" in page
        address = re.search(r'href="([^"]+)">Show all 7', olga.html(f"/e/sales.account/{account}"))
        assert address is not None
        listed = text_of(olga, html_text.unescape(address[1]))
        assert all(f"Person {number}" in listed for number in range(7))


class TestDelete:
    def test_what_holds_on_is_listed(self, olga: Visitor, deal: str, account: str) -> None:
        answer = olga.post(f"/e/sales.account/{account}/delete", {"version": "1"})
        page = html_text.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 409
        assert "Page Works cannot be deleted" in page
        assert f"/e/sales.deal/{deal}" in page

    def test_a_stale_page_deletes_nothing(self, site: Site, olga: Visitor, deal: str) -> None:
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.update(ctx, "sales.deal", deal, {"next_step": "Call"})
        assert olga.post(f"/e/sales.deal/{deal}/delete", {"version": "1"}).status_code == 409
        assert olga.get(f"/e/sales.deal/{deal}").status_code == 200


BROKEN = {
    "crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "crm/thing.yaml": """
        entity: thing
        label: Thing
        plural: Things
        fields:
          name: {type: text, required: true, label: "<i>Name</i> {{ 7*7 }}"}
          size: {type: integer}
          double: {type: formula, returns: integer, formula: size * 2}
        """,
}


def test_without_a_form_all_fields_are_shown_and_a_broken_block_fails_alone(
    database_url: str, tmp_path: Any, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    with yaml_workspace(database_url, tmp_path, BROKEN, clock) as crm:
        person = crm.person("Ada", "base.administrator")
        with crm.writing(person) as ctx:
            thing = records.create(ctx, "crm.thing", {"name": "One", "size": 21}).id
        site = Site(crm.workspace, create_app(crm.workspace))
        visitor = site.visitor(person.id)
        page = visitor.html(f"/e/crm.thing/{thing}")
        assert "42" in page
        assert "&lt;i&gt;Name&lt;/i&gt; {{ 7*7 }}" in page
        assert "<i>Name</i>" not in visitor.html("/e/crm.thing/new")
        # History is a block of its own: without its table, the page is there and says what is not.
        with crm.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE kith_history RENAME TO kith_history_away")
        with caplog.at_level(logging.ERROR):
            page = visitor.html(f"/e/crm.thing/{thing}")
        assert "This block could not be shown." in page
        assert "42" in page
        assert "kith_history" in caplog.text


class TestInTheBrowser:
    def test_delete_and_undo(self, site: Site, page: Page, administrator: str, deal: str) -> None:
        site.create("sales.deal_line", deal=deal, name="Goes too", quantity=1, unit_price="5")
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}")
        page.get_by_label("More actions").click()
        page.get_by_text("Delete deal").first.click()
        question = page.locator("dialog#delete")
        expect(question).to_contain_text("Its 1 line goes too. You can undo for 30 days.")
        question.get_by_role("button", name="Delete deal").click()
        expect(page.locator(".k-toast")).to_contain_text("Page deal and its 1 line were deleted")
        page.get_by_role("button", name="Undo").click()
        page.wait_for_url(f"**/e/sales.deal/{deal}")
        expect(page.locator(".k-toast")).to_contain_text("is back with 1 record")
        expect(page.locator("#related")).to_contain_text("Goes too")

    def test_a_phone_shows_one_part_at_a_time(self, site: Site, phone: Page, administrator: str, deal: str) -> None:
        signed_in(phone, site, administrator).goto(f"/e/sales.deal/{deal}")
        expect(phone.locator("#timeline")).to_be_visible()
        expect(phone.locator("#details")).to_be_hidden()
        phone.get_by_role("tab", name="Details").click()
        expect(phone.locator("#details")).to_be_visible()
        expect(phone.locator("#timeline")).to_be_hidden()

    def test_the_page_works_without_script(self, site: Site, chromium: Browser, administrator: str, deal: str) -> None:
        context = chromium.new_context(base_url=site.address, java_script_enabled=False)
        plain = signed_in(context.new_page(), site, administrator)
        plain.goto(f"/e/sales.deal/{deal}")
        plain.get_by_role("button", name="Discovery").click()
        expect(plain.locator(".k-path [aria-current=step]")).to_contain_text("Discovery")
        plain.goto(f"/e/sales.deal/{deal}/delete")
        plain.get_by_role("button", name="Delete deal").click()
        expect(plain.locator(".k-toast")).to_contain_text("deleted")
        context.close()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 390])
    @looks
    def test_no_accessibility_findings(
        self, site: Site, chromium: Browser, administrator: str, theme: Any, width: int
    ) -> None:
        context = chromium.new_context(
            base_url=site.address, color_scheme=theme, viewport={"width": width, "height": 900}
        )
        page = signed_in(context.new_page(), site, administrator)
        problems: list[str] = []
        page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
        visitor = site.visitor(administrator)
        for entity in ("sales.deal", "sales.contact", "sales.account", "service.case"):
            address = re.search(rf'href="(/e/{entity}/[0-9a-z]{{20}})"', visitor.html(f"/e/{entity}?view=all"))
            assert address is not None
            page.goto(address[1])
            assert findings(page, impacts=("serious", "critical")) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert problems == []
        context.close()
