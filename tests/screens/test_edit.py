"""Create and edit: what was typed is kept, problems stand beside their fields, and nobody overwrites anybody."""

from __future__ import annotations

import html as html_text
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, get, select
from support.axe import findings
from support.forms import form_values
from support.site import Site, Visitor, looks, signed_in

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}"


def values_of(site: Site, entity: str, record: str) -> dict[str, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record)


def found(site: Site, entity: str, where: str) -> list[str]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return list(select(ctx, Query(entity, ("id",), where=where)).ids)


def change(site: Site, entity: str, record: str, **values: Any) -> None:
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.update(ctx, entity, record, values)


def text_of(answer: Any) -> str:
    return html_text.unescape(answer.get_data(as_text=True))


def opened(visitor: Visitor, address: str) -> dict[str, Any]:
    return dict(form_values(visitor.html(address)))


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Form Works", kind="prospect", city="Lille")


@pytest.fixture
def deal(site: Site, account: str) -> str:
    return site.create("sales.deal", name="Form deal", account=account, amount={"amount": "1000", "currency": "EUR"})


@pytest.fixture
def refused(chromium: Browser, site: Site) -> Iterator[Page]:
    """A desktop page whose forms are refused on purpose: the browser notes those answers, and nothing else."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    yield page
    context.close()
    assert [text for text in problems if "422" not in text and "409" not in text] == []


class TestCreate:
    def test_a_record_is_made_of_what_the_form_sends(self, site: Site, olga: Visitor) -> None:
        values = opened(olga, "/e/sales.account/new")
        answer = olga.post("/e/sales.account/new", {**values, "name": "Made here", "employees": "1,250"})
        assert answer.status_code == 303
        record = answer.location.rsplit("/", 1)[1]
        saved = values_of(site, "sales.account", record)
        assert (saved["name"], saved["employees"], saved["kind"]) == ("Made here", 1250, "prospect")

    def test_the_address_prefills_fields(self, olga: Visitor, account: str) -> None:
        values = opened(olga, f"/e/sales.deal/new?account={account}&amount=24500 USD&close_date=2026-12-24")
        assert values["account"] == [account]
        assert values["account__text"] == ["Form Works"]
        assert (values["amount__amount"], values["amount__currency"]) == (["24,500.00"], ["USD"])
        assert values["close_date"] == ["2026-12-24"]

    def test_all_problems_come_at_once_and_the_input_stays_as_typed(self, olga: Visitor) -> None:
        values = opened(olga, "/e/sales.deal/new")
        sent = {**values, "name": "", "amount__amount": "24k5x", "account__text": "Nobody at all", "sites": "many"}
        answer = olga.post("/e/sales.deal/new", sent)
        page = text_of(answer)
        assert answer.status_code == 422
        assert "Four things to fix, then it saves" in page
        for target in ("f-name", "f-account", "f-amount", "f-sites"):
            assert f'href="#{target}"' in page
        kept = form_values(answer.get_data(as_text=True))
        assert kept["amount__amount"] == ["24k5x"]
        assert kept["sites"] == ["many"]
        assert kept["account__text"] == ["Nobody at all"]
        assert 'aria-invalid="true"' in page

    def test_a_lookup_is_found_by_its_text_alone(self, site: Site, olga: Visitor, account: str) -> None:
        values = opened(olga, "/e/sales.deal/new")
        name = f"By text {account}"
        change(site, "sales.account", account, name=f"Only One {account}")
        sent = {**values, "name": name, "account": "", "account__text": f"only one {account}"}
        assert olga.post("/e/sales.deal/new", sent).status_code == 303
        (record,) = found(site, "sales.deal", f'name == "{name}"')
        assert values_of(site, "sales.deal", record)["account"] == account

    def test_a_text_in_a_lookup_means_what_goes_with_the_rest_of_the_form(
        self, site: Site, olga: Visitor, account: str
    ) -> None:
        other = site.create("sales.account", name=f"Beside {account}")
        right, _ = (site.create("sales.contact", name=f"Kim {account}", account=item) for item in (account, other))
        site.create("sales.contact", name=f"Lee {account}", account=other)
        change(site, "sales.account", account, name=f"Named {account}")
        form = {"account": "", "account__text": f"named {account}"}
        sent = {
            **opened(olga, "/e/sales.deal/new"),
            **form,
            "name": f"Goes {account}",
            "contact": "",
            "contact__text": f"kim {account}",
        }
        # Two bear the name; the account, a text itself, tells which of them is meant.
        assert olga.post("/e/sales.deal/new", sent).status_code == 303
        (record,) = found(site, "sales.deal", f'name == "Goes {account}"')
        assert values_of(site, "sales.deal", record)["contact"] == right
        for address, held in (("/e/sales.deal/new", form), (f"/e/sales.deal/{record}/edit", {})):
            wrong = {**opened(olga, address), **held, "contact": "", "contact__text": f"Lee {account}"}
            refused = olga.post(address, wrong)
            assert refused.status_code == 422
            assert "does not go with what Account says. Choose another one, or change Account." in text_of(refused)

    def test_a_form_that_is_sent_twice_makes_one_record(self, site: Site, olga: Visitor, account: str) -> None:
        name = f"Twice {account}"
        sent = {**opened(olga, f"/e/sales.deal/new?account={account}"), "name": name}
        first, second = olga.post("/e/sales.deal/new", sent), olga.post("/e/sales.deal/new", sent)
        assert first.location == second.location
        assert len(found(site, "sales.deal", f'name == "{name}"')) == 1
        other = olga.post("/e/sales.deal/new", {**sent, "name": name + " again"})
        assert other.status_code == 422
        assert "This form was saved before" in text_of(other)

    def test_child_rows_are_saved_with_their_parent_or_not_at_all(
        self, site: Site, olga: Visitor, account: str
    ) -> None:
        name = f"With lines {account}"
        sent = {**opened(olga, f"/e/sales.deal/new?account={account}"), "name": name}
        sent = dict(form_values(text_plain(olga.post("/e/sales.deal/new", {**sent, "_add_row": "lines"}))))
        assert "lines-0-name" in sent
        row = {"lines-0-name": "Sensors", "lines-0-quantity": "none", "lines-0-unit_price__amount": "139"}
        refused = olga.post("/e/sales.deal/new", {**sent, **row})
        assert refused.status_code == 422
        assert "Row 1:" in text_of(refused)
        assert 'href="#f-lines-0-quantity"' in text_of(refused)
        assert not found(site, "sales.deal", f'name == "{name}"')
        kept = dict(form_values(text_plain(refused)))
        assert olga.post("/e/sales.deal/new", {**kept, "lines-0-quantity": "480"}).status_code == 303
        (deal,) = found(site, "sales.deal", f'name == "{name}"')
        assert len(found(site, "sales.deal_line", f'deal == "{deal}"')) == 1

    def test_who_may_not_create_is_told_so(self, site: Site) -> None:
        visitor = site.visitor(site.with_roles("Otto Observer", "service.observer"))
        assert visitor.get("/e/sales.deal/new").status_code in (403, 404)

    def test_hostile_text_stays_text_in_every_input(self, olga: Visitor) -> None:
        values = opened(olga, "/e/sales.contact/new")
        texts = {name: HOSTILE for name, given in values.items() if not name.startswith("_") and given == [""]}
        answer = olga.post("/e/sales.contact/new", {**values, **texts})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r'name="job_title"[^>]*value="([^"]*)"', page)[0]


def text_plain(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


class TestEdit:
    def test_only_what_was_touched_is_saved(self, site: Site, olga: Visitor, deal: str) -> None:
        values = opened(olga, f"/e/sales.deal/{deal}/edit")
        change(site, "sales.deal", deal, next_step="Meanwhile")
        answer = olga.post(f"/e/sales.deal/{deal}/edit", {**values, "name": "Renamed"})
        assert answer.status_code == 303
        saved = values_of(site, "sales.deal", deal)
        assert (saved["name"], saved["next_step"]) == ("Renamed", "Meanwhile")

    def test_an_untouched_form_changes_nothing(self, site: Site, olga: Visitor) -> None:
        for entity in ("sales.deal", "sales.contact", "sales.account", "service.case", "base.call", "base.task"):
            for record in found(site, entity, "id != blank")[:3]:
                before = values_of(site, entity, record)["version"]
                values = opened(olga, f"/e/{entity}/{record}/edit")
                answer = olga.post(f"/e/{entity}/{record}/edit", values)
                assert answer.status_code == 303, text_of(answer)
                assert values_of(site, entity, record)["version"] == before, entity

    def test_rows_that_others_changed_or_deleted_meanwhile_are_told(self, site: Site, olga: Visitor, deal: str) -> None:
        price = {"amount": "5", "currency": "EUR"}
        line = site.create("sales.deal_line", deal=deal, name="Boxes", unit_price=price, quantity="2")
        address = f"/e/sales.deal/{deal}/edit"
        values = opened(olga, address)
        change(site, "sales.deal_line", line, quantity="4", name="Crates")
        refused = olga.post(address, {**values, "lines-0-quantity": "9"})
        assert refused.status_code == 409
        card = text_of(refused).partition('class="k-conf"')[2]
        assert "changed Quantity while you were typing" in card
        for quantity in ("9.00", "4.00", "2.00"):
            assert quantity in card
        kept = dict(form_values(text_plain(refused)))
        assert olga.post(address, kept).status_code == 422
        theirs = dict(form_values(text_plain(olga.post(address, {**kept, "_take": "lines-0-quantity"}))))
        assert theirs["lines-0-quantity"] == ["4.00"]
        mine = dict(form_values(text_plain(olga.post(address, {**kept, "_keep": "lines-0-quantity"}))))
        assert olga.post(address, mine).status_code == 303
        now = values_of(site, "sales.deal_line", line)
        assert (now["quantity"], now["name"]) == (9, "Crates")

    def test_a_conflict_shows_both_values_and_keeps_all_input(self, site: Site, olga: Visitor, deal: str) -> None:
        address = f"/e/sales.deal/{deal}/edit"
        values = opened(olga, address)
        change(site, "sales.deal", deal, amount={"amount": "885", "currency": "EUR"}, next_step="Theirs")
        sent = {**values, "amount__amount": "920", "name": "Mine too"}
        refused = olga.post(address, sent)
        page = text_of(refused)
        assert refused.status_code == 409
        assert "changed Amount while you were typing" in page
        for amount in ("€920.00", "€885.00", "€1,000.00"):
            assert amount in page
        kept = dict(form_values(text_plain(refused)))
        assert kept["name"] == ["Mine too"]
        assert kept["next_step"] == ["Theirs"]
        # Nothing is saved while the card waits for an answer.
        assert olga.post(address, kept).status_code == 422
        mine = dict(form_values(text_plain(olga.post(address, {**kept, "_keep": "amount"}))))
        assert "_open" not in mine
        assert mine["amount__amount"] == ["920"]
        theirs = dict(form_values(text_plain(olga.post(address, {**kept, "_take": "amount"}))))
        assert theirs["amount__amount"] == ["885.00"]
        assert olga.post(address, mine).status_code == 303
        saved = values_of(site, "sales.deal", deal)
        assert (str(saved["amount"].amount), saved["name"]) == ("920.00", "Mine too")

    def test_rows_are_changed_and_taken_out(self, site: Site, olga: Visitor, deal: str) -> None:
        for name in ("One", "Two"):
            site.create("sales.deal_line", deal=deal, name=name, quantity=1, unit_price="5")
        address = f"/e/sales.deal/{deal}/edit"
        values = opened(olga, address)
        places = {values[f"lines-{place}-name"][0]: place for place in (0, 1)}
        sent = {
            **values,
            f"lines-{places['One']}-name": "Uno",
            f"lines-{places['Two']}-_delete": "1",
        }
        assert olga.post(address, sent).status_code == 303
        (line,) = found(site, "sales.deal_line", f'deal == "{deal}"')
        assert values_of(site, "sales.deal_line", line)["name"] == "Uno"

    def test_a_field_without_the_right_is_absent_and_one_to_read_is_text(self, site: Site, sarah: str) -> None:
        visitor = site.visitor(sarah)
        with site.workspace.read(SYSTEM, "system") as ctx:
            mine = select(ctx, Query("sales.deal", ("id",), where=f'owner == "{sarah}"', limit=1)).ids[0]
        page = visitor.html(f"/e/sales.deal/{mine}/edit")
        assert "Margin" not in page
        values = form_values(page)
        assert "weighted" not in values
        assert "number" not in values

    def test_a_record_that_one_may_only_read_has_no_form(self, site: Site, sarah: str) -> None:
        visitor = site.visitor(sarah)
        case = found(site, "service.case", "id != blank")[0]
        assert visitor.get(f"/e/service.case/{case}/edit").status_code == 403

    def test_a_file_is_kept_when_the_form_is_refused(self, site: Site, olga: Visitor) -> None:
        values = opened(olga, "/e/base.attachment/new")
        upload = (io.BytesIO(b"%PDF-1.4 quote"), "quote.pdf")
        refused = olga.post("/e/base.attachment/new", {**values, "name": "", "file__file": upload})
        assert refused.status_code == 422
        kept = dict(form_values(text_plain(refused)))
        assert kept["file"] != [""]
        assert kept["file__name"] == ["quote.pdf"]
        answer = olga.post("/e/base.attachment/new", {**kept, "name": "Quote"})
        assert answer.status_code == 303
        saved = values_of(site, "base.attachment", answer.location.rsplit("/", 1)[1])
        assert saved["file"].name == "quote.pdf"

    def test_a_field_that_is_gone_is_left_out_with_a_notice(self, olga: Visitor, account: str) -> None:
        values = opened(olga, f"/e/sales.account/{account}/edit")
        values["_before"] = [values["_before"][0].replace("}", ',"old_field":"00"}')]
        answer = olga.post(f"/e/sales.account/{account}/edit", {**values, "city": "Paris"})
        assert answer.status_code == 303
        assert "Old field no longer exists here and was left out" in text_of(olga.get(answer.location))


class TestLookups:
    def test_options_begin_with_what_was_typed(self, olga: Visitor, account: str) -> None:
        answer = olga.get("/e/sales.deal/options/account?q=form wo")
        assert any(item["id"] == account and item["hint"] == "Lille" for item in answer.get_json()["data"])
        assert olga.get("/e/sales.deal/options/account").get_json()["data"]

    def test_options_of_any_record_follow_the_kind(self, olga: Visitor, account: str) -> None:
        address = "/e/base.task/options/regarding?q=form&with.regarding__entity=sales.account"
        assert account in {item["id"] for item in olga.get(address).get_json()["data"]}

    def test_lookups_that_the_system_keeps_have_options_too(self, olga: Visitor) -> None:
        for name in ("owner", "created_by"):
            answer = olga.get(f"/e/sales.deal/options/{name}?q=sarah")
            assert any("Sarah" in item["title"] for item in answer.get_json()["data"])

    def test_a_field_that_is_no_lookup_or_is_hidden_has_no_options(self, olga: Visitor) -> None:
        assert olga.get("/e/sales.deal/options/nothing").status_code == 404
        assert olga.get("/e/no.such/options/nothing").status_code == 404


class TestInTheBrowser:
    def test_errors_are_corrected_and_saved(self, site: Site, refused: Page, administrator: str, account: str) -> None:
        page = refused
        signed_in(page, site, administrator).goto(f"/e/sales.deal/new?account={account}")
        page.get_by_label("Amount", exact=True).fill("24k5x")
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_role("button", name="Save deal").click()
        assert sent.value.status == 422
        expect(page.locator("[data-error-summary]")).to_be_focused()
        expect(page.get_by_label("Amount", exact=True)).to_have_value("24k5x")
        page.get_by_role("link", name="Name is missing").click()
        expect(page.get_by_label("Name", exact=False).first).to_be_visible()
        page.locator("#f-name").fill(f"Corrected {account}")
        page.get_by_label("Amount", exact=True).fill("24.5k")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Corrected {account}")
        expect(page.locator(".k-toast")).to_contain_text("Deal saved")

    def test_a_lookup_is_chosen_by_keyboard(self, site: Site, page: Page, administrator: str, account: str) -> None:
        change(site, "sales.account", account, name=f"Zephyr {account}")
        signed_in(page, site, administrator).goto("/e/sales.deal/new")
        field = page.get_by_role("combobox", name="Account")
        field.click()
        field.press_sequentially("zephyr")
        expect(page.locator(".k-lk [role=option]:not(.new)").first).to_contain_text("Zephyr")
        # Nothing is chosen in the open list yet: the form is not sent.
        field.press("Enter")
        expect(field).to_have_attribute("aria-expanded", "false")
        # Nor while the list is on its way, from the first letter on.
        held: list[Route] = []
        page.route("**/options/account?**", lambda route: held.append(route))
        with page.expect_request("**/options/account?**"):
            field.fill(f"Zephyr {account}")
            field.press("Enter")
        field.press("Enter")
        expect(field).to_have_attribute("aria-expanded", "false")
        for route in held:
            route.continue_()
        expect(page.locator(".k-lk [role=option]:not(.new)")).to_have_count(1)
        expect(field).to_have_attribute("aria-expanded", "true")
        field.press("ArrowDown")
        field.press("Enter")
        expect(page.locator("input[name=account]")).to_have_value(account)

    def test_a_day_is_typed_in_words_or_picked(self, site: Site, refused: Page, administrator: str) -> None:
        page = refused
        signed_in(page, site, administrator).goto("/e/sales.deal/new")
        typed, sent = page.get_by_label("Close date", exact=True), page.locator("input[name=close_date]")
        meaning = page.locator("[data-field=close_date] [data-date-words]")
        typed.fill("1 dec 2031")
        expect(meaning).to_have_text("Mon, 1 Dec 2031")
        typed.press("Tab")
        expect(typed).to_have_value("Mon, 1 Dec 2031")
        assert sent.input_value() == "2031-12-01"
        sent.fill("2032-02-29")  # as the browser's picker does
        expect(typed).to_have_value("Sun, 29 Feb 2032")
        typed.fill("some day")
        page.keyboard.press("Control+s")
        expect(page.locator("#f-close_date-e")).to_contain_text('"some day" is not a date')
        expect(page.get_by_label("Close date", exact=True)).to_have_value("some day")

    def test_child_rows_are_added_and_removed(self, site: Site, page: Page, administrator: str, deal: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}/edit")
        page.get_by_role("tab", name="Products").click()
        add = page.get_by_role("button", name="Add line")
        add.click()
        add.click()
        expect(page.locator("tr[data-row]")).to_have_count(2)
        page.get_by_role("button", name="Remove line 2").click()
        page.locator("[name='lines-0-name']").fill("Boxes")
        page.locator("[name='lines-0-unit_price__amount']").fill("12")
        page.get_by_role("button", name="Save deal").click()
        page.wait_for_url(f"**/e/sales.deal/{deal}")
        expect(page.locator("#related")).to_contain_text("Boxes")

    @looks
    def test_a_box_is_ticked_by_the_mouse(self, site: Site, page: Page, administrator: str) -> None:
        signed_in(page, site, administrator).goto("/e/sales.account/new")
        page.get_by_role("tab", name="Terms").click()
        box = page.locator("#f-on_hold")
        box.click()
        expect(box).to_be_checked()

    @looks
    def test_rows_that_two_people_met_in_are_settled_in_their_place(
        self, site: Site, refused: Page, administrator: str, deal: str
    ) -> None:
        page, price = refused, {"amount": "5", "currency": "EUR"}
        kept, gone = (
            site.create("sales.deal_line", deal=deal, name=name, unit_price=price, position=place)
            for place, name in enumerate(("Kept", "Gone"), 1)
        )
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}/edit#t-lines")
        page.get_by_role("button", name="Remove line 1").click()
        page.locator("[name='lines-1-name']").fill("Mine")
        change(site, "sales.deal_line", kept, name="Theirs")
        with site.workspace.write(SYSTEM, "api") as ctx:
            records.delete(ctx, "sales.deal_line", gone)
        page.get_by_role("button", name="Save deal").click()
        expect(page.locator("[data-error-summary]")).to_be_focused()
        expect(page.locator(".k-conf")).to_have_count(2)
        assert findings(page) == []
        page.get_by_role("button", name="Keep the line").click()
        expect(page.locator(".k-conf")).to_have_count(1)
        expect(page.locator("[name='lines-0-name']")).to_have_value("Theirs")
        page.get_by_role("button", name="Bring it back").click()
        expect(page.locator(".k-conf")).to_have_count(0)
        expect(page.locator("[name='lines-1-position']")).to_be_focused()
        page.keyboard.press("Control+s")
        page.wait_for_url(f"**/e/sales.deal/{deal}")
        assert [values_of(site, "sales.deal_line", line)["name"] for line in (kept, gone)] == ["Theirs", "Mine"]

    def test_two_people_meet_in_one_field(
        self, site: Site, refused: Page, chromium: Browser, administrator: str, deal: str
    ) -> None:
        page = refused
        context = chromium.new_context(base_url=site.address)
        other = signed_in(context.new_page(), site, administrator)
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}/edit")
        other.goto(f"/e/sales.deal/{deal}/edit")
        other.locator("#f-next_step").fill("Theirs")
        other.get_by_role("button", name="Save deal").click()
        other.wait_for_url(f"**/e/sales.deal/{deal}")
        context.close()
        page.locator("#f-next_step").fill("Mine")
        page.get_by_role("button", name="Save deal").click()
        card = page.locator(".k-conf")
        expect(card).to_contain_text("changed Next step while you were typing")
        page.wait_for_load_state()
        card.get_by_role("button", name="Take Olga").click()
        expect(page.locator("#f-next_step")).to_have_value("Theirs")
        expect(card).to_have_count(0)

    def test_a_row_that_two_people_changed_is_shown(
        self, site: Site, refused: Page, administrator: str, deal: str
    ) -> None:
        page = refused
        price = {"amount": "5", "currency": "EUR"}
        line = site.create("sales.deal_line", deal=deal, name="Boxes", unit_price=price, quantity="1")
        signed_in(page, site, administrator).goto(f"/e/sales.deal/{deal}/edit")
        page.get_by_role("tab", name="Products").click()
        page.locator("[name='lines-0-name']").fill("Mine")
        change(site, "sales.deal_line", line, name="Theirs")
        page.get_by_role("button", name="Save deal").click()
        card = page.locator(".k-conf")
        expect(card).to_be_visible()  # in a tab that is not the first
        page.wait_for_load_state()
        card.get_by_role("button", name="Keep mine").click()
        expect(card).to_have_count(0)
        expect(page.locator("[name='lines-0-name']")).to_have_value("Mine")

    def test_it_works_without_script(self, site: Site, chromium: Browser, administrator: str, account: str) -> None:
        context = chromium.new_context(base_url=site.address, java_script_enabled=False)
        plain = signed_in(context.new_page(), site, administrator)
        plain.goto(f"/e/sales.deal/new?account={account}")
        plain.locator("#f-name").fill(f"Plain {account}")
        plain.get_by_role("button", name="Add line").click()
        plain.locator("[name='lines-0-name']").fill("Boxes")
        plain.locator("[name='lines-0-unit_price__amount']").fill("12")
        plain.get_by_role("button", name="Save deal").click()
        expect(plain.get_by_role("heading", level=1)).to_have_text(f"Plain {account}")
        context.close()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 390])
    @looks
    def test_forms_have_no_accessibility_findings(
        self, site: Site, chromium: Browser, administrator: str, deal: str, theme: Any, width: int
    ) -> None:
        context = chromium.new_context(
            base_url=site.address, color_scheme=theme, viewport={"width": width, "height": 900}
        )
        page = signed_in(context.new_page(), site, administrator)
        for address in (f"/e/sales.deal/{deal}/edit", "/e/sales.contact/new", "/e/base.task/new"):
            page.goto(address)
            assert findings(page, impacts=("serious", "critical")) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
