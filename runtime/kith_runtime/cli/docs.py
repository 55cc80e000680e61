"""``kith docs``: write the reference of the language from its declarations."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kith_metadata.reference import write_pages
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import say
from kith_runtime.language import kith_language


def add(commands: Any) -> None:
    """Add the command."""
    found = commands.add_parser("docs", help="write the language reference into a folder")
    found.add_argument("folder", type=Path, nargs="?", default=Path("docs/language"), help="default: docs/language")
    found.set_defaults(run=run)


def run(environment: Environment, chosen: argparse.Namespace) -> int:
    """Write the pages that differ and name them."""
    changed = write_pages(kith_language(), chosen.folder)
    for name in changed:
        say(f"wrote {chosen.folder / name}")
    if not changed:
        say("Every page is as it should be.")
    return OK
