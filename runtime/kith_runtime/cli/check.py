"""``kith check``, ``kith explain`` and ``kith rename``: work on the YAML without touching a database."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from kith_metadata.explain import UnknownPath, explain
from kith_metadata.issues import FORMATS
from kith_metadata.renames import CannotRename, affected_files, rename, target_of
from kith_runtime.cli.environment import OK, PROBLEMS, Environment
from kith_runtime.cli.output import complain, say, say_issues
from kith_runtime.computed_graph import full_rights
from kith_runtime.fixed_names import is_fixed


def add(commands: Any) -> None:
    """Add the commands."""
    found = commands.add_parser("check", help="check the apps and tell every problem with its place")
    found.add_argument("--format", choices=tuple(FORMATS), default="text", help="how problems are written")
    found.set_defaults(run=run_check)
    found = commands.add_parser("explain", help="tell where a property's value comes from")
    found.add_argument("path", metavar="PATH", help="such as sales.deal.fields.amount.label")
    found.set_defaults(run=run_explain)
    found = commands.add_parser("rename", help="give a field, option, entity or role another name wherever it is named")
    found.add_argument(
        "path",
        metavar="PATH",
        help="a field such as sales.deal.amount, an option such as sales.deal_stage.won, an entity such as sales.deal, "
        "or a role such as sales.rep",
    )
    found.add_argument("name", metavar="NAME", help="the new name")
    found.add_argument("--dry-run", action="store_true", help="show the changes and write nothing")
    found.set_defaults(run=run_rename)


def run_check(environment: Environment, chosen: argparse.Namespace) -> int:
    """Check and print the issues."""
    result = environment.check()
    say_issues(result, chosen.format)
    if not result.issues and chosen.format == "text":
        documents = len(result.partial.documents)
        say(f"{documents} documents, no problems.")
        unlimited = full_rights(result.partial)
        if unlimited:
            say(f"Computed with full rights, whoever reads: {', '.join(unlimited)}.")
    return PROBLEMS if result.errors else OK


def run_explain(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print value, layer and place of a property, and what it hides."""
    try:
        found = explain(environment.check(), chosen.path)
    except UnknownPath as problem:
        complain(f"kith: {problem}")
        return PROBLEMS
    say(found.text())
    return OK


def run_rename(environment: Environment, chosen: argparse.Namespace) -> int:
    """Rename in the files, show what changes, and check the result; files that would be broken stay."""
    result = environment.check()
    if result.errors:
        say_issues(result, "text")
        complain("kith: mend these first: what is broken cannot be renamed for sure.")
        return PROBLEMS
    folder = FilePath.cwd()
    # As bytes, so that the ends of lines stay what they are.
    texts = {file: (folder / file).read_bytes().decode() for file in affected_files(result)}
    try:
        target = target_of(result, chosen.path)
        if is_fixed(target):
            raise CannotRename(f"Kith itself uses '{chosen.path}' by this name. Change its label instead.")
        renaming = rename(result, target, chosen.name, texts)
    except CannotRename as problem:
        complain(f"kith: {problem}")
        return PROBLEMS
    say(renaming.diff.rstrip())
    for place in renaming.by_hand:
        complain(f"{place}: change this one yourself.")
    if chosen.dry_run:
        return OK
    outside = next((file for file in renaming.after if FilePath(file).is_absolute()), "")
    if outside:
        complain(
            f"kith: {outside} lies outside this folder, so nothing was changed. Run the command where the apps are."
        )
        return PROBLEMS
    _write(folder, renaming.after)
    broken = environment.check()
    if broken.errors and not renaming.by_hand:
        _write(folder, renaming.before)
        say_issues(broken, "text")
        complain("kith: with the new name the apps would have these problems, so nothing was changed.")
        return PROBLEMS
    files = "1 file" if len(renaming.after) == 1 else f"{len(renaming.after)} files"
    say(f"{chosen.path} is called {chosen.name} now, in {files}. The next publish keeps its data.")
    return OK


def _write(folder: FilePath, texts: Mapping[str, str]) -> None:
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode())
