"""Stored attacks: payloads in every text of the metadata and the data stay text on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support import hostile
from support.crawl import ASKED, walk, worth_seeing
from support.postgres import PostgresServer
from support.serving import served
from support.site import Site, prepare, signed_in

ENGINES = ("sqlite", "postgresql") if ASKED else ("sqlite",)
LEAST_STRUCK = 700
"""Texts of records that took a payload; far fewer would mean that the attack missed."""


@pytest.fixture(scope="module", params=ENGINES)
def struck(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running workspace whose apps, records, files, people and roles are attacks."""
    var = tmp_path_factory.mktemp(f"struck_{request.param}")
    url = f"sqlite:///{var / 'kith.db'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    site = prepare(url, var, hostile.write_hostile_apps(var / "apps"))
    attacked = site.with_roles("Olga Admin", "base.administrator")
    deal = _first(site, "sales.deal")
    assert hostile.strike(site) > LEAST_STRUCK
    hostile.leave_traces(site, attacked, "sales.deal", deal)
    with served(site.app) as site.address:
        yield site
    site.workspace.close()


def _first(site: Site, entity: str) -> str:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return str(select(ctx, Query(entity, ("id",), limit=1)).ids[0])


class Attacked:
    """A page of somebody who may see everything, and what payloads have done to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        page.add_init_script(hostile.WATCH)
        page.on("dialog", lambda dialog: (self.found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("popup", lambda opened: self.found.append(f"popup: {opened.url}"))

    def open(self, address: str) -> None:
        """Open a page and look it over."""
        self.page.goto(address)
        self.look(address)

    def look(self, where: str) -> None:
        """Look over the page as it is now."""
        self.found += [f"{where}: {wound}" for wound in hostile.wounds(self.page)]


@pytest.fixture
def attacked(struck: Site, chromium: Browser) -> Iterator[Attacked]:
    """The page of the administrator."""
    with chromium.new_context(base_url=struck.address, viewport={"width": 1440, "height": 900}) as context:
        yield Attacked(signed_in(context.new_page(), struck, struck.people["Olga Admin"]))


def test_every_screen_shows_payloads_as_text(struck: Site, attacked: Attacked) -> None:
    screens, problems = walk(struck.visitor(struck.people["Olga Admin"]))
    assert not problems
    chosen = screens if ASKED else worth_seeing(screens, set())
    for screen in chosen:
        attacked.open(screen.address)
    assert attacked.found == []
    views = struck.workspace.current.snapshot.names("view")
    assert all(any(f"view={view}" in screen.address for screen in screens) for view in views if "board" in view)


def test_the_watch_sees_what_a_payload_would_do(attacked: Attacked) -> None:
    attacked.open("/")
    for payload in (hostile.PAYLOADS[0], hostile.PAYLOADS[2], hostile.PAYLOADS[13]):
        attacked.page.evaluate(
            "markup => document.querySelector('main').insertAdjacentHTML('beforeend', markup)", payload
        )
    attacked.look("planted")
    assert [wound for wound in attacked.found if "policy: script-src" in wound]
    assert [wound for wound in attacked.found if "made: <svg" in wound]
    assert [wound for wound in attacked.found if "runs: <a" in wound]


def test_what_opens_over_a_page_shows_payloads_as_text(struck: Site, attacked: Attacked) -> None:
    page, deal = attacked.page, _first(struck, "sales.deal")
    attacked.open("/e/sales.deal")
    for key, layer in (("f", ".k-fpop select"), ("?", "dialog[open]"), ("Control+k", "dialog.k-pal [role=option]")):
        page.keyboard.press(key)
        expect(page.locator(layer).first).to_be_visible()
        attacked.look(key)
        page.keyboard.press("Escape")
    for term in ("data-struck", "<img src=x", "alert"):
        page.goto("/")
        page.keyboard.press("/")
        page.keyboard.type(term)
        expect(page.locator("#k-search-list [role=option]").first).to_be_visible()
        attacked.look(f"search {term}")
        page.keyboard.press("Control+k")
        page.keyboard.type(term)
        expect(page.locator("dialog.k-pal [role=option]").first).to_be_visible()
        attacked.look(f"palette {term}")
        page.keyboard.press("Escape")
    for part in ("print", "edit", "history/name", "delete"):
        attacked.open(f"/e/sales.deal/{deal}/{part}")
    for payload in hostile.PAYLOADS:
        attacked.open(f"/search?q={quote(payload)}")
    for asked in ("q", "where", "sort", "view", "f", "group", "saved", "after", "as", "month"):
        attacked.open(f"/e/sales.deal?{asked}={quote(hostile.PAYLOADS[3])}")
    assert attacked.found == []


def test_exports_and_answers_for_programs_are_never_pages(struck: Site) -> None:
    visitor, deal = struck.visitor(struck.people["Olga Admin"]), _first(struck, "sales.deal")
    for address in (
        "/e/sales.deal/export.csv",
        "/palette/entries",
        "/palette/search?q=struck",
        f"/e/sales.deal/{deal}/people?q=a",
        "/api/v1/sales.deal",
        "/api/v1/openapi.json",
    ):
        answer = visitor.get(address)
        assert answer.mimetype not in ("text/html", "image/svg+xml", "application/xml"), address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
