"""``kith plan``, ``publish``, ``rollback``, ``history`` and ``export``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from kith_metadata.snapshot import Snapshot
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, PROBLEMS, USAGE, Environment
from kith_runtime.cli.output import complain, say, say_issues, say_json, say_table
from kith_runtime.cli.plan_text import plan_lines
from kith_runtime.install.data import install_data
from kith_runtime.publish import store
from kith_runtime.publish.apply import Outcome, Request
from kith_runtime.publish.plan import Plan
from kith_runtime.publish.rollback import plan_rollback
from kith_runtime.publish.service import apply, plan_publish
from kith_runtime.services import services_of
from kith_runtime.workspace import Workspace


def add(commands: Any) -> None:
    """Add the commands."""
    found = commands.add_parser("plan", help="show what a publish would do")
    found.add_argument("--format", choices=("text", "json"), default="text", help="how it is written (default: text)")
    found.set_defaults(run=run_plan)
    found = commands.add_parser("publish", help="make the YAML live")
    _confirmation(found)
    found.set_defaults(run=run_publish)
    found = commands.add_parser("rollback", help="undo the last publish, with the data that it set aside")
    _confirmation(found)
    found.set_defaults(run=run_rollback)
    found = commands.add_parser("history", help="list the publishes: who, when, what")
    found.add_argument("--limit", type=int, default=20, help="how many (default: 20)")
    found.add_argument("--format", choices=("text", "json"), default="text", help="how it is written (default: text)")
    found.set_defaults(run=run_history)
    found = commands.add_parser("export", help="print the live snapshot as JSON, the same bytes each time")
    found.set_defaults(run=run_export)


def _confirmation(found: argparse.ArgumentParser) -> None:
    found.add_argument("--yes", action="store_true", help="do not ask")
    found.add_argument("--accept-loss", action="store_true", help="leave values blank that cannot be converted")
    found.add_argument("--note", default="", help="why, for the history")


def run_plan(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print the plan; 1 when the data would stop it."""
    with environment.workspace() as workspace:
        snapshot = _checked(environment, workspace)
        if snapshot is None:
            return PROBLEMS
        plan = plan_publish(workspace, snapshot)
        if chosen.format == "json":
            say_json(plan.as_data())
        else:
            _say_plan(plan)
        return PROBLEMS if plan.blockers else OK


def run_publish(environment: Environment, chosen: argparse.Namespace) -> int:
    """Plan, ask, apply and install new seed data."""
    with environment.workspace() as workspace:
        snapshot = _checked(environment, workspace)
        if snapshot is None:
            return PROBLEMS
        plan = plan_publish(workspace, snapshot)
        _say_plan(plan)
        if plan.is_empty:
            return OK
        code = _agree(plan, chosen)
        if code != OK:
            return code
        _report(apply(workspace, plan, _request(chosen)), "is live")
        files = services_of(workspace).files
        made = workspace.save(SYSTEM, "import", lambda ctx: install_data(ctx, frozenset({"seed"}), files))
        if made:
            say(f"{made} new seed records.")
    return OK


def run_rollback(environment: Environment, chosen: argparse.Namespace) -> int:
    """Plan the way back, ask and apply."""
    with environment.workspace() as workspace:
        with workspace.database.read() as connection:
            plan = plan_rollback(connection, workspace.refresh(connection))
        say(f"Undo publish {plan.reverses}:")
        _say_plan(plan)
        code = _agree(plan, chosen)
        if code != OK:
            return code
        _report(apply(workspace, plan, _request(chosen)), f"undoes publish {plan.reverses}")
        say("The YAML files still hold the change; the next publish would make it live again.")
    return OK


def run_history(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print the publishes, newest first."""
    with environment.workspace() as workspace, workspace.database.read() as connection:
        rows = store.load_history(connection, chosen.limit)
    if chosen.format == "json":
        say_json([_as_data(row) for row in rows])
        return OK
    if not rows:
        say("Nothing was published yet.")
        return OK
    lines = [("publish", "when (UTC)", "who", "what")]
    lines.extend((str(row.sequence), f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor_name, _what(row)) for row in rows)
    say_table(lines)
    return OK


def run_export(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print the documents of the live snapshot."""
    with environment.workspace() as workspace:
        snapshot = workspace.current.snapshot
        say_json({"hash": snapshot.hash, "documents": {key: snapshot.raw(key) for key in snapshot.documents}})
    return OK


def _checked(environment: Environment, workspace: Workspace) -> Snapshot | None:
    result = environment.check_installed(workspace)
    if result.issues:
        say_issues(result)
    return result.snapshot


def _say_plan(plan: Plan) -> None:
    for line in plan_lines(plan):
        say(line)


def _agree(plan: Plan, chosen: argparse.Namespace) -> int:
    """Ask whether to go on; without a terminal to ask on, ``--yes`` is needed."""
    if plan.blockers:
        return PROBLEMS
    if plan.losses and not chosen.accept_loss:
        complain("kith: Some values would be lost. Change them first, or publish with --accept-loss.")
        return PROBLEMS
    if chosen.yes:
        return OK
    if not sys.stdin.isatty():
        complain("kith: There is nobody to ask. Add --yes to go on without asking.")
        return USAGE
    answer = input("Go on? [y/N] ").strip().lower()
    if answer in ("y", "yes"):
        return OK
    say("Nothing was changed.")
    return PROBLEMS


def _request(chosen: argparse.Namespace) -> Request:
    return Request(SYSTEM, chosen.note, chosen.accept_loss)


def _report(outcome: Outcome, words: str) -> None:
    for line in outcome.reports:
        say(f"! {line}")
    say(f"Publish {outcome.sequence} {words}.")


def _what(row: store.PublishRow) -> str:
    counts = dict.fromkeys("+~-!", 0)
    for item in row.plan["operations"]:
        counts[item["symbol"]] = counts.get(item["symbol"], 0) + 1
    changes = " ".join(f"{symbol}{count}" for symbol, count in counts.items() if count)
    undo = f"undoes {row.reverses}" if row.reverses is not None else ""
    return ", ".join(part for part in (row.note, undo, changes) if part)


def _as_data(row: store.PublishRow) -> dict[str, Any]:
    return {
        "sequence": row.sequence,
        "at": row.at.isoformat(),
        "actor": row.actor_name,
        "note": row.note,
        "reverses": row.reverses,
        "snapshot": row.snapshot_after,
        **row.plan,
    }
