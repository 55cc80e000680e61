"""A small site of hand-written pages that use each component as `runtime/web/README.md` says, under the real policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from support.component_site import ComponentSite
from support.serving import served


@pytest.fixture
def site() -> Iterator[ComponentSite]:
    """A running site that remembers what it was sent."""
    site = ComponentSite()
    with served(site.app) as site.address:
        yield site


@pytest.fixture
def page(chromium: Browser, site: ComponentSite) -> Iterator[Page]:
    """A desktop page whose scripts and policy reported nothing when the test ends."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message.text) else None)
    yield page
    context.close()
    assert not problems


def is_problem(text: str) -> bool:
    """Tell whether a console line is more than the note that a form was refused on purpose."""
    return "422" not in text
