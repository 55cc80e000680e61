"""``kith search rebuild`` and ``kith audit verify``: keep what is derived true, and prove what was logged."""

from __future__ import annotations

import argparse
from typing import Any

from kith_platform.audit import AuditLog
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, PROBLEMS, Environment
from kith_runtime.cli.output import complain, say
from kith_runtime.publish.reindex import rebuild_search


def add(commands: Any) -> None:
    """Add the commands."""
    group = commands.add_parser("search", help="the search index").add_subparsers(metavar="ACTION", required=True)
    found = group.add_parser("rebuild", help="index every record anew")
    found.set_defaults(run=run_rebuild)
    group = commands.add_parser("audit", help="the audit log").add_subparsers(metavar="ACTION", required=True)
    found = group.add_parser("verify", help="prove that no entry was changed or taken out")
    found.set_defaults(run=run_verify)


def run_rebuild(environment: Environment, chosen: argparse.Namespace) -> int:
    """Index all live records anew, in one transaction."""
    with environment.workspace() as workspace:
        count = workspace.save(SYSTEM, "system", rebuild_search)
    say(f"{count:,} records indexed.")
    return OK


def run_verify(environment: Environment, chosen: argparse.Namespace) -> int:
    """Follow the chain of hashes from the first entry to the last."""
    with environment.workspace() as workspace, workspace.database.read() as connection:
        log = AuditLog(workspace.clock)
        broken = log.verify(connection)
        count, head = log.head(connection)
    if broken is not None:
        complain(f"kith: Entry {broken.sequence} of {broken.at:%Y-%m-%d %H:%M:%S} UTC is not what was written.")
        return PROBLEMS
    say(f"{count:,} entries, unbroken. The last hash is {head}.")
    return OK
