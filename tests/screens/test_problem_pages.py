"""What went wrong is told in words with a way back: as a page, and in place for a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

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
    assert [text for text in problems if not re.search(r"status of (403|404|409)|Response Status Error", text)] == []


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
    page.get_by_role("link", name=re.compile("^Notices")).click()
    refusal = site.visitor(sarah).get("/admin/audit").get_data(as_text=True)
    page.route("**/notices/read", lambda route: route.fulfill(status=403, body=refusal, content_type="text/html"))
    page.get_by_role("button", name="Mark all read").click()
    expect(page.locator("[data-toast]")).to_contain_text("administrator")
    assert page.url.endswith("/e/sales.account")
    assert findings(page) == []


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
