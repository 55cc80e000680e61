"""How heavy the screens are: what a first visit loads, how it is packed, and whether it jumps while it appears."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from kith_runtime.web.compression import packed
from support.site import Site, Visitor, open_page, signed_in

MOST_BYTES = 150_000
MOST_SHIFT = 0.02
# A fast machine paints a page when all of it has arrived, and would never see its parts move.
SLOW_DOWN = 6
SCREENS = ("/", "/e/sales.deal", "/e/sales.deal?view=sales.deal_board", "/e/sales.deal/new", "/e/sales.deal/{deal}")
_FILE = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def deal_of(site: Site, administrator: str) -> str:
    account = site.create("sales.account", name="Weighed Works")
    return site.create("sales.deal", name="Weighed", account=account, owner=administrator)


def fetched(visitor: Visitor, address: str, headers: Mapping[str, str] | None = None) -> tuple[TestResponse, bytes]:
    """Return an answer with its content, read to the end, so that the server lets go of the file."""
    answer = visitor.get(address, headers=headers)
    content = b"".join(answer.response)
    answer.close()
    return answer, content


@pytest.mark.parametrize("address", SCREENS)
def test_a_first_visit_loads_little(site: Site, administrator: str, address: str) -> None:
    visitor = site.visitor(administrator)
    browser = {"Accept-Encoding": "gzip, deflate, br"}
    page = visitor.get(address.format(deal=deal_of(site, administrator)), headers=browser)
    assert page.headers["Content-Encoding"] == "gzip"
    files = set(_FILE.findall(gzip.decompress(page.data).decode()))
    # Names such as Łódź or Erdős can stand on any page.
    style = next(name for name in files if name.endswith(".css"))
    european = re.search(r"inter-european-[\w-]+\.woff2", fetched(visitor, style)[1].decode())
    assert european is not None
    sizes = {name: len(fetched(visitor, name, browser)[1]) for name in (*files, f"/static/{european[0]}")}
    assert sum(name.endswith(".woff2") for name in sizes) == 2
    assert len(page.data) + sum(sizes.values()) <= MOST_BYTES, (len(page.data), sizes)


def test_answers_come_as_the_browser_can_read_them(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    plain = visitor.get("/e/sales.deal")
    script = next(name for name in _FILE.findall(plain.text) if name.endswith(".js"))
    assert "Content-Encoding" not in plain.headers
    bare, content = fetched(visitor, script)
    assert "Content-Encoding" not in bare.headers
    assert "Content-Encoding" not in visitor.get("/e/sales.deal", headers={"Accept-Encoding": "gzip;q=0"}).headers
    zipped, short = fetched(visitor, script, {"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.mimetype == "text/javascript"
    assert zipped.headers["Cache-Control"] == bare.headers["Cache-Control"]
    assert gzip.decompress(short) == content
    asked = {"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["ETag"]}
    assert fetched(visitor, script, asked)[0].status_code == 304


def test_the_length_of_a_packed_page_tells_nothing_exact() -> None:
    content = b"<p>the same words</p>" * 200
    seen = {packed(content) for _ in range(40)}
    assert {gzip.decompress(one) for one in seen} == {content}
    assert len({len(one) for one in seen}) > 10


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_while_a_page_appears(site: Site, chromium: Browser, administrator: str, width: int) -> None:
    deal = deal_of(site, administrator)
    shifts = {}
    for page in open_page(chromium.new_context(base_url=site.address, viewport={"width": width, "height": 900})):
        signed_in(page, site, administrator)
        page.add_init_script(_SHIFTS)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        for address in SCREENS:
            page.goto(address.format(deal=deal))
            page.wait_for_load_state("networkidle")
            moved = page.evaluate("() => window.__moved")
            if sum(item["by"] for item in moved) > MOST_SHIFT:
                shifts[address] = moved
    assert not shifts


_SHIFTS = """
window.__moved = []
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  const what = entry.sources.map(source => (source.node?.outerHTML || source.node?.nodeName || '').slice(0, 100))
  if (!entry.hadRecentInput) window.__moved.push({by: entry.value, what})
})).observe({type: 'layout-shift', buffered: true})
"""
