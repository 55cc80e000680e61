"""A small site of hand-written pages that use each component as `runtime/web/README.md` says, under the real policy."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from support.component_site import ComponentSite


@pytest.fixture
def site() -> Iterator[ComponentSite]:
    """A running site that remembers what it was sent."""
    site = ComponentSite()
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


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
