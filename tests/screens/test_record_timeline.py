"""The composer and the timeline of a record: plain words become activities, filters count, older entries load."""

from __future__ import annotations

import html as html_text
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import event

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.axe import findings
from support.site import Site, Visitor, looks, open_page, signed_in

PART = {"HX-Request": "true"}


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def account(site: Site) -> str:
    return site.create("sales.account", name="Timeline Works", kind="prospect")


@pytest.fixture
def contact(site: Site, account: str) -> str:
    return site.create("sales.contact", name="Tim Line", account=account)


def about(entity: str, record: str) -> dict[str, str]:
    return {"entity": entity, "id": record}


def tasks(site: Site, record: str, entity: str = "base.task") -> list[dict[str, Any]]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        page = select(ctx, Query(entity, related=("regarding", record), fields=()))
        return list(page.dicts())


def text_of(visitor: Visitor, address: str, **more: Any) -> str:
    return html_text.unescape(visitor.get(address, **more).get_data(as_text=True))


class TestComposer:
    def test_plain_words_become_a_task(self, site: Site, olga: Visitor, contact: str) -> None:
        words = "Follow up tomorrow 9:00, remind me 1 day before\nBring the price list"
        answer = olga.post(f"/e/sales.contact/{contact}/add/base.task", {"text": words, "_token": "abc"}, headers=PART)
        assert answer.status_code == 200
        (task,) = tasks(site, contact)
        assert task["subject"] == "Follow up"
        assert task["body"] == "Bring the price list"
        assert task["due_time"].isoformat() == "09:00:00"
        assert task["status"] == "open"
        assert task["reminder_at"].astimezone(UTC).date() < task["due_date"]

    def test_sent_twice_it_is_one(self, site: Site, olga: Visitor, contact: str) -> None:
        for _ in range(2):
            answer = olga.post(f"/e/sales.contact/{contact}/add/base.task", {"text": "Once", "_token": "same"})
            assert answer.status_code == 303
        assert len(tasks(site, contact)) == 1

    def test_what_was_chosen_by_hand_stands_before_the_words(self, site: Site, olga: Visitor, contact: str) -> None:
        sent = {"text": "Ring tomorrow", "set_day": "2031-05-06", "set_priority": "high", "_token": "h1"}
        olga.post(f"/e/sales.contact/{contact}/add/base.task", sent)
        (task,) = tasks(site, contact)
        assert (task["due_date"].isoformat(), task["priority"]) == ("2031-05-06", "high")

    def test_words_that_are_not_meant_stay_in_the_title(self, site: Site, olga: Visitor, contact: str) -> None:
        address = f"/e/sales.contact/{contact}/understand/base.task?text=Friday+report&not=day"
        assert olga.get(address).get_json()["chips"] == []
        olga.post(f"/e/sales.contact/{contact}/add/base.task", {"text": "Friday report", "_not": "day", "_token": "n"})
        (task,) = tasks(site, contact)
        assert (task["subject"], task["due_date"]) == ("Friday report", None)

    def test_a_note_a_call_and_a_meeting(self, site: Site, olga: Visitor, contact: str) -> None:
        at = f"/e/sales.contact/{contact}/add"
        olga.post(f"{at}/base.note", {"text": "They decide in May.\nThe board meets twice.", "_token": "1"})
        olga.post(f"{at}/base.call", {"text": "Spoke about prices", "set_outcome": "voicemail", "_token": "2"})
        olga.post(f"{at}/base.meeting", {"text": "Demo tomorrow 14:00 for 1 hour", "_token": "3"})
        (note,) = tasks(site, contact, "base.note")
        (call,) = tasks(site, contact, "base.call")
        (meeting,) = tasks(site, contact, "base.meeting")
        assert (note["subject"], "twice" in note["body"]) == ("They decide in May.", True)
        assert (call["subject"], call["outcome"]) == ("Spoke about prices", "voicemail")
        assert meeting["status"] == "planned"
        assert meeting["ends_at"] - meeting["starts_at"] == timedelta(hours=1)

    def test_files_come_along(self, site: Site, olga: Visitor, contact: str) -> None:
        sent = {"text": "", "_token": "f", "files": (io.BytesIO(b"one,two\n"), "depots.csv")}
        answer = olga.post(f"/e/sales.contact/{contact}/add/base.note", sent, content_type="multipart/form-data")
        assert answer.status_code == 303
        (file,) = tasks(site, contact, "base.attachment")
        assert file["name"] == "depots.csv"
        assert f"/files/{file['file'].key}" in text_of(olga, f"/e/sales.contact/{contact}")

    def test_a_mention_reaches_the_bell_of_who_is_meant(
        self, site: Site, olga: Visitor, sarah: str, contact: str
    ) -> None:
        words = "@Sarah Lindqvist can you share the report? olga@sarah.example and @nobody are not meant"
        olga.post(f"/e/sales.contact/{contact}/add/base.note", {"text": words, "_token": "m"})
        told = text_of(site.visitor(sarah), "/notices")
        assert re.search(r"Tim Line.*mentioned you|mentioned you.*Tim Line", told, re.S)
        assert "mentioned you" not in text_of(olga, "/notices")

    def test_the_author_is_told_whom_a_mention_does_not_reach(self, site: Site, olga: Visitor, contact: str) -> None:
        watcher, gone = site.with_roles("Vera Vantage", "service.observer"), site.with_roles("Gus Gone", "sales.rep")
        site.with_roles("Rea Reader", "sales.rep")
        site.with_roles("Ada Admin", "base.administrator")
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.update(ctx, "base.user", gone, {"active": False})
        said = "Vera Vantage may not see this contact and gets no notice. Gus Gone has left and gets no notice."
        said += " Rea Reader gets a notice of this contact, but may not see your note."
        at, text = (
            f"/e/sales.contact/{contact}",
            "@Vera Vantage @Gus Gone @Rea Reader @Ada Admin @Olga Admin and @Nobody Known",
        )
        assert olga.get(f"{at}/unheard/base.note", query_string={"text": text}).get_json() == {"words": said}
        assert olga.get(f"{at}/unheard/base.note", query_string={"text": "@Ada Admin"}).get_json() == {"words": ""}
        before = text_of(site.visitor(watcher), "/")
        added = olga.post(f"{at}/add/base.note", {"text": text, "_token": "u"}, headers=PART).get_data(as_text=True)
        assert f'<p class="k-unheard" role="status">Note added. {said}</p>' in added
        assert re.findall(r"\S+ unread", text_of(site.visitor(watcher), "/")) == re.findall(r"\S+ unread", before)
        # Who may not see the record learns nothing about others by it.
        assert site.visitor(watcher).get(f"{at}/unheard/base.note", query_string={"text": text}).status_code == 404

    def test_nothing_written_and_wrong_times_are_said(self, olga: Visitor, contact: str) -> None:
        at = f"/e/sales.contact/{contact}/add/base.task"
        assert "Nothing is written yet" in html_text.unescape(
            olga.post(at, {"text": " ", "_token": "e"}, headers=PART).get_data(as_text=True)
        )
        part = olga.post(at, {"text": "X", "set_day": "someday", "_token": "e2"}, headers=PART).get_data(as_text=True)
        assert "is not a date" in html_text.unescape(part)

    def test_without_the_right_there_is_no_composer(self, site: Site, account: str) -> None:
        watcher = site.visitor(site.with_roles("Wanda Watch", "service.observer"))
        answer = watcher.post(f"/e/sales.account/{account}/add/base.task", {"text": "No"})
        assert answer.status_code in (403, 404)
        assert tasks(site, account) == []

    def test_hostile_words_stay_text(self, olga: Visitor, contact: str) -> None:
        hostile = "<script>alert(1)</script> {{ 7*7 }} tomorrow"
        olga.post(f"/e/sales.contact/{contact}/add/base.task", {"text": hostile, "_token": "x"})
        page = olga.html(f"/e/sales.contact/{contact}")
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page


class TestTimeline:
    def test_what_is_to_come_stands_first_and_is_done_in_place(self, site: Site, olga: Visitor, contact: str) -> None:
        task = site.create(
            "base.task", subject="Send the offer", due_date="2020-01-01", regarding=about("sales.contact", contact)
        )
        page = text_of(olga, f"/e/sales.contact/{contact}")
        assert re.search(r"<h3>Upcoming</h3>.*Send the offer.*d late", page, re.S)
        answer = olga.post(f"/e/sales.contact/{contact}/done/base.task/{task}", {"to": "done"}, headers=PART)
        assert "<h3>Upcoming</h3>" not in answer.get_data(as_text=True)
        assert tasks(site, contact)[0]["status"] == "done"

    def test_filters_count_and_empty_kinds_are_absent(self, site: Site, olga: Visitor, contact: str) -> None:
        for number in range(3):
            site.create("base.note", subject=f"Note {number}", regarding=about("sales.contact", contact))
        page = text_of(olga, f"/e/sales.contact/{contact}")
        assert re.search(r'Notes <span class="k-n">3</span>', page)
        assert "Meetings <span" not in page
        part = text_of(olga, f"/e/sales.contact/{contact}/timeline?show=changes", headers=PART)
        assert "Note 1" not in part
        assert "<html" not in part

    def test_older_entries_go_on_without_gaps(self, site: Site, olga: Visitor, contact: str) -> None:
        with site.workspace.write(SYSTEM, "import") as ctx:
            for number in range(70):
                moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number // 3)
                values = {"subject": f"Call {number:03}", "direction": "incoming", "started_at": moment.isoformat()}
                records.create(ctx, "base.call", {**values, "regarding": about("sales.contact", contact)})
        seen: list[str] = []
        address = f"/e/sales.contact/{contact}/timeline"
        while address:
            part = text_of(olga, address, headers=PART)
            seen += re.findall(r"Call \d{3}", re.sub(r'aria-label="[^"]*"', "", part))
            more = re.search(r'hx-get="([^"]+after=[^"]+)"', part)
            address = more[1] if more else ""
        assert len(seen) == len(set(seen)) == 70

    def test_a_person_is_seen_through_the_account_too(
        self, site: Site, olga: Visitor, account: str, contact: str
    ) -> None:
        colleague = site.create("sales.contact", name="Colleague Carla", account=account)
        deal = site.create("sales.deal", name="Their deal", account=account, contact=contact)
        site.create("base.note", subject="About the account", regarding=about("sales.account", account))
        site.create("base.note", subject="About the colleague", regarding=about("sales.contact", colleague))
        site.create("base.note", subject="About the deal", regarding=about("sales.deal", deal))
        page = text_of(olga, f"/e/sales.contact/{contact}")
        for words, name in (("account", "Timeline Works"), ("colleague", "Colleague Carla"), ("deal", "Their deal")):
            assert re.search(rf"About the {words}.*?through <a[^>]*><bdi>{name}", page, re.S)
        alone = text_of(olga, f"/e/sales.contact/{contact}/timeline?alone=1", headers=PART)
        assert "About the" not in alone

    def test_only_what_may_be_read_is_told(self, site: Site, account: str) -> None:
        agent = site.visitor(site.with_roles("Agent Alone", "service.agent"))
        theirs = site.create("base.task", subject="Not for agents", regarding=about("sales.account", account))
        assert agent.get(f"/e/base.task/{theirs}").status_code == 404
        page = agent.get(f"/e/sales.account/{account}/timeline", headers=PART)
        assert page.status_code == 200
        assert "Not for agents" not in page.get_data(as_text=True)

    def test_people_with_the_same_roles_are_told_each_their_own(self, site: Site, account: str) -> None:
        people = {name: site.with_roles(name, "service.agent") for name in ("Agent Ada", "Agent Bo")}
        for name, person in people.items():
            site.create("base.task", subject=f"For {name}", owner=person, regarding=about("sales.account", account))
        for name, other in (("Agent Ada", "Agent Bo"), ("Agent Bo", "Agent Ada")):
            told = text_of(site.visitor(people[name]), f"/e/sales.account/{account}/timeline", headers=PART)
            assert f"For {name}" in told
            assert f"For {other}" not in told

    def test_kinds_are_picked_beside_one_another(self, site: Site, olga: Visitor, contact: str) -> None:
        for name in ("task", "call", "note"):
            site.create(f"base.{name}", subject=f"A {name} of three", regarding=about("sales.contact", contact))
        page = text_of(olga, f"/e/sales.contact/{contact}/timeline?show=base.call,base.note", headers=PART)
        assert "A call of three" in page
        assert "A note of three" in page
        assert "A task of three" not in page
        assert page.count('aria-current="true"') == 2
        assert 'show=base.note"' in page, "one click takes the calls away again"

    @pytest.mark.parametrize("after", ["nonsense", "20261124093000000000.x.y", "9" * 20 + ".a.1", "2026..", "'.'.'"])
    def test_a_place_that_does_not_exist_is_no_fault_of_the_server(
        self, olga: Visitor, contact: str, after: str
    ) -> None:
        assert olga.get(f"/e/sales.contact/{contact}/timeline?after={after}", headers=PART).status_code < 500
        assert olga.get(f"/e/sales.contact/{contact}?after={after}").status_code < 500

    def test_questions_do_not_grow_with_the_entries(self, site: Site, olga: Visitor, contact: str) -> None:
        def asked() -> int:
            statements: list[str] = []

            def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
                statements.append(statement)

            with site.workspace.read(SYSTEM, "system") as ctx:
                engine = ctx.connection.engine
            event.listen(engine, "before_cursor_execute", note)
            olga.get(f"/e/sales.contact/{contact}/timeline", headers=PART)
            event.remove(engine, "before_cursor_execute", note)
            return len(statements)

        for kind in ("base.note", "base.task"):
            site.create(kind, subject="First", regarding=about("sales.contact", contact))
        asked()
        few = asked()
        for number in range(15):
            site.create("base.note", subject=f"More {number}", regarding=about("sales.contact", contact))
            site.create("base.task", subject=f"More {number}", regarding=about("sales.contact", contact))
        assert asked() <= few


class TestInTheBrowser:
    @looks
    def test_colleagues_of_one_name_are_told_apart_and_named_to_assistive_technology(
        self, site: Site, page: Page, administrator: str, account: str
    ) -> None:
        for job in ("Buyer", "Seller"):
            site.create("base.user", name="Zed Twin", email=f"{job}.{account}@test.example", job_title=job)
        signed_in(page, site, administrator).goto(f"/e/sales.account/{account}?add=base.note")
        box = page.locator("form#composer textarea")
        expect(box).to_be_focused()
        box.fill("Hello @zed twi")
        options = page.get_by_role("listbox", name="Colleagues").get_by_role("option")
        expect(options.filter(has_text="Buyer").first).to_be_visible()
        expect(options.filter(has_text="Seller").first).to_be_visible()
        expect(box).to_have_attribute("aria-activedescendant", "k-person-0")
        box.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "k-person-1")
        box.press("Enter")
        expect(box).to_have_value("Hello @Zed Twin ")
        expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
        unheard = "Zed Twin may not see this account and gets no notice."
        expect(page.locator("[data-unheard]")).to_have_text(unheard)
        box.press("Control+Enter")
        expect(page.locator("#composer.k-comp-closed .k-unheard")).to_have_text(f"Note added. {unheard}")

    def test_a_task_by_keys_alone(self, site: Site, page: Page, administrator: str, contact: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}")
        page.keyboard.press("n")
        box = page.locator("#composer textarea")
        expect(box).to_be_focused()
        page.locator("#composer").get_by_role("link", name="Task").click()
        expect(page.locator("form[data-understand$='base.task']")).to_be_visible()
        box.fill("Follow up tomorrow 9:00, remind me 1 day before")
        expect(page.locator("#composer .k-pick")).to_have_count(2)
        expect(page.locator("#composer mark")).to_have_count(3)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#timeline-body")).to_contain_text("Follow up")
        expect(page.locator("#timeline-body h3").first).to_have_text("Upcoming")
        expect(page.locator("#composer.k-comp-closed")).to_be_visible()

    def test_files_are_dropped_on_the_timeline_and_pasted(
        self, site: Site, page: Page, administrator: str, contact: str
    ) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}")
        give = """([where, name, event]) => {
            const files = new DataTransfer();
            files.items.add(new File(["a,b"], name, {type: "text/csv"}));
            const more = event === "paste" ? {clipboardData: files} : {dataTransfer: files};
            const kind = event === "paste" ? ClipboardEvent : DragEvent;
            const given = new kind(event, {bubbles: true, cancelable: true, ...more});
            document.querySelector(where).dispatchEvent(given);
            return given.defaultPrevented;
        }"""
        assert page.evaluate(give, ["#timeline-body", "dropped.csv", "drop"])
        expect(page.locator("#composer [data-files-label]")).to_have_text("dropped.csv")
        assert page.evaluate(give, ["#composer textarea", "pasted.csv", "paste"])
        expect(page.locator("#composer [data-files-label]")).to_have_text("2 files")
        page.locator("#composer").get_by_role("button", name="Add note").click()
        expect(page.locator("#timeline-body")).to_contain_text("pasted.csv")
        assert {row["name"] for row in tasks(site, contact, "base.attachment")} == {"dropped.csv", "pasted.csv"}

    def test_a_chip_is_taken_back(self, site: Site, page: Page, administrator: str, contact: str) -> None:
        signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}?add=base.task#composer")
        page.locator("#composer textarea").fill("Prepare the report tomorrow")
        page.locator("#composer .k-pick-x").click()
        expect(page.locator("#composer .k-pick")).to_have_count(0)
        page.get_by_role("button", name="Add task").click()
        expect(page.locator("#timeline-body")).to_contain_text("Prepare the report tomorrow")

    def test_filters_and_done_in_place(self, site: Site, page: Page, administrator: str, contact: str) -> None:
        site.create("base.task", subject="To be done", regarding=about("sales.contact", contact), due_date="2030-01-01")
        site.create("base.note", subject="A note beside", regarding=about("sales.contact", contact))
        signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}")
        page.get_by_label("Done: To be done").click()
        expect(page.get_by_label("Done: To be done")).to_have_count(0)
        page.get_by_label("Show in timeline").get_by_role("link", name="Notes").click()
        expect(page.locator("#timeline-body")).not_to_contain_text("To be done")
        expect(page.locator("#timeline-body")).to_contain_text("A note beside")

    def test_a_filter_chosen_while_the_timeline_is_renewed_is_no_fault(
        self, site: Site, page: Page, administrator: str, contact: str
    ) -> None:
        site.create("base.mail", subject="Chosen mail", regarding=about("sales.contact", contact))
        site.create("base.call", subject="Other call", regarding=about("sales.contact", contact))
        signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}")
        page.route("**/timeline?show=", lambda _never_answered: None)
        with page.expect_request("**/timeline?show="):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('kith-changed'))")
        page.locator("[aria-label='Show in timeline'] a", has_text="Mails").click()
        expect(page.locator("#timeline-body")).not_to_contain_text("Other call")
        expect(page.locator("#timeline-body")).to_contain_text("Chosen mail")

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 390])
    @looks
    def test_the_composer_is_accessible(
        self, site: Site, chromium: Browser, administrator: str, contact: str, theme: Any, width: int
    ) -> None:
        viewport: Any = {"width": width, "height": 900}
        for page in open_page(chromium.new_context(base_url=site.address, color_scheme=theme, viewport=viewport)):
            signed_in(page, site, administrator).goto(f"/e/sales.contact/{contact}?add=base.task#composer")
            page.locator("#composer textarea").fill("Follow up tomorrow 9:00, remind me 1 day before")
            expect(page.locator("#composer .k-pick")).to_have_count(2)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
