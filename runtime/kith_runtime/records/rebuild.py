"""Work out every stored formula and roll-up anew and tell which records held something else: none, when all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from kith_metadata.registry import nearest
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Invalid
from kith_runtime.computed_graph import computed_graph
from kith_runtime.context import Context
from kith_runtime.records.recompute import BATCH, differing, next_records, recompute

Begin = Callable[[], AbstractContextManager[Context]]
"""Begins a transaction; each batch has its own, so that nobody waits for the whole."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was found for stored fields of one entity: how many records, and the ids of those that differed."""

    entity: str
    fields: tuple[str, ...]
    records: int
    differing: tuple[str, ...]


def rebuild(begin: Begin, snapshot: Snapshot, only: str = "", *, check: bool = False) -> Iterator[Rebuilt]:
    """Work through the stored fields in the order of their needs, or those of ``only``: an entity, or one field of it.

    With ``check`` nothing is written. Raises :class:`Invalid` for a name that has none.
    """
    for entity, fields in _chosen(snapshot, only):
        count, after = 0, ""
        wrong: list[str] = []
        while True:
            with begin() as ctx:
                records = next_records(ctx, entity, after)
                wrong += (differing if check else recompute)(ctx, entity, fields, records) if records else ()
            count += len(records)
            if len(records) < BATCH:
                break
            after = records[-1]
        yield Rebuilt(entity, fields, count, tuple(wrong))


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
