"""One Chromium for all tests that look at real pages: the machine's own, else the one that Playwright fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """Run a headless browser; only one may run in a process, so tests take it from the fixture `chromium`."""
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    # Chromium's own sandbox does not work for root, which is who runs the tests in a container.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=options)
        yield browser
        browser.close()
