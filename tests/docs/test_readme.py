"""The tour of README.md, as it is written: in a copy of the project, with its own server running."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from support.pages import ROOT, Transcript, blocks, variables, wait_until_open
from support.ports import free_port

PAGE = ROOT / "README.md"
_LEFT_OUT = (".venv", ".git", "var", "dist", "node_modules", "__pycache__", ".*_cache", ".hypothesis")


@pytest.fixture(scope="module")
def port() -> str:
    """A port that nothing listens on."""
    return str(free_port())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the environment that runs the tests as its own."""
    folder = tmp_path_factory.mktemp("tour") / "kith"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


@pytest.fixture(scope="module")
def environment(project: Path, port: str) -> dict[str, str]:
    """The copy's packages before the installed ones, and nothing else that the page does not say."""
    roots = os.pathsep.join(str(project / name) for name in ("platform", "metadata", "runtime", "builder"))
    cleared = dict.fromkeys(("KITH_DATABASE_URL", "KITH_APPS", "KITH_VAR"), "")
    return {**variables(project), **cleared, "PYTHONPATH": roots, "KITH_PORT": port, "KITH_WORKERS": "2"}


@pytest.fixture(scope="module")
def address(project: Path, environment: dict[str, str], port: str) -> Iterator[str]:
    """What `make run` prints, without the installing that `make test` has done already."""
    made = ["--assume-old=.venv/.project", "--assume-old=web"]
    server = subprocess.Popen(
        ["make", *made, "run"],
        cwd=project,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    printed: list[str] = []
    for line in server.stdout:
        printed.append(line)
        if found := re.match(r"Open (http://127\.0\.0\.1:\d+/start/\S+)$", line):
            break
    assert found, "".join(printed)
    wait_until_open(port)
    yield found[1]
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)
    server.stdout.close()


def test_the_tour(project: Path, environment: dict[str, str], address: str, port: str) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    first = browser.open(address).read().decode()
    assert 'type="password"' in first
    tour = Transcript(project, environment, {"http://127.0.0.1:8000": f"http://127.0.0.1:{port}"})
    seen = ""
    for block in blocks(PAGE):
        if block.kind == "sh" and "curl" in block.text:
            seen = form_of_new_account(browser, address, first)
            assert "Loading dock" in seen
        tour.step(block)
    assert seen
    assert "Loading dock" not in browser.open(f"http://127.0.0.1:{port}/e/sales.account/new").read().decode()


def form_of_new_account(browser: urllib.request.OpenerDirector, address: str, first: str) -> str:
    """Choose a password on the page that the one-time code opens, then open the form of an account."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', first)
    assert token is not None, first
    password = "seven quiet harbours"
    fields = {"csrf_token": token[1], "password": password, "repeat": password}
    body = urllib.parse.urlencode(fields).encode()
    browser.open(address, body)
    root = address.rpartition("/start/")[0]
    return str(browser.open(f"{root}/e/sales.account/new").read().decode())


def test_the_commands_are_targets() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    pages = PAGE.read_text("utf-8") + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name in re.findall(r"(?:^|`)make (\w+)", pages, re.MULTILINE):
        assert re.search(rf"^{name}:", text, re.MULTILINE), name
