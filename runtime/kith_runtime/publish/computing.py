"""Which stored formulas and roll-ups a publish has to work out anew, in the order of their needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kith_runtime.computed_graph import ComputedNode, computed_graph
from kith_runtime.publish import facts as database_facts
from kith_runtime.publish.entity_changes import Structure
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.change_type import ChangeType
from kith_runtime.publish.operations.create_entity import CreateEntity
from kith_runtime.publish.operations.fill_computed import FillComputed
from kith_runtime.publish.operations.rename_values import RenameOptions
from kith_runtime.publish.operations.set_aside import TakeBackField


def computed_operations(work: Work, structure: Structure, renames: Sequence[Operation]) -> Iterator[FillComputed]:
    """Yield an operation for each entity and level with stored fields that are new, mean something else, or follow."""
    fresh = {item.subject for item in structure.operations if isinstance(item, CreateEntity)}
    before = {(node.entity, node.name): node for node in computed_graph(work.before.snapshot).nodes()}
    # What is converted may hold other values than before, so what follows from it is worked out again.
    stale = {
        f"{item.subject}.{item.field}" for item in structure.operations if isinstance(item, (ChangeType, TakeBackField))
    }
    stale |= {f"{item.subject}.{item.field}" for item in renames if isinstance(item, RenameOptions)}
    for group in computed_graph(work.after.snapshot).groups:
        entity = group[0].entity
        names = tuple(node.name for node in group if _is_stale(work, node, before, stale))
        stale |= {f"{entity}.{name}" for name in names}
        if not names or entity in fresh:
            continue
        # Also where there is no record yet: some may be made before the publish is applied.
        rows = database_facts.count_rows(work.connection, work.after.storage.entity(entity).table)
        yield FillComputed(subject=entity, rows=rows, fields=names)


def _is_stale(work: Work, node: ComputedNode, before: dict[tuple[str, str], ComputedNode], stale: set[str]) -> bool:
    was = before.get((work.old_name(node.entity), node.name))
    if was is None or was.mark != node.mark:
        return True
    stored, kept = work.before.storage.entity(was.entity), work.after.storage.entity(node.entity)
    if stored.fields.get(node.name) != kept.fields.get(node.name):
        return True
    return not stale.isdisjoint(node.needs())
