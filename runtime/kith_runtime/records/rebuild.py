"""Work out every stored formula and roll-up anew and tell which records held something else: none, when all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from kith_metadata.registry import nearest
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Invalid
from kith_runtime.computed_graph import computed_graph
from kith_runtime.context import Context
from kith_runtime.records.recompute import BATCH, differing, next_records, recompute

Batch = tuple[list[str], list[str]]
"""The ids of some records, and of those among them that differed."""

Save = Callable[[Callable[[Context], Batch]], Batch]
"""Runs one batch in a transaction of its own, so that nobody waits for the whole; it may run it again."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was found for stored fields of one entity: how many records, and the ids of those that differed."""

    entity: str
    fields: tuple[str, ...]
    records: int
    differing: tuple[str, ...]


def rebuild(save: Save, snapshot: Snapshot, only: str = "", *, check: bool = False) -> Iterator[Rebuilt]:
    """Work through the stored fields in the order of their needs, or those of ``only``: an entity, or one field of it.

    With ``check`` nothing is written. Raises :class:`Invalid` for a name that has none.
    """
    for entity, fields in _chosen(snapshot, only):
        count, after = 0, ""
        wrong: list[str] = []
        while True:
            records, differed = save(partial(_batch, (entity, fields, after), check))
            wrong += differed
            count += len(records)
            if len(records) < BATCH:
                break
            after = records[-1]
        yield Rebuilt(entity, fields, count, tuple(wrong))


def _batch(place: tuple[str, tuple[str, ...], str], check: bool, ctx: Context) -> Batch:
    entity, fields, after = place
    records = list(next_records(ctx, entity, after))
    return records, list((differing if check else recompute)(ctx, entity, fields, records)) if records else []


def _chosen(snapshot: Snapshot, only: str) -> list[tuple[str, tuple[str, ...]]]:
    groups = computed_graph(snapshot).groups
    found = [
        (group[0].entity, names)
        for group in groups
        if (names := tuple(node.name for node in group if only in ("", node.entity, node.label)))
    ]
    if only and not found:
        known = sorted({name for group in groups for node in group for name in (node.entity, node.label)})
        near = nearest(only, known)
        hint = f"Did you mean '{near}'?" if near else f"There are: {', '.join(known) or 'none'}."
        raise Invalid("nothing_stored", f"'{only}' has no stored formula or roll-up.", hint)
    return found
