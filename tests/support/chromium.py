"""One Chromium for all tests that look at real pages: the machine's own, else the one that Playwright fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 20_000
"""Milliseconds until what a test waits for counts as missing: the machine may have other work."""


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """Run a headless browser; only one may run in a process, so tests take it from the fixture `chromium`."""
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    # Chromium's own sandbox does not work for root, which is who runs the tests in a container.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=options)
        yield browser
        browser.close()
