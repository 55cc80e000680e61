"""Places where the pages of the documentation are run as they are written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from kith_runtime.cli.main import main
from support.pages import ROOT, variables


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the apps and a workspace in which base and sales are installed."""
    folder = tmp_path_factory.mktemp("installed")
    for name in ("base", "sales"):
        shutil.copytree(ROOT / "apps" / name, folder / "apps" / name)
    run(variables(folder), "init", "--demo")
    return folder


@pytest.fixture
def workspace(installed: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    folder = tmp_path / "workspace"
    shutil.copytree(installed, folder)
    return folder


def run(environment: Mapping[str, str], *arguments: str) -> None:
    """Run ``kith`` in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        assert main(arguments) == 0
