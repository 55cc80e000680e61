"""The checked tree: the kinds of typed nodes that all engines run, and its form as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kith_metadata.expressions import wire
from kith_metadata.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a checked expression: its type and where it stands in the text (line, column)."""

    type: Type
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value that is written in the expression; None is blank."""

    value: Any


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field of the record, or of a record that it looks up: ("amount",) or ("account", "industry")."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """An attribute of the option that `base` holds; `values` maps the options to its values in expression form."""

    base: Node
    name: str
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Person(Node):
    """Something about the person who acts: () is the person's record, ("teams",) the teams, ("region",) a field."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list of literals, the right side of `in`."""

    items: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An operation by its name in the table of operators ("number.add") or of functions ("lower")."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison of two values: `operator` is one of == != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Contains(Node):
    """Membership: `item` in `container`, which is a list, a choices field, a list of records or a text."""

    item: Node
    container: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`operator` is and, or, not; `not` has one operand. The result is always yes or no, never blank."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """`chosen` if `condition` holds, else `otherwise`; the other one is not evaluated."""

    condition: Node
    chosen: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """A figure over a list of records: `name` is one of count sum min max avg any all first.

    `path` leads to the list as written: ("tasks",) or ("account", "tasks"). The list holds the records of `entity`
    whose lookup `by` points here, or, with `ours`, those that the record's own field `by` names. `value` (None for
    count, any and all, and for the first record itself) and `condition` (None: all of them) are of the listed record.
    """

    name: str
    path: tuple[str, ...]
    entity: str
    by: str
    ours: bool
    value: Node | None
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Outer(Node):
    """Inside an aggregate: `base` of the record around the list, `up` lists further out; written `this.amount`."""

    base: Node
    up: int


@dataclass(frozen=True, slots=True)
class Former(Node):
    """A field as it was before the change: `old.amount`; blank for a new record."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed(Node):
    """Whether a field differs from what it was before: `is_changed(amount)`; no for a new record."""

    field: Node
    former: Node


@dataclass(frozen=True, slots=True)
class Around(Node):
    """What the surroundings tell: `name` is is_new (no `argument`), has_role (a role) or setting (its name)."""

    name: str
    argument: str


KINDS: dict[str, type[Node]] = {
    kind.__name__.lower(): kind
    for kind in (
        Literal, Field, Attribute, Person, Items, Call, Compare, Contains, Logic, Choose, Aggregate, Outer, Former,
        Changed, Around,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed expression, ready for every engine.

    `references` are the paths of fields as written from the record; `reads` the same as (entity, field) pairs, with
    every step, with the fields of `me` and of listed records; `uses` names what it takes from its surroundings: me,
    now, today, roles, settings, former. `around` are the paths of the record around: of the one whose lookup is filled
    in, where the expression is a condition on the records that can be chosen.
    """

    root: Node
    references: frozenset[tuple[str, ...]]
    reads: frozenset[tuple[str, str]]
    uses: frozenset[str]
    around: frozenset[tuple[str, ...]] = frozenset()

    @property
    def type(self) -> Type:
        """The type of the result."""
        return self.root.type

    def to_json(self) -> dict[str, Any]:
        """Return the tree as plain JSON, the form in which it is stored and sent to a browser."""
        return {
            "root": _encode(self.root),
            "references": sorted(list(path) for path in self.references),
            "reads": sorted(list(pair) for pair in self.reads),
            "uses": sorted(self.uses),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Checked:
        """Read what `to_json` wrote; raise KeyError for a node kind that does not exist."""
        return Checked(
            _decode(data["root"]),
            frozenset(tuple(path) for path in data["references"]),
            frozenset((entity, name) for entity, name in data["reads"]),
            frozenset(data["uses"]),
        )


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in the order of the text."""
    found: list[Node] = []
    for member in fields(node):
        value = getattr(node, member.name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, Node))
    return tuple(found)


def _encode(value: Any) -> Any:
    if isinstance(value, Node):
        data: dict[str, Any] = {"node": type(value).__name__.lower()}
        for member in fields(value):
            data[member.name] = _encode(getattr(value, member.name))
        return data
    if isinstance(value, Type):
        return value.to_json()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return wire.encode(value)


def _decode(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_decode(item) for item in data)
    if not isinstance(data, Mapping):
        return data
    if wire.is_encoded(data):
        return wire.decode(data)
    if "node" in data:
        return KINDS[data["node"]](**{name: _decode(item) for name, item in data.items() if name != "node"})
    return Type.from_json(data)
