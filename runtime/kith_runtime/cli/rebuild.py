"""``kith rebuild``: work stored formulas and roll-ups out anew, or prove that they are right."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, PROBLEMS, Environment
from kith_runtime.cli.output import say
from kith_runtime.context import Context
from kith_runtime.records.rebuild import Batch, rebuild

_SHOWN = 5


def add(commands: Any) -> None:
    """Add the command."""
    found = commands.add_parser("rebuild", help="work out stored formulas and roll-ups anew")
    found.add_argument("name", nargs="?", default="", help="an entity or a field, such as sales.account.open_deals")
    found.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a value is not right")
    found.set_defaults(run=run)


def run(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print a line for each entity and level, and the records that differed."""
    wrong = 0
    with environment.workspace() as workspace:

        def save(work: Callable[[Context], Batch]) -> Batch:
            return workspace.save(SYSTEM, "system", work)

        results = rebuild(save, workspace.current.snapshot, chosen.name, check=chosen.check)
        for item in results:
            wrong += len(item.differing)
            verb = "not right" if chosen.check else "mended"
            say(f"{item.entity}: {', '.join(item.fields)}: {item.records:,} records, {len(item.differing):,} {verb}.")
            if item.differing:
                say(f"  {', '.join(item.differing[:_SHOWN])}{' …' if len(item.differing) > _SHOWN else ''}")
    return PROBLEMS if chosen.check and wrong else OK
