"""Walk through the screens as a person would, by the links that stand in them, and look at them with a critic's eye."""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from support.axe import findings
from support.site import Site, Visitor

ASKED = os.environ.get("KITH_CRAWL", "")
"""Empty: screens that show something new, in one variant; "variants": those in every variant; "spread": every screen of
every role once, in the variants by turns; "all": every screen of every role in every variant."""

MOST_PAGES = 600
MOST_STOPS = 70
"""How many stops of the Tab key are looked at on one page."""

_LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]*)')
_RECORD = re.compile(r"(?<=/)[0-9a-hjkmnp-tv-z]{20}(?=/|$)")
_OPENING = re.compile(r"<([a-z][a-z0-9-]*)\b([^>]*)>")
_CLASSES = re.compile(r'\bclass="([^"]*)"')
_FIELD = re.compile(r"(?<=/history/)\w+$")
_KEPT = frozenset({"view", "entity"})
"""Parts of a query that make another screen; all others ask the same screen another question."""
_ELSEWHERE = ("/files/", "/sign-out", "/api/", "/static/", "/favicon")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to look at a page. Four of them hold every pair of theme, width and direction."""

    theme: str
    width: int
    direction: str

    def __str__(self) -> str:
        return f"{self.theme} {self.width} {self.direction}"


VARIANTS = (
    Variant("light", 1440, "ltr"),
    Variant("dark", 1440, "rtl"),
    Variant("light", 390, "rtl"),
    Variant("dark", 390, "ltr"),
)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page as a person found it: its address, and the markup without what it says."""

    address: str
    marks: frozenset[str]


def kind_of(address: str) -> str:
    """Return what makes an address another screen: its path without ids, its view.

    >>> kind_of("/e/sales.deal/01jd3m5zq8w9v7k2t4xa?tab=2")
    '/e/sales.deal/*'
    """
    parts = urlsplit(address)
    kept = sorted((name, value) for name, value in parse_qsl(parts.query) if name in _KEPT)
    return _FIELD.sub("*", _RECORD.sub("*", parts.path)) + "".join(f"&{name}={value}" for name, value in kept)


def walk(visitor: Visitor, start: Iterable[str] = ("/",)) -> tuple[list[Screen], list[str]]:
    """Open every kind of page that a person can reach by links; return them, and what went wrong on the way.

    A link that leads nowhere is as wrong as a page that fails: nobody is offered what they may not open.
    """
    waiting = dict.fromkeys(start)
    known = {kind_of(address) for address in waiting}
    found: list[Screen] = []
    problems: list[str] = []
    while waiting and len(found) < MOST_PAGES:
        address = next(iter(waiting))
        del waiting[address]
        answer = visitor.get(address)
        if answer.status_code >= 400:
            problems.append(f"{address}: {answer.status_code}")
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        text = answer.get_data(as_text=True)
        found.append(Screen(address, marks_of(text)))
        for target in links(text):
            kind = kind_of(target)
            if kind not in known:
                known.add(kind)
                waiting[target] = None
    return found, problems


def links(text: str) -> Iterator[str]:
    """Yield the addresses inside this site that a page links to."""
    for match in _LINK.finditer(text):
        address = html.unescape(match[1])
        if address.startswith("/") and not address.startswith(("//", *_ELSEWHERE)):
            yield address


def marks_of(text: str) -> frozenset[str]:
    """Return the elements of a page by tag and classes."""
    marks = set()
    for tag, attributes in _OPENING.findall(text):
        classes = _CLASSES.search(attributes)
        marks.add(f"{tag}.{'.'.join(sorted(classes[1].split())) if classes else ''}")
    return frozenset(marks)


def worth_seeing(screens: Iterable[Screen], seen: set[str]) -> list[Screen]:
    """Return the screens that hold something which none before them held; ``seen`` grows by what they show."""
    chosen = []
    for screen in screens:
        endpoint = "at " + re.sub(r"(?<=^/e/)[^/&]+", "*", kind_of(screen.address)).partition("&")[0]
        marks = screen.marks | {endpoint}
        if not marks <= seen:
            seen |= marks
            chosen.append(screen)
    return chosen


def asked_for(screens: list[Screen], new: list[Screen], turn: int) -> list[Screen]:
    """Return the screens of one role to look at in one variant, whose turn it is."""
    return {"all": screens, "spread": screens[turn % len(VARIANTS) :: len(VARIANTS)]}.get(ASKED, new)


@dataclass(slots=True)
class Eye:
    """A browser that opens pages in one variant and collects what is wrong with them."""

    context: BrowserContext
    variant: Variant
    problems: list[str] = field(default_factory=list)
    knows_frame: bool = False
    """Whether the stops of the frame around each page were looked at; those of the pages inside come after it."""

    def look(self, address: str, rings_too: bool = True) -> None:
        """Open one page in a tab of its own and examine it, with all stops of the keyboard or without."""
        page = self.context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
        page.on("response", lambda sent: said.append(f"{sent.url}: {sent.status}") if sent.status >= 500 else None)
        page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if self.variant.direction == "rtl":
            page.evaluate("document.documentElement.dir = 'rtl'")
        said += [*examine(page), *findings(page)]
        if rings_too:
            said += rings(page, self.knows_frame)
            self.knows_frame = self.knows_frame or page.locator("#main").count() == 1
        page.close()
        self.problems += [f"{address} [{self.variant}] {line}" for line in said]


def summed(problems: Iterable[str]) -> str:
    """Return each problem once, with how often and where first it was seen."""
    first: dict[str, str] = {}
    often: Counter[str] = Counter()
    for line in problems:
        where, _, what = line.partition("] ")
        first.setdefault(what, f"{where}]")
        often[what] += 1
    return "\n".join(f"{count} × {what}\n    {first[what]}" for what, count in often.most_common())


def eye(browser: Browser, site: Site, person: str, variant: Variant) -> Eye:
    """Return the eye of a person who is signed in."""
    context = browser.new_context(
        viewport={"width": variant.width, "height": 900 if variant.width > 640 else 844},
        base_url=site.address,
        color_scheme=variant.theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        has_touch=variant.width <= 640,
    )
    context.add_cookies([{"name": "kith_session", "value": site.cookie(person), "url": site.address}])
    return Eye(context, variant)


def examine(page: Page) -> list[str]:
    """Return what reaches over the edge of the window, and texts that are cut off with no way to read them."""
    return [str(line) for line in page.evaluate(_EXAMINE)]


def rings(page: Page, knows_frame: bool) -> list[str]:
    """Return the controls that look the same with the keyboard's focus as without it."""
    page.evaluate("window.__kithRests = new Map(); document.activeElement?.blur()")
    page.evaluate(_REST)
    if knows_frame:
        page.evaluate("document.getElementById('main')?.focus()")
    missing: dict[str, None] = {}
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None:
            break
        if stop:
            missing[f"no focus ring: {stop}"] = None
    return list(missing)


_EXAMINE = """() => {
  const found = [], root = document.documentElement
  if (root.scrollWidth > innerWidth + 1) {
    const wide = [...document.querySelectorAll('body *')].filter(e => {
      const box = e.getBoundingClientRect()
      return box.width && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('.k-grid-wrap, .k-vh')
    }).slice(0, 3).map(e => e.outerHTML.slice(0, 120))
    found.push(`scrolls sideways to ${root.scrollWidth}: ${wide.join(' | ')}`)
  }
  const named = [...document.scripts].map(script => script.src)
  for (const {name} of performance.getEntriesByType('resource'))
    if (/\\/static\\/(lists|boards|records)-/.test(name) && !named.includes(name))
      found.push(`a part of the script that the head does not name comes late: ${name}`)
  for (const card of document.querySelectorAll('.k-prob'))
    found.push(`a card in the place of a block: ${card.textContent.trim().slice(0, 120)}`)
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    const spoken = element.clientWidth < 3 && element.clientHeight < 3 && getComputedStyle(element).display !== 'inline'
    if (spoken || !text || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue
    if (element.closest('.k-vh, textarea, option, script, style')) continue
    const style = getComputedStyle(element), line = element.outerHTML.slice(0, 140)
    const hides = value => value === 'hidden' || value === 'clip'
    const clamped = style.webkitLineClamp !== 'none'
    const told = element.closest('[title]') || element.querySelector('[title]')
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && !told
        && !(style.textOverflow === 'ellipsis' && element.closest('a, button, summary, [tabindex]')))
      found.push(`cut off sideways: ${line}`)
    const tall = element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 3
    if (hides(style.overflowY) && !clamped && tall)
      found.push(`cut off below: ${line}`)
    const button = element.closest('button, .btn')
    if (button && style.position !== 'absolute') {
      const range = document.createRange(); range.selectNodeContents(element)
      const inner = range.getBoundingClientRect(), outer = button.getBoundingClientRect()
      const cut = element.scrollWidth > element.clientWidth + 1 && hides(style.overflowX)
      if (!cut && inner.width && (inner.right > outer.right + 1 || inner.left < outer.left - 1))
        found.push(`text outside its button: ${line}`)
    }
  }
  return found
}"""

_LOOKS = """const looks = e => {
  const s = getComputedStyle(e)
  const ring = [s.outlineStyle, s.outlineWidth, s.outlineColor]
  return [...ring, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration].join()
};"""

_REST = (
    "() => {"
    + _LOOKS
    + """
  window.__kithLast = null
  for (const e of document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]'))
    for (let near = e, steps = 0; near && steps < 3; near = near.parentElement, steps++)
      if (!window.__kithRests.has(near)) window.__kithRests.set(near, looks(near))
}"""
)

# The parts of a date are stops of their own inside one input, and the browser marks them itself.
_FOCUS = (
    "() => {"
    + _LOOKS
    + """
  const e = document.activeElement
  if (!e || e === document.body) return null
  for (const running of document.getAnimations()) running.finish()
  const again = e === window.__kithLast
  window.__kithLast = e
  if (again || !window.__kithRests.has(e)) return ''
  for (let near = e, steps = 0; near && steps < 3; near = near.parentElement, steps++)
    if (looks(near) !== window.__kithRests.get(near)) return ''
  return e.outerHTML.slice(0, 140)
}"""
)
