"""Expressions whose error could show a value that the reader may not see."""

from __future__ import annotations

from collections.abc import Iterable

from kith_metadata.expressions import EvaluationError
from kith_metadata.snapshot import Snapshot
from kith_runtime.computed_graph import reads_of
from kith_runtime.field_types.system import declared_field

Reads = Iterable[tuple[str, str]]
"""Fields that an expression reads, each as ``(entity, name)``."""


def said(snapshot: Snapshot, reads: Reads, error: EvaluationError) -> str:
    """Return the message of an error value as the reader of what an expression reads may be told it.

    Where a field of it, or what that one follows from, is worked out with more rights than the reader's, values are
    left out of the message.
    """
    return error.general if comes_from_more(snapshot, reads) else str(error)


def comes_from_more(snapshot: Snapshot, reads: Reads, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Tell whether fields are worked out with full rights, themselves or through the formulas that they use."""
    return any(_has_more(snapshot, which, seen) for which in reads if which not in seen)


def _has_more(snapshot: Snapshot, which: tuple[str, str], seen: frozenset[tuple[str, str]]) -> bool:
    declared = declared_field(snapshot, *which)
    if declared is None or declared.type not in ("formula", "rollup"):
        return False
    if declared.options.full_rights or declared.options.stored:
        return True
    return comes_from_more(snapshot, reads_of(snapshot, *which), seen | {which})
