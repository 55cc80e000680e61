"""Which records can be judged together: those whose judgement no other record of the same work can change.

Rules, rights and conditions of lookups mostly read the record itself. Where one of them reads another record of the
entities that are written, or a stored value that follows from these, it has to see what the records before it came to:
then they are written one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kith_metadata.expressions import Checked
from kith_metadata.expressions.nodes import Aggregate, Node, children
from kith_metadata.snapshot import Snapshot
from kith_runtime.access.rights import Operation, RightsKey, parent_fields, rights_key, rights_of
from kith_runtime.computed_graph import ComputedNode, computed_graph
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.columns import target_entity
from kith_runtime.records.references import target_of
from kith_runtime.records.rules import rules_of
from kith_runtime.records.writer import EntityWriter, Slot, writer_of
from kith_runtime.scopes import checked_expression, lookup_filter


def judged_apart(ctx: Context, entity: str, fields: frozenset[str]) -> bool:
    """Tell whether changes of these fields of many records of an entity can be judged together."""
    key = rights_key(ctx.actor)
    return ctx.published.compiled(
        ("judged apart", entity, fields, key), lambda: _changes_apart(ctx.published, key, entity, fields)
    )


def allowed_apart(ctx: Context, entity: str, operation: Operation) -> bool:
    """Tell whether the rights to a record of an entity follow from its own fields, whatever happens to others."""
    key = rights_key(ctx.actor)
    return ctx.published.compiled(
        ("allowed apart", entity, operation, key),
        lambda: not _Reads(ctx.published, entity, anywhere=True).rights(key, entity, (operation, "read")),
    )


def _changes_apart(published: Published, key: RightsKey, entity: str, fields: frozenset[str]) -> bool:
    writer, reads = writer_of(published, entity), _Reads(published, entity)
    return not (
        any(reads.meets(entity, checked, mine=True) for checked in judging(published, writer))
        or reads.rights(key, entity, ("read", "update"))
        or any(_points_back(published, key, reads, slot) for slot in writer.slots.values() if slot.name in fields)
        or any(_filter_meets(published, reads, slot) for slot in writer.slots.values())
    )


def judging(published: Published, writer: EntityWriter) -> Iterator[Checked]:
    """Yield the expressions that are worked out when a record is saved."""
    rules = rules_of(published, writer)
    yield from (condition.checked for condition in (*rules.required.values(), *rules.read_only.values()))
    yield from (condition.checked for offers in rules.offered.values() for condition in offers.values())
    yield from (refusal.condition.checked for refusal in rules.refusals)
    for action in rules.actions:
        if action.when is not None:
            yield action.when.checked
        yield from (assigned.checked for assigned in action.values.values())


def _points_back(published: Published, key: RightsKey, reads: _Reads, slot: Slot) -> bool:
    """Tell whether the right to choose a record hangs on what is written."""
    if slot.field.type == "any_lookup":
        named = tuple(slot.field.options.to)
        targets = published.snapshot.entities() if slot.field.options.activities else named
    elif slot.field.type in ("lookup", "lookups", "owner"):
        targets = (target_of(slot),)
    else:
        return False
    return any(reads.rights(key, target, ("read", "update")) for target in targets)


def _filter_meets(published: Published, reads: _Reads, slot: Slot) -> bool:
    limit = lookup_filter(published, reads.entity, slot.field)
    if limit is None:
        return False
    # What the condition asks of the record around is its own; the records to choose from are others.
    return reads.meets(slot.field.options.to, limit, mine=False) or any(len(path) > 1 for path in limit.around)


@dataclass(slots=True)
class _Reads:
    """Looks for what reads a record of ``entity`` other than the one that is judged, or what follows from one.

    With ``anywhere`` records of all entities count.
    """

    published: Published
    entity: str
    anywhere: bool = False
    _moved: frozenset[tuple[str, str]] | None = field(default=None)

    @property
    def snapshot(self) -> Snapshot:
        return self.published.snapshot

    def meets(self, holder: str, checked: Checked, *, mine: bool) -> bool:
        """Tell whether an expression over a record of ``holder`` does; ``mine`` is the one that is judged."""
        lists = any(isinstance(node, Aggregate) for node in _walk(checked.root))
        if lists:
            return any(self._field(entity, name, mine=False) for entity, name in checked.reads)
        return any(self._path(holder, path, mine=mine) for path in checked.references)

    def rights(self, key: RightsKey, entity: str, operations: Iterable[Operation]) -> bool:
        """Tell whether the rights to a record of an entity do, with those to the records that it is part of."""
        asked, pending, seen = tuple(operations), [entity], set[str]()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            rights = rights_of(self.published, key, name)
            mine = name == entity == self.entity
            needed: tuple[Operation, ...] = ("read", *asked) if name == entity else ("read", "update", *asked)
            for scope in (rights.scope(operation) for operation in needed):
                if not mine and name == self.entity and not scope.everything:
                    return True
                if any(self.meets(name, condition, mine=mine) for condition in scope.conditions):
                    return True
            parents = [item.options.to for item in parent_fields(self.snapshot, name)]
            if name in parents:
                return True
            pending.extend(parents)
        return False

    def _path(self, holder: str, path: tuple[str, ...], *, mine: bool) -> bool:
        for place, step in enumerate(path):
            if self._field(holder, step, mine=mine and place == 0):
                return True
            if place < len(path) - 1:
                declared = fields_of(self.snapshot, holder).get(step)
                holder = "" if declared is None else target_entity(declared)
                if not holder:
                    return True
        return False

    def _field(self, holder: str, name: str, *, mine: bool) -> bool:
        if not mine and (self.anywhere or holder == self.entity):
            return True
        if (holder, name) in self.moved():
            return True
        declared = fields_of(self.snapshot, holder).get(name)
        if declared is None or getattr(declared.options, "stored", False):
            return False
        if declared.type == "formula":
            formula = checked_expression(self.published, holder, declared.options.formula)
            return self.meets(holder, formula, mine=mine)
        if declared.type == "rollup":
            return self._rollup(declared.options)
        return False

    def _rollup(self, options: object) -> bool:
        over, where = str(getattr(options, "over", "")), str(getattr(options, "where", ""))
        names = [str(getattr(options, part, "")) for part in ("by", "field")]
        if any(self._field(over, name, mine=False) for name in names if name):
            return True
        return bool(where) and self.meets(over, checked_expression(self.published, over, where), mine=False)

    def moved(self) -> frozenset[tuple[str, str]]:
        """Return the stored values that change when another record of the entity does."""
        if self._moved is None:
            found: set[tuple[str, str]] = set()
            for node in computed_graph(self.snapshot).nodes():
                if self._follows(node, {f"{entity}.{name}" for entity, name in found}):
                    found.add((node.entity, node.name))
            self._moved = frozenset(found)
        return self._moved

    def _follows(self, node: ComputedNode, moved: set[str]) -> bool:
        parts = [*node.behind, *(node.over.behind if node.over else ())]
        if self.anywhere and (parts or node.over):
            return True
        return (
            (node.over is not None and node.over.entity == self.entity)
            or any(part.holder == self.entity for part in parts)
            or not moved.isdisjoint(node.needs())
        )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in children(node):
        yield from _walk(part)
