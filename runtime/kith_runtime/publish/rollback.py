"""Undo the last publish: a publish of the snapshot before it, with its renames turned around."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from kith_platform.errors import Conflict
from kith_runtime.publish import store
from kith_runtime.publish.loading import load_snapshot
from kith_runtime.publish.plan import Plan, make_plan
from kith_runtime.publish.store import PublishRow
from kith_runtime.published import Published


def plan_rollback(connection: Connection, before: Published) -> Plan:
    """Return the plan that undoes the newest publish which is not undone yet.

    What was set aside comes back with its data; what was added is set aside; values of a changed type are converted
    back where they changed since. Raises Conflict when there is nothing to undo.
    """
    undone = last_to_undo(store.load_history(connection))
    if undone is None:
        raise Conflict(
            "nothing_to_undo",
            "There is no publish to undo: the first one made the system itself.",
            "Look at kith history.",
        )
    snapshot = load_snapshot(connection, before.snapshot.language, undone.snapshot_before, before.snapshot)
    return make_plan(connection, before, snapshot, undone.sequence)


def last_to_undo(history: Sequence[PublishRow]) -> PublishRow | None:
    """Return the newest publish that no rollback has undone, or None; the first publish cannot be undone.

    ``history`` is newest first.
    """
    standing: list[PublishRow] = []
    for row in reversed(history):
        if row.reverses is None:
            standing.append(row)
        elif standing:
            standing.pop()
    return standing[-1] if len(standing) > 1 else None
