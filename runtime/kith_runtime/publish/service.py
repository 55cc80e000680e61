"""Publish and rollback as one call each, for the command line, the builder and tests."""

from __future__ import annotations

from kith_metadata.snapshot import Snapshot
from kith_runtime.publish.apply import Outcome, Patience, Request, apply_plan
from kith_runtime.publish.plan import Plan, make_plan
from kith_runtime.publish.rollback import plan_rollback
from kith_runtime.workspace import Workspace


def plan_publish(workspace: Workspace, snapshot: Snapshot) -> Plan:
    """Return what publishing a snapshot would do; reads only."""
    with workspace.database.read() as connection:
        return make_plan(connection, workspace.refresh(connection), snapshot)


def publish(workspace: Workspace, snapshot: Snapshot, request: Request, patience: Patience | None = None) -> Outcome:
    """Plan and apply at once; a snapshot that is live already changes nothing."""
    plan = plan_publish(workspace, snapshot)
    if plan.is_empty:
        return Outcome(plan.before.sequence)
    return apply(workspace, plan, request, patience)


def rollback(workspace: Workspace, request: Request, patience: Patience | None = None) -> Outcome:
    """Undo the last publish."""
    with workspace.database.read() as connection:
        plan = plan_rollback(connection, workspace.refresh(connection))
    return apply(workspace, plan, request, patience)


def apply(workspace: Workspace, plan: Plan, request: Request, patience: Patience | None = None) -> Outcome:
    """Apply a plan that a person has agreed to, and go on with the new snapshot."""
    outcome = apply_plan(workspace.database, workspace.clock, plan, request, patience)
    with workspace.database.read() as connection:
        workspace.refresh(connection)
    return outcome
