"""Accessibility findings on a page, by the rules of axe."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "runtime" / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_AT_REST = """() => Promise.allSettled(document.getAnimations()
  .filter(moving => moving.effect.getComputedTiming().endTime < Infinity && moving.playState === 'running')
  .map(moving => Promise.race([
    moving.finished,
    // What moves inside something folded never says that it has ended.
    new Promise(ended => setTimeout(ended, moving.effect.getComputedTiming().endTime - moving.currentTime + 50)),
  ])))"""


def findings(page: Page, *, impacts: tuple[str, ...] = ("minor", "moderate", "serious", "critical")) -> list[str]:
    """Return one line for each element that breaks a rule of WCAG A and AA or good practice.

    The rules come from the front end's development packages, which a checkout has once it was built. A page stands
    there before its style sheet has come, and what is still fading in has not its own colours yet, so the page is read
    when it is whole and its movements have ended.
    """
    page.wait_for_load_state()
    page.evaluate(_AT_REST)
    # Evaluated from outside, so the page's own policy need not allow it.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", list(RULES))
    return [
        f"{rule['impact']} {rule['id']}: {node['html']}"
        for rule in result["violations"]
        if rule["impact"] in impacts
        for node in rule["nodes"]
    ]
