"""What a person waits for on the main screens, in Chromium on a processor slowed down four times."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page

from bench import data

SLOWER = 4
WIDTHS = (1440, 390)
SCREENS = {
    "home": "/",
    "list": "/e/sales.lead?view=sales.all_leads",
    "board": "/e/sales.lead?view=sales.lead_board",
    "record": "/e/sales.lead/{lead}",
    "form": "/e/sales.lead/{lead}/edit",
}
KEYS = ("Tab", "j", "j", "k", "x", "Escape", "?", "Escape", "Control+k", "n", "Escape")
"""What is pressed on every screen; letters go through rows, cards and neighbours, the others open and close layers."""

GOALS = {"bytes": 150_000, "lcp": 1200.0, "interaction": 100.0, "cls": 0.02}


@dataclass(frozen=True, slots=True)
class Budget:
    """One screen at one width: bytes on the wire, largest paint and slowest interaction in ms, shift."""

    screen: str
    width: int
    bytes: int
    lcp: float
    interaction: float
    cls: float

    @property
    def over(self) -> tuple[str, ...]:
        """Name the goals that are missed."""
        return tuple(name for name, goal in GOALS.items() if getattr(self, name) > goal)

    def __str__(self) -> str:
        """Return it as a line for the terminal."""
        mark = f"  over: {', '.join(self.over)}" if self.over else ""
        return (
            f"{self.screen:7} {self.width:5} px  {self.bytes / 1000:6.1f} kB  LCP {self.lcp:5.0f} ms  "
            f"interaction {self.interaction:4.0f} ms  CLS {self.cls:.3f}{mark}"
        )


def budgets(browser: Browser, address: str, lead: str, visits: int) -> Iterator[Budget]:
    """Yield each screen at each width, medians of some visits; bytes are those of a visit with an empty cache."""
    for width in WIDTHS:
        for screen, path in SCREENS.items():
            seen = [_visit(browser, address, path.format(lead=lead), width) for _ in range(visits)]
            sizes, paints, waits, shifts = zip(*seen, strict=True)
            yield Budget(
                screen,
                width,
                max(sizes),
                statistics.median(paints),
                statistics.median(waits),
                max(shifts),
            )


def _visit(browser: Browser, address: str, path: str, width: int) -> tuple[int, float, float, float]:
    with signed_in(browser, address, width) as page:
        # What signing in has loaded is thrown away, so that the visit is a first one.
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        loaded: list[int] = []
        session.on("Network.loadingFinished", lambda sent: loaded.append(int(sent["encodedDataLength"])))
        slowed(session)
        page.add_init_script(_WATCH)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        size = sum(loaded)
        shown = page.evaluate("() => ({lcp: __seen.lcp, cls: __seen.cls})")
        for key in KEYS:
            page.keyboard.press(key)
            page.evaluate(PAINTED)
        return size, float(shown["lcp"]), float(page.evaluate("() => __seen.wait")), float(shown["cls"])


@contextmanager
def signed_in(browser: Browser, address: str, width: int) -> Iterator[Page]:
    """Yield a page of the bench's representative, who is at home."""
    size = {"width": width, "height": 900 if width > 640 else 844}
    context = browser.new_context(base_url=address, viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", data.person_email(data.REP))
    page.fill("#password", data.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    yield page
    context.close()


def slowed(session: CDPSession) -> None:
    """Make the processor of a page as slow as that of a cheap phone."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def quartile(times: Sequence[float]) -> float:
    """Return the 75th percentile of some times."""
    return statistics.quantiles(times, n=4, method="inclusive")[2] if len(times) > 1 else times[0]


PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"

_WATCH = """
window.__seen = {lcp: 0, cls: 0, wait: 0}
new PerformanceObserver(list => list.getEntries().forEach(entry => { __seen.lcp = entry.startTime }))
  .observe({type: 'largest-contentful-paint', buffered: true})
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  if (!entry.hadRecentInput) __seen.cls += entry.value
}))
  .observe({type: 'layout-shift', buffered: true})
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  if (entry.interactionId) __seen.wait = Math.max(__seen.wait, entry.duration)
})).observe({type: 'event', durationThreshold: 16, buffered: true})
"""
