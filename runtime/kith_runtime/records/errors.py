"""Why a record could not be written: every problem at once, each with its field, in words for a person.

::

    KithError
    ├── ValidationFailed (Invalid 422)     values that cannot be saved, all of them
    │   └── DeleteRefused                  rules that keep a record from being deleted
    ├── VersionConflict  (Conflict 409)    somebody changed the same fields meanwhile
    │   ├── Stale                          somebody changed a record that is to be deleted
    │   ├── RowGone                        somebody deleted a child row that is to be changed
    │   └── RowsConflict                   any of these in child rows
    ├── Blocked          (Conflict 409)    other records hold on to this one
    └── KeyReused        (Conflict 409)    an idempotency key came again with other values
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kith_platform.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing to fix: the field (``lines.0.quantity`` inside a child row), a stable code, a sentence, what to do."""

    field: str
    code: str
    message: str
    hint: str = ""

    def inside(self, prefix: str) -> FieldProblem:
        """Return the problem as one of a child row."""
        return replace(self, field=f"{prefix}.{self.field}")


class ValidationFailed(Invalid):
    """The values cannot be saved; ``problems`` names each field once or more."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        count = len(self.problems)
        message = first.message if count == 1 else f"{count} things to fix, then it saves."
        super().__init__("validation_failed", message, first.hint if count == 1 else "", first.field)


class DeleteRefused(ValidationFailed):
    """Rules of the entity keep a record from being deleted, or one that would go with it; all of them are told."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(problems)
        self.code = "delete_refused"
        self.message = " ".join(dict.fromkeys(problem.message for problem in self.problems))


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that two people changed at once: what I sent, what is saved now, and what I had started from.

    ``by`` names who changed it last, ``by_id`` is the person's record; blank where it was no person, or is not known.
    """

    field: str
    label: str
    mine: Any
    theirs: Any
    before: Any
    by: str
    at: datetime | None
    by_id: str = ""


class VersionConflict(Conflict):
    """Somebody changed the same fields after the version that the caller had read."""

    def __init__(self, fields: Sequence[FieldConflict], version: int) -> None:
        self.fields = tuple(fields)
        self.version = version
        who = next((item.by for item in self.fields if item.by), "Somebody")
        labels = ", ".join(item.label for item in self.fields)
        super().__init__(
            "version_conflict",
            f"{who} changed {labels} while you were typing." if labels else "The record changed while you were typing.",
            "Look at both values and choose one, or read the record again.",
        )


class Stale(VersionConflict):
    """Somebody changed a record that is to be deleted, after the version that the caller had read.

    ``fields`` are those that the actor may read, with nothing as the caller's own value; none where no history tells.
    """

    def __init__(
        self, noun: str, fields: Sequence[FieldConflict], version: int, last: tuple[str, datetime | None]
    ) -> None:
        super().__init__(fields, version)
        self.by, self.at = last
        labels = ", ".join(item.label for item in self.fields) or f"this {noun}"
        self.message = f"{self.by or 'Somebody'} changed {labels} meanwhile, so this {noun} was not deleted."
        self.hint = "Look at it once more, then delete it."


class RowGone(VersionConflict):
    """Somebody deleted a child row that is to be changed; ``returnable`` tells whether the actor may bring it back."""

    def __init__(self, noun: str, version: int, last: tuple[str, datetime | None], *, returnable: bool) -> None:
        super().__init__((), version)
        self.by, self.at = last
        self.returnable = returnable
        self.message = f"{self.by or 'Somebody'} removed this {noun} while you were typing."
        self.hint = "Bring it back with your changes, or leave it removed." if returnable else "Leave it removed."


class RowsConflict(VersionConflict):
    """Somebody changed or removed child rows meanwhile; ``rows`` names each row (``lines.0``) with its own conflict."""

    def __init__(self, rows: Mapping[str, VersionConflict], version: int) -> None:
        super().__init__([item for conflict in rows.values() for item in conflict.fields], version)
        self.rows = dict(rows)


@dataclass(frozen=True, slots=True)
class Blocker:
    """Records of one entity that keep a record from being deleted; ``hidden`` counts those the actor may not see."""

    entity: str
    label: str
    field: str
    records: tuple[tuple[str, str], ...]
    total: int
    hidden: int = 0


class Blocked(Conflict):
    """The record cannot be deleted because other records need it."""

    def __init__(self, title: str, blockers: Sequence[Blocker]) -> None:
        self.blockers = tuple(blockers)
        parts = ", ".join(f"{blocker.total} {blocker.label}" for blocker in self.blockers)
        verb = "points" if sum(blocker.total for blocker in self.blockers) == 1 else "point"
        super().__init__(
            "delete_blocked",
            f"{title} cannot be deleted: {parts} still {verb} to it.",
            "Change or delete those first.",
        )


class KeyReused(Conflict):
    """An idempotency key was used before, with other values."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_reused",
            "This idempotency key was used before with other values, so nothing was saved.",
            "Send a new key for a new record.",
            "Idempotency-Key",
        )
