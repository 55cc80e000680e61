"""``kith check`` and ``kith explain``: look at the YAML without touching a database."""

from __future__ import annotations

import argparse
from typing import Any

from kith_metadata.explain import UnknownPath, explain
from kith_metadata.issues import FORMATS
from kith_runtime.cli.environment import OK, PROBLEMS, Environment
from kith_runtime.cli.output import complain, say, say_issues
from kith_runtime.computed_graph import full_rights


def add(commands: Any) -> None:
    """Add the commands."""
    found = commands.add_parser("check", help="check the apps and tell every problem with its place")
    found.add_argument("--format", choices=tuple(FORMATS), default="text", help="how problems are written")
    found.set_defaults(run=run_check)
    found = commands.add_parser("explain", help="tell where a property's value comes from")
    found.add_argument("path", metavar="PATH", help="such as sales.deal.fields.amount.label")
    found.set_defaults(run=run_explain)


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
