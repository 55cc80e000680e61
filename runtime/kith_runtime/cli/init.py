"""``kith init``: make a workspace ready, with its apps, their data and the first administrator."""

from __future__ import annotations

import argparse
from typing import Any

from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, PROBLEMS, Environment
from kith_runtime.cli.output import say, say_issues
from kith_runtime.context import Context
from kith_runtime.install.administrator import (
    FIRST_EMAIL,
    FIRST_NAME,
    administrators,
    ensure_administrator,
    nobody_signed_in,
)
from kith_runtime.install.data import Purpose, install_data
from kith_runtime.publish.apply import Request
from kith_runtime.publish.service import publish
from kith_runtime.services import services_of
from kith_runtime.workspace import Workspace


def add(commands: Any) -> None:
    """Add the command."""
    found = commands.add_parser("init", help="make the database ready: apps, data, the first administrator")
    found.add_argument("--apps", help="names of apps, separated by commas (default: all of the folder)")
    found.add_argument("--demo", action="store_true", help="install the demo data too")
    found.add_argument("--if-missing", action="store_true", help="do nothing when the workspace is there already")
    found.add_argument("--admin-name", default=FIRST_NAME, help="the name of the first administrator")
    found.add_argument("--admin-email", default=FIRST_EMAIL, help="their e-mail address")
    found.set_defaults(run=run)


def _is_finished(workspace: Workspace) -> bool:
    """Tell whether an earlier run came to its end: data and administrator come together, after the publish."""
    if not workspace.current.sequence:
        return False
    with workspace.read(SYSTEM, "cli") as ctx:
        return bool(administrators(ctx))


def run(environment: Environment, chosen: argparse.Namespace) -> int:
    """Make the workspace and say how the first administrator gets in."""
    with environment.workspace(prepare=True) as workspace:
        if chosen.if_missing and _is_finished(workspace):
            return OK
        names = [name.strip() for name in chosen.apps.split(",") if name.strip()] if chosen.apps else None
        result = environment.check_installed(workspace, names)
        if result.snapshot is None:
            say_issues(result)
            return PROBLEMS
        outcome = publish(workspace, result.snapshot, Request(SYSTEM, "Installed"))
        purposes: set[Purpose] = {"seed", "demo"} if chosen.demo else {"seed"}
        files = services_of(workspace).files

        def work(ctx: Context) -> tuple[int, bool]:
            made = install_data(ctx, frozenset(purposes), files)
            ensure_administrator(ctx, chosen.admin_name, chosen.admin_email)
            return made, nobody_signed_in(ctx)

        made, waiting = workspace.save(SYSTEM, "import", work)
        apps = ", ".join(workspace.current.snapshot.names("app"))
        say(f"Installed {apps} (publish {outcome.sequence}) with {made} records.")
        if waiting:
            # A code here would be dead by the time that `kith serve` prints its own.
            say("Start the server with `kith serve`: it prints the address at which the first administrator begins.")
    return OK
