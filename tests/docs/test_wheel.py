"""The wheel as somebody gets it who has neither the source nor Node: its packages, apps and front end are enough."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.pages import ROOT
from support.ports import free_port

_COMMAND = (sys.executable, "-c", "import sys; from kith_runtime.cli.main import main; sys.exit(main())")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a wheel is unpacked to, as an installer would."""
    made = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(made), str(ROOT))
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = made.glob("kith_crm-*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(made / "site-packages")
    return made / "site-packages"


@pytest.fixture(scope="module")
def environment(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The unpacked wheel before what the tests have installed, and an empty var folder."""
    var = str(tmp_path_factory.mktemp("workspace") / "var")
    own = {"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "KITH_VAR": var, "KITH_PORT": str(free_port())}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KITH_")}
    return {**kept, **own, "KITH_WORKERS": "1"}


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that the server prints, over a workspace that `kith init` has made."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    init = (*_COMMAND, "init", "--apps", "base,sales,service", "--demo")
    done = subprocess.run(init, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Installed base, sales, service" in done.stdout
    server = subprocess.Popen(
        (*_COMMAND, "serve"), cwd=elsewhere, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert server.stdout is not None
    yield next(line.split()[1] for line in server.stdout if line.startswith("Open "))
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)
    server.stdout.close()


def test_the_packages_that_run_are_those_of_the_wheel(installed: Path, environment: dict[str, str]) -> None:
    asks = "import kith_platform, kith_metadata, kith_runtime as last; print(kith_platform.__file__, last.__file__)"
    told = subprocess.run((sys.executable, "-c", asks), env=environment, capture_output=True, text=True, check=True)
    assert all(Path(file).is_relative_to(installed) for file in told.stdout.split())
    assert not (installed / "platform" / "__init__.py").exists()


def test_a_workspace_is_made_and_served(address: str) -> None:
    browser = urllib.request.build_opener()
    page = browser.open(address).read().decode()
    assert 'type="password"' in page
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert {Path(name).suffix for name in files} >= {".css", ".js", ".woff2"}
    root = address.partition("/start/")[0]
    assert all(browser.open(root + name).status == 200 for name in files)
