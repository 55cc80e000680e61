"""Options that were renamed while a field or an entity stood aside: what comes back has the names of today.

What is set aside keeps the names of its day, because nothing says any more which options they are. When it comes back,
the renames of all publishes since then are followed, from the snapshots that the history keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kith_metadata.changes import Change
from kith_metadata.diff import backwards, diff
from kith_metadata.kinds.entity import Field
from kith_runtime.publish import store
from kith_runtime.publish.loading import load_snapshot
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.set_aside import TakeBackEntity, TakeBackField
from kith_runtime.publish.renaming import CHOICES, holder_of, options_renamed_in, renamed_options


def returned_options(work: Work, operations: Sequence[Operation], changes: Sequence[Change]) -> Iterator[Operation]:
    """Yield an operation for each choice field that comes back with names of options from another day."""
    for entity, declared, aside in _returning(work, operations):
        names = _names_since(work, holder_of(entity, declared), int(aside.rpartition("@")[2]), changes)
        if names:
            yield options_renamed_in(work, entity, declared, names)


def _returning(work: Work, operations: Sequence[Operation]) -> Iterator[tuple[str, Field, str]]:
    for item in operations:
        if not isinstance(item, (TakeBackEntity, TakeBackField)):
            continue
        stored = work.after.storage.entity(item.subject).fields
        for declared in work.after.snapshot.entity(item.subject).fields.values():
            taken = isinstance(item, TakeBackEntity) or item.field == declared.name
            if taken and declared.type in CHOICES and declared.name in stored:
                yield item.subject, declared, item.from_aside


def _names_since(work: Work, holder: str, sequence: int, changes: Sequence[Change]) -> Mapping[str, str]:
    """Return the former names of options, as they were before a publish, with those that they have now."""
    now: dict[str, str] = {}
    for renamed in (*_earlier(work, holder, sequence), renamed_options(changes).get(holder, {})):
        for old in renamed.keys() - now.values():
            now.setdefault(old, old)
        now = {first: renamed.get(name, name) for first, name in now.items()}
    return {first: name for first, name in now.items() if first != name}


def _earlier(work: Work, holder: str, sequence: int) -> Iterator[Mapping[str, str]]:
    """Yield the renames of each publish from one on, the oldest first; a rollback turns those of another around."""
    held = work.before.snapshot
    for row in reversed(store.load_history(work.connection)):
        if row.sequence < sequence or not row.snapshot_before:
            continue
        pair = (row.snapshot_before, row.snapshot_after)
        before, after = (load_snapshot(work.connection, held.language, item, held) for item in pair)
        steps = diff(before, after) if row.reverses is None else backwards(diff(after, before))
        yield renamed_options(steps).get(holder, {})
