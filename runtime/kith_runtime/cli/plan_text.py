"""A plan as people read it: grouped by what changes, one line for each change, and what it means for the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kith_runtime.publish.operations.base import Operation, count_of
from kith_runtime.publish.operations.index import MakeIndex
from kith_runtime.publish.plan import Plan

_INDEXES = ("make_index", "drop_index")


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines of a plan: groups, then warnings, then what stops it, or else how to take it back."""
    if plan.is_empty:
        yield "Nothing to publish: this is live already."
        return
    groups: dict[str, list[Operation]] = {}
    for item in plan.operations:
        groups.setdefault(item.subject, []).append(item)
    for subject in sorted(groups, key=_place):
        yield subject
        yield from (f"  {line}" for line in _group(groups[subject]))
    yield from (f"warning: {line}" for line in plan.warnings)
    yield from (f"stops: {line}" for line in plan.blockers)
    if not plan.blockers:
        yield _summary(plan)


def _place(subject: str) -> tuple[bool, str]:
    """Entities come first; other documents have a kind before their name."""
    return (" " in subject, subject)


def _group(items: Sequence[Operation]) -> Iterator[str]:
    for item in items:
        if item.kind in _INDEXES:
            continue
        yield f"{item.mark} {item.describe()}"
        yield from (f"    {line}" for line in item.warnings)
        if item.destroys:
            yield f"    loses: {item.destroys}; a rollback brings them back"
    made = [item for item in items if isinstance(item, MakeIndex)]
    dropped = sum(item.kind == "drop_index" for item in items)
    if made:
        later = sum(item.later for item in made)
        yield f"+ {_indexes(len(made))}" + (f", {later:,} built after the publish" if later else "")
    if dropped:
        yield f"- {_indexes(dropped)}"


def _indexes(number: int) -> str:
    return "1 index" if number == 1 else f"{number:,} indexes"


def _summary(plan: Plan) -> str:
    changes = count_of(sum(item.kind not in _INDEXES for item in plan.operations), "change")
    lasting = [item for item in plan.operations if not item.reversible]
    if lasting:
        return f"{changes}; {len(lasting):,} of them cannot be taken back."
    return f"{changes}. Reversible: kith rollback takes all of it back, with the data."
