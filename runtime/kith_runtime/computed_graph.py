"""Which stored formulas and roll-ups follow from which fields, across all entities, and the order to work them out in.

Everything here follows from the metadata alone; ``records.computed`` keeps the values true. A formula that is not
stored is worked out when it is read, so a stored one that uses it depends on what that one reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kith_metadata.checks.cycles import rings
from kith_metadata.expressions import Checked, ExpressionError, compile_check
from kith_metadata.expressions.nodes import Node, children
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types.lookup import Lookup
from kith_runtime.field_types.scope import entity_scope
from kith_runtime.field_types.system import declared_field, fields_of

_DEEPEST = 12
_SIMPLE_NODES = frozenset({"Literal", "Field", "Attribute", "Items", "Call", "Compare", "Contains", "Logic", "Choose"})


class NotStorable(Exception):
    """The value of a computed field cannot be kept; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Fields of a looked-up record: the lookups that lead there, the entity at their end, and its fields."""

    path: tuple[str, ...]
    holder: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Over:
    """The records that a roll-up takes: their entity, the lookup by which they point, and what of them counts."""

    entity: str
    by: str
    fields: frozenset[str]
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class ComputedNode:
    """A stored formula or roll-up with all that it follows from: own fields, looked-up ones, records that point here.

    ``level`` is above that of every stored field that it uses. ``mark`` is equal as long as the same data give the
    same value.
    """

    entity: str
    name: str
    own: frozenset[str]
    behind: tuple[Behind, ...] = ()
    over: Over | None = None
    mark: str = ""
    level: int = 0

    @property
    def label(self) -> str:
        """The full name, for messages."""
        return f"{self.entity}.{self.name}"

    def needs(self) -> set[str]:
        """Return the full names of all fields that it follows from."""
        names = {f"{self.entity}.{name}" for name in self.own}
        parts = [*self.behind, *(self.over.behind if self.over else ())]
        names |= {f"{part.holder}.{name}" for part in parts for name in part.fields}
        return names | ({f"{self.over.entity}.{name}" for name in self.over.fields} if self.over else set())


@dataclass(frozen=True, slots=True)
class ComputedGraph:
    """All stored computed fields. ``groups`` hold those of one entity and level, in the order to work them out.

    ``sources`` are the entities whose records can change one of them. ``faults`` say why a field cannot be stored and
    ``circles`` name those that need each other.
    """

    groups: tuple[tuple[ComputedNode, ...], ...] = ()
    sources: frozenset[str] = frozenset()
    faults: Mapping[tuple[str, str], str] = field(default_factory=dict)
    circles: tuple[tuple[str, ...], ...] = ()

    def nodes(self) -> Iterator[ComputedNode]:
        """Yield every node in order."""
        for group in self.groups:
            yield from group


def computed_graph(snapshot: Snapshot) -> ComputedGraph:
    """Return the graph of a snapshot, worked out once."""
    return snapshot.derived("computed graph", lambda: _build(snapshot))


def _build(snapshot: Snapshot) -> ComputedGraph:
    found: dict[str, ComputedNode] = {}
    faults: dict[tuple[str, str], str] = {}
    for entity in snapshot.entities():
        for declared in snapshot.entity(entity).fields.values():
            if not getattr(declared.options, "stored", False):
                continue
            try:
                node = _node(snapshot, entity, declared)
            except NotStorable as fault:
                faults[entity, declared.name] = str(fault)
            except (ExpressionError, KeyError):
                # Its own check tells what is wrong with the expression or with what it points to.
                continue
            else:
                found[node.label] = node
    edges = {name: sorted(node.needs() & found.keys()) for name, node in found.items()}
    circles = tuple(tuple(ring) for ring in rings(edges))
    if circles:
        return ComputedGraph(faults=faults, circles=circles)
    return ComputedGraph(_grouped(found, edges), frozenset(_sources(found)), faults)


def _node(snapshot: Snapshot, entity: str, declared: Field) -> ComputedNode:
    reads = _Reads(snapshot)
    own = declared.options
    if declared.type == "formula":
        reads.expression(entity, own.formula, ())
        return ComputedNode(entity, declared.name, *reads.sorted(entity), mark=repr((own, sorted(reads.marks))))
    if own.by == "updated_by":
        raise NotStorable("It counts by who changed a record last, which every change moves. Leave out `stored`.")
    reads.expression(own.over, own.where, ())
    reads.add((), own.over, own.by)
    if own.function != "count":
        reads.path(own.over, (own.field,), ())
    fields, behind = reads.sorted(own.over)
    over = Over(own.over, own.by, fields, behind)
    return ComputedNode(entity, declared.name, frozenset(), over=over, mark=repr((own, sorted(reads.marks))))


@dataclass(slots=True)
class _Reads:
    """Collects what expressions read, formulas that are worked out on reading written out."""

    snapshot: Snapshot
    found: dict[tuple[tuple[str, ...], str], set[str]] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)

    def add(self, path: tuple[str, ...], holder: str, name: str) -> None:
        self.found.setdefault((path, holder), set()).add(name)

    def expression(self, entity: str, text: str, prefix: tuple[str, ...]) -> None:
        if not text:
            return
        if len(prefix) > _DEEPEST:
            raise NotStorable("It goes through too many records or formulas.")
        checked = compile_check(text, entity_scope(self.snapshot, entity))
        _refuse_changing(checked)
        self.marks.add(repr(checked.root))
        for path in checked.references:
            self.path(entity, path, prefix)

    def path(self, entity: str, path: tuple[str, ...], prefix: tuple[str, ...]) -> None:
        holder = entity
        for place, step in enumerate(path[:-1]):
            self.add((*prefix, *path[:place]), holder, step)
            holder = _target(fields_of(self.snapshot, holder)[step])
        last = fields_of(self.snapshot, holder)[path[-1]]
        if last.type == "formula":
            self.expression(holder, last.options.formula, (*prefix, *path[:-1]))
        elif last.type == "rollup":
            raise NotStorable(f"It uses the roll-up '{'.'.join(path)}', which is not stored. Store that one too.")
        elif not field_types[last.type].stored:
            raise NotStorable(f"It uses '{'.'.join(path)}', a list of records. Use a stored roll-up instead.")
        else:
            self.add((*prefix, *path[:-1]), holder, last.name)

    def sorted(self, entity: str) -> tuple[frozenset[str], tuple[Behind, ...]]:
        own = frozenset(self.found.get(((), entity), ()))
        behind = [Behind(path, holder, frozenset(names)) for (path, holder), names in self.found.items() if path]
        return own, tuple(sorted(behind, key=lambda item: (item.path, item.holder)))


def _target(declared: Field) -> str:
    kind = field_types[declared.type]
    return kind.target(declared) if isinstance(kind, Lookup) else ""


def _refuse_changing(checked: Checked) -> None:
    """Refuse what is another value at another time or for another reader."""
    changing = {"me": "the person who reads it", "now": "the time", "today": "the day"}
    changing |= {"roles": "the roles of who reads it", "settings": "settings, which may change"}
    for word, sentence in changing.items():
        if word in checked.uses:
            raise NotStorable(f"It depends on {sentence}, so its value cannot be kept. Leave out `stored`.")
    if "time_zone" in checked.uses:
        raise NotStorable("It depends on the reader's time zone, so its value cannot be kept. Leave out `stored`.")
    for node in _walk(checked.root):
        if type(node).__name__ not in _SIMPLE_NODES:
            raise NotStorable("It goes through a list of records. Use a stored roll-up instead.")


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in children(node):
        yield from _walk(part)


def _grouped(found: dict[str, ComputedNode], edges: dict[str, list[str]]) -> tuple[tuple[ComputedNode, ...], ...]:
    levels: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in levels:
            levels[name] = 1 + max((level(other) for other in edges[name]), default=-1)
        return levels[name]

    groups: dict[tuple[int, str], list[ComputedNode]] = {}
    for name, node in found.items():
        place = level(name)
        placed = ComputedNode(node.entity, node.name, node.own, node.behind, node.over, node.mark, place)
        groups.setdefault((place, node.entity), []).append(placed)
    return tuple(tuple(groups[key]) for key in sorted(groups))


def _sources(found: dict[str, ComputedNode]) -> Iterator[str]:
    for node in found.values():
        yield node.entity
        for part in (*node.behind, *(node.over.behind if node.over else ())):
            yield part.holder
        if node.over is not None:
            yield node.over.entity


def reads_of(snapshot: Snapshot, entity: str, name: str) -> frozenset[tuple[str, str]]:
    """Return the fields that who reads a computed field must be allowed to read, as pairs of entity and field.

    None for other fields, and for one that is computed with full rights. A field of ``me`` is one of all people.
    """
    declared = declared_field(snapshot, entity, name)
    if declared is None or declared.type not in ("formula", "rollup") or declared.options.full_rights:
        return frozenset()
    own = declared.options
    try:
        if declared.type == "formula":
            return _fields_read(snapshot, entity, own.formula)
        by = {(own.over, own.by)} | ({(own.over, own.field)} if own.function != "count" else set())
        return frozenset(by) | (_fields_read(snapshot, own.over, own.where) if own.where else frozenset())
    except ExpressionError:
        # A broken formula has no value that could tell anything.
        return frozenset()


def _fields_read(snapshot: Snapshot, entity: str, text: str) -> frozenset[tuple[str, str]]:
    return compile_check(text, entity_scope(snapshot, entity)).reads


def full_rights(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the full names of the fields that are computed with full rights."""
    return tuple(
        f"{entity}.{name}"
        for entity in snapshot.entities()
        for name, declared in snapshot.entity(entity).fields.items()
        if getattr(declared.options, "full_rights", False)
    )


def stored_problems(declared: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return why a computed field of a snapshot cannot be stored, as field types tell problems of their options."""
    if not getattr(declared.options, "stored", False):
        return ()
    entity = _entity_of(declared, snapshot)
    graph = computed_graph(snapshot)
    found = [graph.faults[entity, declared.name]] if (entity, declared.name) in graph.faults else []
    found += [
        f"These stored fields need each other in a ring: {' → '.join(ring)}. Leave one of them unstored."
        for ring in graph.circles
        if f"{entity}.{declared.name}" in ring
    ]
    if not declared.options.full_rights and any(
        node.behind or node.over for node in graph.nodes() if (node.entity, node.name) == (entity, declared.name)
    ):
        found.append(
            "A value that is stored is the same for everybody, whoever may see the other records that it uses. "
            "Say so with `full_rights: true`."
        )
    for word in ("required", "unique", "external_key", "search"):
        if getattr(declared, word):
            found.append(f"`{word}` is not possible for a value that is worked out.")
    return tuple(("stored", sentence) for sentence in found)


def _entity_of(declared: Field, snapshot: Snapshot) -> str:
    known = [(name, declared_field(snapshot, name, declared.name)) for name in snapshot.entities()]
    same = [name for name, other in known if other is declared] or [name for name, other in known if other == declared]
    return same[0] if same else ""
