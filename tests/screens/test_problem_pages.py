"""What went wrong is told in words with a way back: as a page, and in place for a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kith_platform.errors import Conflict, KithError, RateLimited
from kith_runtime.web.app import create_app
from support.axe import findings
from support.forms import form_values
from support.site import Site, signed_in


@pytest.fixture
def failing(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page on which requests are refused on purpose; the browser notes those answers and nothing else."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    yield page
    context.close()
    refused = r"status of (403|404|409|500)|Response Status Error|ERR_FAILED|ERR_INTERNET_|^htmx:|^undefined$"
    assert [text for text in problems if not re.search(refused, text)] == []


@pytest.mark.parametrize(
    ("address", "status", "back"),
    [
        ("/e/sales.deal/00000000000000000000", 404, "Back to deals"),
        ("/e/sales.deal/new?", 200, ""),
        ("/e/no.such/new", 404, "Back to the start"),
        ("/admin/audit", 403, "Back to the start"),
        ("/nowhere", 404, "Back to the start"),
    ],
)
def test_a_problem_is_told_with_a_way_back(site: Site, sarah: str, address: str, status: int, back: str) -> None:
    visitor = site.visitor(sarah)
    answer = visitor.get(address)
    html = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert not back or back in html
    assert "Traceback" not in html
    for link in re.findall(r'class="btn btn-primary" href="([^"]+)"', html):
        assert visitor.get(link).status_code == 200


def test_the_way_back_leads_to_no_list_that_is_not_for_these_eyes(site: Site) -> None:
    nobody = site.visitor(site.with_roles("Nils Nobody", "service.observer"))
    html = nobody.get("/e/sales.deal/00000000000000000000").get_data(as_text=True)
    assert "Back to the start" in html
    assert "deals" not in html.lower()


def test_a_refused_part_is_told_in_a_toast_and_the_page_stays(
    failing: Page, site: Site, sarah: str, administrator: str
) -> None:
    visitor = site.visitor(administrator)
    values = dict(form_values(visitor.html("/e/sales.account/new")))
    visitor.post("/e/sales.account/new", {**values, "name": "For Sarah", "owner": sarah, "owner__text": "Sarah"})
    page = signed_in(failing, site, sarah)
    page.goto("/e/sales.account")
    page.locator(".k-bell").click()
    refusal = site.visitor(sarah).get("/admin/audit").get_data(as_text=True)
    page.route("**/notices/read", lambda route: route.fulfill(status=403, body=refusal, content_type="text/html"))
    page.get_by_role("button", name="Mark all read").click()
    expect(page.locator("[data-toast]")).to_contain_text("administrator")
    assert page.url.endswith("/e/sales.account")
    assert findings(page) == []


PART = {"HX-Request": "true"}


@pytest.mark.parametrize(("address", "status"), [("/admin/audit", 403), ("/nowhere", 404), ("/e/no.such/figures", 404)])
def test_a_part_is_refused_with_a_card_and_not_with_a_page(site: Site, sarah: str, address: str, status: int) -> None:
    answer = site.visitor(sarah).get(address, headers=PART)
    html = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert html.lstrip().startswith('<div class="k-trouble" role="alert" data-problem>')
    assert "Your data is unchanged." in html


def test_too_much_at_once_is_told_as_page_and_as_part(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    for headers in ({}, PART):
        answer = visitor.client.post(
            "/e/sales.account/new",
            data={"name": "x"},
            headers=headers,
            environ_overrides={"CONTENT_LENGTH": "70000000"},
        )
        html = answer.get_data(as_text=True)
        assert answer.status_code == 413
        assert "What was sent is larger than this server takes." in html
        assert "Nothing was changed." in html
        assert ("<html" in html) is not bool(headers)


def test_a_fault_of_ours_has_a_reference_and_no_traceback(site: Site, sarah: str) -> None:
    app = create_app(site.workspace)

    def broken() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/broken", "broken", broken)
    client = app.test_client()
    client.set_cookie("kith_session", site.cookie(sarah))
    for headers in ({}, PART):
        answer = client.get("/broken", headers=headers)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 500
        assert "What you had saved before is safe" in html
        assert re.search(r"Reference [0-9a-z]{20}", html)
        assert "secret detail" not in html


@pytest.mark.parametrize(
    ("error", "title", "later"),
    [
        (Conflict("moved", "The deal changed while you looked at it.", "Open it again."), "Somebody was faster", None),
        (RateLimited("too_often", "This was asked too often.", retry_after=42), "Too many tries", "42"),
    ],
)
def test_being_late_and_being_too_quick_are_told_with_a_way_back(
    site: Site, sarah: str, error: KithError, title: str, later: str | None
) -> None:
    app = create_app(site.workspace)

    def refused() -> str:
        raise error

    app.add_url_rule("/refused", "refused", refused)
    client = app.test_client()
    client.set_cookie("kith_session", site.cookie(sarah))
    for headers in ({}, PART):
        answer = client.get("/refused", headers=headers)
        html = answer.get_data(as_text=True)
        assert answer.status_code == error.status
        assert answer.headers.get("Retry-After") == later
        assert error.message in html
        assert "Your data is unchanged." in html
        assert headers or (title in html and "Back to the start" in html)


def test_a_look_up_that_fails_says_so_and_can_be_tried_again(failing: Page, site: Site, sarah: str) -> None:
    page = signed_in(failing, site, sarah)
    page.goto("/e/sales.deal/new")
    field = page.get_by_role("combobox", name="Account")
    page.route("**/options**", lambda route: route.fulfill(status=500, body="{}", content_type="application/json"))
    field.fill("Bright")
    listed = page.get_by_role("listbox", name="Account")
    expect(listed).to_contain_text("The server could not look this up. What you typed stays")
    expect(field).to_have_value("Bright")
    assert findings(page) == []
    page.unroute("**/options**")
    field.press("ArrowDown")
    field.press("Enter")
    expect(listed.get_by_role("option", name="Brightwater Logistics")).to_be_visible()
    field.press("Escape")
    page.context.set_offline(True)
    field.fill("Brightw")
    expect(listed).to_contain_text("You are offline. What you typed stays")
    page.keyboard.press("Escape")
    page.locator("[data-search]").fill("brightw")
    expect(page.locator(".k-search")).to_contain_text("You are offline. Press Enter to search on a page of its own.")
    page.context.set_offline(False)


def test_a_part_that_fails_says_so_in_its_place_and_can_be_tried_again(failing: Page, site: Site, sarah: str) -> None:
    page = signed_in(failing, site, sarah)
    page.goto("/e/sales.account")
    page.route("**/notices/panel", lambda route: route.abort())
    page.locator(".k-bell").click()
    panel = page.locator("#k-panel")
    expect(panel).to_contain_text("The server cannot be reached.")
    page.unroute("**/notices/panel")
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("heading", name="Inbox")).to_be_visible()
    page.keyboard.press("Escape")
    refusal = site.visitor(sarah).get("/admin/audit", headers=PART).get_data(as_text=True)
    page.route("**/columns*", lambda route: route.fulfill(status=500, body=refusal, content_type="text/html"))
    page.get_by_title("Columns", exact=True).click()
    card = page.locator("#columns-body .k-trouble")
    expect(card).to_contain_text("This part could not be shown.")
    expect(card).to_contain_text("Your data is unchanged.")
    assert findings(page) == []
    page.unroute("**/columns*")
    page.route("**/columns*", lambda route: route.abort())
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("The server cannot be reached.")
    page.unroute("**/columns*")
    card.get_by_role("button", name="Try again").click()
    expect(page.locator("#columns-body").get_by_role("checkbox").first).to_be_visible()
    assert page.url.endswith("/e/sales.account")


def test_what_is_fetched_shows_lines_only_when_it_takes_long_and_moves_nothing(
    page: Page, site: Site, sarah: str
) -> None:
    signed_in(page, site, sarah)
    page.clock.install()
    page.goto("/e/sales.account")
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    held: list[Route] = []
    page.route("**/columns*", lambda route: held.append(route))
    with page.expect_request("**/columns*"):
        page.get_by_title("Columns", exact=True).click()
    body = page.locator("#columns-body")
    before = body.evaluate("element => [element.offsetTop, element.offsetWidth, element.offsetHeight]")
    page.clock.run_for(300)
    expect(body).not_to_have_class(re.compile("is-waiting"))
    page.clock.run_for(200)
    expect(body).to_have_class(re.compile("is-waiting"))
    assert body.evaluate("element => [element.offsetTop, element.offsetWidth, element.offsetHeight]") == before
    page.clock.resume()
    held[0].continue_()
    expect(body.get_by_role("checkbox").first).to_be_visible()
    expect(body).not_to_have_class(re.compile("is-waiting"))


def test_choices_follow_the_field_that_decides(page: Page, site: Site, administrator: str) -> None:
    signed_in(page, site, administrator).goto("/e/sales.lead/new")

    def offered() -> list[str]:
        found: list[str] = page.locator("#f-country-l option").evaluate_all(
            "options => options.filter(option => !option.disabled).map(option => option.value)"
        )
        return found

    assert len(offered()) > 20
    page.select_option("[name=region]", "benelux")
    assert offered() == ["Netherlands", "Belgium", "Luxembourg"]
    page.fill("#f-country", "Belgium")
    page.select_option("[name=region]", "dach")
    assert offered() == ["Germany", "Austria", "Switzerland"]
    expect(page.locator("#f-country")).to_have_value("")
