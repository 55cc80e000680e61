"""A value that should be in one record only: a form names the other record, and can be saved all the same."""

from __future__ import annotations

from html import unescape

import pytest
from playwright.sync_api import Browser, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.site import Site, looks, signed_in

pytestmark = pytest.mark.screen


def held(site: Site, entity: str, email: str) -> int:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return len(select(ctx, Query(entity, ("id",), where=f'email == "{email}"')).ids)


def test_the_other_record_is_named_and_opened_or_the_form_is_saved_anyway(site: Site, sarah: str) -> None:
    visitor, email = site.visitor(sarah), "john.meyer@alike.example"
    first = site.create("sales.contact", name="John Meyer", email=email)
    sent = {"name": "Johnny Meyer", "email": "John.Meyer@alike.example"}
    answer = visitor.post("/e/sales.contact/new", sent)
    html = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "A contact with this e-mail exists: John Meyer. Open it, or save anyway." in html
    assert "One thing to look at" in html
    assert f'href="/e/sales.contact/{first}" target="_blank"' in html
    assert held(site, "sales.contact", email) == 1
    answer = visitor.post("/e/sales.contact/new", {**sent, "_anyway": "1"})
    assert answer.status_code == 303
    assert held(site, "sales.contact", email) == 2


def test_who_may_not_see_the_other_record_does_not_learn_of_it(site: Site, sarah: str) -> None:
    email = "unseen@alike.example"
    site.create("sales.lead", name="Unseen lead", email=email, owner=site.with_roles("Alike Elsewhere", "sales.rep"))
    sent = {"name": "My lead", "status": "new", "email": email}
    answer = site.visitor(sarah).post("/e/sales.lead/new", sent)
    assert "Unseen lead" not in answer.get_data(as_text=True)
    assert answer.status_code == 303


@looks
def test_in_the_short_form(site: Site, chromium: Browser, sarah: str) -> None:
    site.create("sales.contact", name="Quick Meyer", email="quick@alike.example")
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = signed_in(context.new_page(), site, sarah)
    page.goto("/")
    page.keyboard.press("c")
    page.keyboard.press("c")
    dialog = page.locator("dialog.k-newdlg")
    expect(dialog.locator("#q-name")).to_be_focused()
    dialog.locator("#q-name").fill("Another Meyer")
    dialog.locator("#q-email").fill("quick@alike.example")
    page.keyboard.press("Control+s")
    expect(dialog.locator("[data-error-summary]")).to_contain_text("this e-mail exists: Quick Meyer.")
    expect(dialog.locator("#q-email-e")).to_contain_text("Open it, or save anyway.")
    dialog.get_by_role("button", name="Save anyway").click()
    expect(page.locator("[data-toast]")).to_contain_text("Contact Another Meyer saved.")
    context.close()
