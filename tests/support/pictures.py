"""Take the pictures of real screens for ``docs/screens``: a fresh workspace with the demo data, seen by Sarah.

Run it by ``make pictures``. Screens are taken at desk and phone width, light and dark, as ``screen-width-theme.png``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from support.chromium import chromium_browser
from support.pages import BIN, ROOT, variables
from support.ports import free_port

FOLDER = ROOT / "docs" / "screens"
PERSON = "sarah.lindqvist@kelda.example"
PASSWORD = "a long winter in Tromso"  # of a workspace that lives for a minute
WIDTHS = {"1440": (1440, 900), "390": (390, 844)}


@contextmanager
def server(var: Path) -> Iterator[tuple[str, str]]:
    """Yield the address of a running server with the demo data, and Sarah's one-time link."""
    environment = variables(var, KITH_PORT=str(free_port()), KITH_WORKERS="1")
    kith = [f"{BIN}/kith"]
    subprocess.run([*kith, "init", "--apps", "base,sales,service", "--demo"], env=environment, check=True)
    code = subprocess.run(
        [*kith, "start-code", "--email", PERSON], env=environment, check=True, capture_output=True, text=True
    )
    with subprocess.Popen([*kith, "serve"], env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            line = running.stdout.readline() if running.stdout is not None else ""
            found = re.search(r"http://[^/\s]+", line)
            if found is None:
                raise RuntimeError(f"The server did not start: {line}")
            path = re.search(r"/(?:start|password)/\S+", code.stdout)
            if path is None:
                raise RuntimeError(f"There is no link for {PERSON}: {code.stdout}")
            yield found.group(), path.group()
        finally:
            running.terminate()


def sign_in(page: Page, address: str, path: str) -> None:
    """Set Sarah's password behind her link, which signs her in."""
    page.goto(address + path)
    page.fill("#password", PASSWORD)
    page.fill("#repeat", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url(address + "/")


def screens(page: Page, address: str) -> dict[str, str]:
    """Return the addresses of the screens by the name of their picture."""
    page.goto(f"{address}/e/sales.deal?q=Cold-chain")
    deal = page.locator("td.p-title a").first.get_attribute("href") or ""
    page.goto(f"{address}/e/sales.account?q=Brightwater")
    account = page.locator("td.p-title a").first.get_attribute("href") or ""
    return {
        "home": "/",
        "list": "/e/sales.deal",
        "record": account,
        "deal": deal,
        "form": f"{deal}/edit",
        "board": "/e/sales.deal?view=sales.deal_board",
        "timeline": "/e/sales.campaign?view=sales.campaign_timeline",
        "tree": "/e/sales.account?view=sales.account_tree",
        "calendar": "/e/base.task?view=base.task_calendar",
        "gallery": "/e/sales.product?view=sales.catalogue",
    }


def take(browser: Browser, address: str, path: str) -> None:
    """Take every screen in both widths and both themes, and the sign-in form as a visitor sees it."""
    first = browser.new_context(viewport={"width": 1440, "height": 900})
    page = first.new_page()
    sign_in(page, address, path)
    addresses = screens(page, address)
    state = first.storage_state()
    for width, (across, down) in WIDTHS.items():
        for theme in ("light", "dark"):
            size = {"width": across, "height": down}
            with browser.new_context(viewport=size, color_scheme=theme, storage_state=state) as context:  # type: ignore[arg-type]
                for name, screen in addresses.items():
                    picture(context.new_page(), address + screen, f"{name}-{width}-{theme}.png")
                for name, show in LAYERS.items():
                    if name == "quick" and width == "390":
                        continue  # a phone opens the whole form
                    layer(context.new_page(), address + addresses["list"], show, f"{name}-{width}-{theme}.png")
            with browser.new_context(viewport=size, color_scheme=theme) as context:  # type: ignore[arg-type]
                picture(context.new_page(), f"{address}/sign-in", f"sign-in-{width}-{theme}.png")


def picture(page: Page, address: str, name: str) -> None:
    """Take one screen when nothing more is being loaded."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / name)
    page.close()


def layer(page: Page, address: str, show: Callable[[Page], None], name: str) -> None:
    """Take a layer over a list: the palette, the bell, a quick form."""
    page.goto(address)
    show(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / name)
    page.close()


def show_palette(page: Page) -> None:
    """Open the palette and type the beginning of a name."""
    page.keyboard.press("Control+k")
    page.keyboard.type("brightw")
    page.locator(".k-pal-list [aria-label=Records]").wait_for()


def show_bell(page: Page) -> None:
    """Open the notices under the bell."""
    page.locator(".k-bell").click()
    page.locator("#k-panel h2").wait_for()


def show_quick(page: Page) -> None:
    """Open the quick form of a deal by its keys."""
    page.keyboard.press("c")
    page.keyboard.press("d")
    page.wait_for_load_state("networkidle")


LAYERS = {"palette": show_palette, "bell": show_bell, "quick": show_quick}


def main() -> None:
    """Take all pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        shutil.copytree(ROOT / "apps", workspace / "apps")
        with server(workspace) as (address, path), chromium_browser() as browser:
            take(browser, address, path)


if __name__ == "__main__":
    main()
