"""``kith docs``: write the pages that are generated: the language, the issues and the commands."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from kith_metadata.codes import issues_page
from kith_metadata.reference import pages
from kith_runtime.cli.command_page import command_page
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import say
from kith_runtime.language import kith_language


def add(commands: Any) -> None:
    """Add the command."""
    found = commands.add_parser("docs", help="write the generated pages: the language, the issues and the commands")
    found.add_argument("folder", type=Path, nargs="?", default=Path("docs"), help="where to (default: docs)")
    found.set_defaults(run=partial(run, commands))


def run(commands: Any, environment: Environment, chosen: argparse.Namespace) -> int:
    """Write the pages that differ and name them."""
    written = [path for path, text in generated_pages(commands).items() if _write(chosen.folder / path, text)]
    for path in written:
        say(f"wrote {chosen.folder / path}")
    if not written:
        say("Every page is as it should be.")
    return OK


def generated_pages(commands: Any) -> dict[str, str]:
    """Return every generated page by its path below the folder of documents."""
    language = {f"language/{name}": text for name, text in pages(kith_language()).items()}
    return {**language, "issues.md": issues_page(), "cli.md": command_page(commands)}


def _write(path: Path, text: str) -> bool:
    """Write a page if it differs; tell whether it did."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True
