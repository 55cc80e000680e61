"""Sign-in, settings and administration in Chromium: nothing reported, nobody shut out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from support.axe import findings
from support.site import Site, looks, signed_in

PAGES = [
    "/me",
    "/admin",
    "/admin/people",
    "/admin/people/new",
    "/admin/people/{person}",
    "/admin/people/{person}/disable",
    "/admin/roles",
    "/admin/roles/sales.rep",
    "/admin/access?person={person}&entity=sales.deal",
    "/admin/tokens",
    "/admin/sessions",
    "/admin/settings",
    "/admin/publishes",
    "/admin/audit",
]


def look(page: Page, address: str, pictures: Path) -> list[str]:
    """Open a page in both themes; return what axe finds and whether it scrolls sideways."""
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.goto(address)
        name = address.strip("/").partition("?")[0].replace("/", "-")
        width = page.evaluate("innerWidth")
        page.screenshot(path=pictures / f"{name}-{theme}-{width}.png")
        found += [f"{address} {theme}: {line}" for line in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{address} {theme}: scrolls sideways at {width}")
    return found


@looks
@pytest.mark.parametrize("size", ["page", "phone"])
def test_pages_are_calm_and_open_to_everybody(
    site: Site, administrator: str, sarah: str, request: pytest.FixtureRequest, size: str, tmp_path: Path
) -> None:
    page: Page = request.getfixturevalue(size)
    problems = look(page, "/sign-in?next=/me", tmp_path)
    signed_in(page, site, administrator)
    for address in PAGES:
        problems += look(page, address.format(person=sarah), tmp_path)
    assert not problems, "\n".join(problems)
