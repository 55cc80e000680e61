"""The walk through CONTRIBUTING.md: its file is put where it says, and the contract suite runs over it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.pages import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
_CODE = re.compile(r"^Write `([^`]+)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOW = """
from kith_runtime.language import kith_language
print(kith_language().variants["field_types"]["iban"].label)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the runtime with the file of the walk, to be found before the installed one."""
    root = tmp_path_factory.mktemp("walk")
    shutil.copytree(
        ROOT / "runtime/kith_runtime", root / "runtime/kith_runtime", ignore=shutil.ignore_patterns("static")
    )
    found = _CODE.findall(PAGE.read_text("utf-8"))
    assert len(found) == 1
    path, code = found[0]
    assert not (ROOT / path).exists()
    (root / path).write_text(code, "utf-8")
    return root


def python(source: Path, *arguments: str) -> str:
    """Run Python on the copy and return what it printed; it must end well."""
    environment = {**os.environ, "PYTHONPATH": str(source / "runtime")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_file_makes_a_field_type(source: Path) -> None:
    assert python(source, "-c", _SHOW) == "IBAN\n"


def test_the_contract_suite_holds_for_it(source: Path) -> None:
    printed = python(source, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contracts", "-k", "iban")
    count = re.search(r"(\d+) passed", printed)
    assert count is not None
    assert int(count[1]) >= 10


def test_its_source_follows_the_house_rules(source: Path) -> None:
    python(
        source,
        "-m",
        "ruff",
        "check",
        "--config",
        "pyproject.toml",
        str(source / "runtime/kith_runtime/field_types/iban.py"),
    )
