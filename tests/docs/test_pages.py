"""The pages of the documentation: their examples run, and what they name exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from kith_platform.settings import Settings
from support.pages import PAGES, ROOT, Transcript, variables

TRANSCRIPTS = ["publish.md", "access.md", "customise.md", "records.md"]
MADE = ("var/", "dist/", "runtime/kith_runtime/field_types/iban.py", "apps/sales/views/mistake.yaml")
"""What the examples of pages make."""
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.*-]*)`")
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(PAGES.rglob("*.md"))]


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_the_examples_of_a_page_run(workspace: Path, name: str) -> None:
    Transcript(workspace, variables(workspace)).run(PAGES / name)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in _LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("name", ["docs/architecture.md", "README.md", "CONTRIBUTING.md"])
def test_files_that_a_page_names_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    made = (
        "var/",
        "dist/",
        ".venv/",
        "custom/",
        "runtime/kith_runtime/field_types/iban.py",
        "apps/sales/views/mistake.yaml",
    )
    named = [path for path in _PATH.findall(text) if not path.startswith((*made, "api/", "/"))]
    assert named
    assert not [path for path in named if not list(ROOT.glob(path.rstrip("/")))]


def test_the_page_of_deployment_names_every_setting_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `(KITH_\w+)` \| ([^|]+) \|", (PAGES / "deployment.md").read_text("utf-8"), re.MULTILINE)
    )
    assert set(rows) == {f"KITH_{field.name.upper()}" for field in fields(Settings)}
    plain = Settings.from_environment({})
    for name in ("HOST", "PORT", "PROXIES"):
        assert rows[f"KITH_{name}"].strip() == f"`{getattr(plain, name.lower())}`"
    for name in rows:
        assert re.search(rf'"{name}"', (ROOT / "platform/kith_platform/settings.py").read_text("utf-8"))
