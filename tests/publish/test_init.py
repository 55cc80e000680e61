"""``kith init`` that is broken off in the middle, and run again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import Environment
from kith_runtime.cli.main import main
from kith_runtime.install.administrator import administrators
from kith_runtime.publish.apply import Request
from kith_runtime.publish.service import publish

APPS = Path(__file__).parents[2] / "apps"
INIT = ("init", "--apps", "base", "--demo")


@pytest.fixture
def environment(database_url: str, tmp_var: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of an installation in an empty database."""
    found = {"KITH_DATABASE_URL": database_url, "KITH_APPS": str(APPS), "KITH_VAR": str(tmp_var)}
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def _people() -> list[str]:
    with Environment.read().workspace() as workspace, workspace.read(SYSTEM, "cli") as ctx:
        assert len(administrators(ctx)) >= 1
        return sorted(ctx.connection.exec_driver_sql("SELECT email FROM base__user").scalars())


@pytest.mark.slow
def test_init_that_was_killed_is_finished_by_the_next(environment: dict[str, str]) -> None:
    chance = random.Random(3)
    command = [sys.executable, "-m", "kith_runtime.cli.main", *INIT]
    for _ in range(6):
        running = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            running.wait(chance.uniform(0.5, 4))
        running.kill()
        running.wait()
    assert main((*INIT, "--if-missing")) == 0
    people = _people()
    assert len(people) == len(set(people)) > 1
    assert main(INIT) == 0
    assert _people() == people


def test_init_that_ended_after_its_publish_is_finished_also_if_missing(environment: dict[str, str]) -> None:
    started = Environment.read()
    with started.workspace(prepare=True) as workspace:
        snapshot = started.check_installed(workspace, ["base"]).snapshot
        assert snapshot is not None
        publish(workspace, snapshot, Request(SYSTEM, "Installed"))
    assert main((*INIT, "--if-missing")) == 0
    assert len(_people()) > 1


def test_init_with_a_broken_app_leaves_nothing_and_works_when_it_is_mended(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "apps" / "broken"
    broken.mkdir(parents=True)
    (broken / "app.yaml").write_text("app: broken\nlabell: Broken\nversion: 1.0.0\n", "utf-8")
    monkeypatch.setenv("KITH_APPS", str(tmp_path / "apps"))
    assert main(("init",)) == 1
    assert "KM" in capsys.readouterr().out
    with Environment.read().workspace() as workspace:
        assert workspace.current.sequence == 0
    monkeypatch.setenv("KITH_APPS", str(APPS))
    assert main((*INIT, "--if-missing")) == 0
    assert "Installed base (publish 1)" in capsys.readouterr().out
    assert main((*INIT, "--if-missing")) == 0
    assert capsys.readouterr().out == ""
