"""Names and dotted paths: which field, option attribute or person's value each of them means."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.nodes import Attribute, Field, Former, Literal, Node, Outer, Person
from kith_metadata.expressions.scope import FORMER, FieldInfo, Scope
from kith_metadata.registry import nearest

Report = Callable[..., None]
Target = tuple[str, str, str]
WORDS: dict[str, tuple[t.Type, Any]] = {
    "true": (t.BOOLEAN, True),
    "false": (t.BOOLEAN, False),
    "blank": (t.BLANK, None),
}
MAX_STEPS = 6
"""The most lookups that one path goes through."""

MAX_LOOKUPS = 30
"""The most different lookups that the paths of one expression go through: each is a join."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an expression names something: `step` names stand before it in the dotted text that begins at `place`.

    `target` is ``("field", entity, name)``, ``("list", entity, lookup)`` or ``("role", name, "")``.
    """

    place: tuple[int, int]
    step: int
    target: Target


class Names:
    """Resolves the names of one expression and remembers what it refers to."""

    def __init__(self, scope: Scope, report: Report, place: Callable[[ast.expr], tuple[int, int]]) -> None:
        self._scope, self.report, self.place = scope, report, place
        self._outer: Names | None = None
        self._depth = 0
        self._aggregates = 0
        self.references: set[tuple[str, ...]] = set()
        self.reads: set[tuple[str, str]] = set()
        self.uses: set[str] = set()
        self.options: dict[str, tuple[str, ...]] = {}
        self._ways: set[tuple[str, ...]] = set()
        self.renamed: list[tuple[tuple[int, int], str, str]] = []
        self.spots: list[Spot] = []

    def resolve(self, node: ast.Name | ast.Attribute, place: tuple[int, int]) -> Node | None:
        """Return the node that a name or a dotted path stands for; report one that stands for nothing."""
        path = dotted(node)
        if path is None:
            self.report(place, "not_allowed", "A dot can only follow the name of a field.",
                         "Values have no methods; use a function, such as lower(name).")  # fmt: skip
            return None
        if path[0] == "me":
            return self._person(path[1:], place)
        if path[0] == "this":
            return self._this(path[1:], place)
        if path[0] == "old":
            return self._former(path[1:], place)
        if path[0] in WORDS and len(path) == 1:
            kind, value = WORDS[path[0]]
            return Literal(kind, place, value)
        return self.path(path, place)

    def inside(self, entity: str) -> Names:
        """Return the names of a record in a list; what they use counts as used by the whole expression."""
        inner = Names(self._scope.related(entity), self.report, self.place)
        inner._outer, inner._depth = self.whole, self._depth + 1
        inner.reads, inner.uses, inner.options, inner.renamed = self.reads, self.uses, self.options, self.renamed
        inner.spots = self.spots
        return inner

    @property
    def whole(self) -> Names:
        """The names of the record that the whole expression is about."""
        return self._outer or self

    @property
    def scope(self) -> Scope:
        """The fields that bare names mean."""
        return self._scope

    def lists_scope(self, path: tuple[str, ...]) -> Scope:
        """Return the scope in which a path to a list begins."""
        return self._outer._scope if path[0] == "this" and self._outer is not None else self._scope

    def may_list(self, place: tuple[int, int], most: int, deepest: int) -> bool:
        """Count one more figure over a list; report when there are too many of them, or too many inside each other."""
        whole = self.whole
        whole._aggregates += 1
        if whole._aggregates > most or self._depth >= deepest:
            said = f"more than {most} figures over lists" if whole._aggregates > most else "lists inside lists of lists"
            self.report(place, "too_many", f"The expression has {said}.", "Move a part into a roll-up field.")
            return False
        return True

    def follow(self, way: tuple[str, ...], place: tuple[int, int], before: int) -> None:
        """Note the lookups that lead to a list, behind ``before`` other names."""
        scope = self._scope
        for taken, step in enumerate(way, 1):
            self.reads.add((scope.entity, step))
            self.note(place, before + taken - 1, ("field", scope.entity, step))
            self._may_join(way[:taken], place)
            info = scope.field(step)
            scope = scope if info is None or info.type.name is None else scope.related(info.type.name)

    def note(self, place: tuple[int, int], step: int, target: Target) -> None:
        """Remember where something is named."""
        self.spots.append(Spot(place, step, target))

    def note_link(self, path: tuple[str, ...]) -> None:
        """Note a field of the record that names several records."""
        self.references.add(path)

    def _this(self, rest: tuple[str, ...], place: tuple[int, int]) -> Node | None:
        whole = self.whole
        node = whole.path(rest, place, ("this",)) if rest else Field(t.record(whole._scope.entity), place, ("id",))
        return node if node is None or self._outer is None else Outer(node.type, place, node, self._depth)

    def _former(self, rest: tuple[str, ...], place: tuple[int, int]) -> Node | None:
        whole = self.whole
        if not self.knows_former("old.", place):
            return None
        if not rest:
            self.report(place, "wrong_type", "'old' is the whole record before the change.", "Name a field: old.name.")
            return None
        node = whole.path(rest, place, ("old",))
        return None if node is None else former(node)

    def knows_former(self, what: str, place: tuple[int, int]) -> bool:
        """Tell whether the place of the expression knows the values before a change; report when it does not."""
        self.uses.add(FORMER)
        if self.whole._scope.offers(FORMER):
            return True
        message = f"'{what}' has no meaning here: there is no change whose former values are known."
        self.report(place, "not_here", message, "It is possible in rules that run when a record is saved.")
        return False

    def path(self, path: tuple[str, ...], place: tuple[int, int], behind: tuple[str, ...] = ()) -> Node | None:
        """Return the node of a path through fields; report one that stands for nothing.

        The text at `place` begins with the names that the path stands `behind`, such as ``this``.
        """
        present = self._present(path)
        if present != path:
            skipped = sum(len(name) + 1 for name in behind)
            at, old, new = (place[0], place[1] + skipped), ".".join(path), ".".join(present)
            self.report(at, "renamed", f"'{old}' is called '{new}' now.", f"Write {new}.")
            self.renamed.append((at, old, new))
        path = present
        scope, info = self._scope, self._field(self._scope, path[0], place, before=len(behind))
        taken = 1
        while info is not None and taken < len(path):
            if info.type.kind == "choice":
                return self._attribute(path, taken, info, place)
            if info.type.kind != "record" or info.type.name is None:
                self._no_step(path, taken, info, place)
                return None
            if taken > MAX_STEPS:
                self.report(place, "too_far", f"'{'.'.join(path)}' goes through {len(path) - 1} lookups; "
                             f"{MAX_STEPS} are possible.", "Add a formula field to the record in between.")  # fmt: skip
                return None
            if not self._may_join(path[:taken], place):
                return None
            scope = scope.related(info.type.name)
            info = self._field(scope, path[taken], place, before=len(behind) + taken)
            taken += 1
        return self._noted(Field(info.type, place, path), info) if info is not None else None

    def _present(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path with fields that were renamed by their present names."""
        found, scope = list(path), self._scope
        for index, step in enumerate(path):
            info = scope.field(step)
            if info is None:
                found[index] = scope.renamed(step) or step
                info = scope.field(found[index])
            if info is None or info.type.kind != "record" or info.type.name is None:
                break
            scope = scope.related(info.type.name)
        return tuple(found)

    def _may_join(self, way: tuple[str, ...], place: tuple[int, int]) -> bool:
        self._ways.add(way)
        if len(self._ways) <= MAX_LOOKUPS:
            return True
        self.report(place, "too_many", f"The paths of this expression go through more than {MAX_LOOKUPS} lookups.",
                     "Move a part into a formula field.")  # fmt: skip
        return False

    def _noted(self, node: Field, info: FieldInfo) -> Field:
        self.references.add(node.path)
        if info.type.name and info.options:
            self.options[info.type.name] = info.options
        return node

    def _attribute(self, path: tuple[str, ...], taken: int, info: FieldInfo, place: tuple[int, int]) -> Node | None:
        name, shown = path[taken], ".".join(path[:taken])
        found = info.attributes.get(name)
        if found is None or taken + 1 < len(path):
            near = nearest(name, tuple(info.attributes))
            hint = f"Did you mean '{shown}.{near}'?" if near else ""
            self.report(place, "unknown_name", f"The options of '{shown}' have no attribute '{name}'.", hint)
            return None
        base = self._noted(Field(info.type, place, path[:taken]), info)
        values = tuple(
            (option, exact.fraction_of(value) if found.type == t.PERCENT and value is not None else value)
            for option, value in found.values.items()
        )
        return Attribute(found.type, place, base, name, values)

    def _person(self, rest: tuple[str, ...], place: tuple[int, int]) -> Node | None:
        self.uses.add("me")
        scope = self._scope.person_scope()
        if not rest:
            return Person(t.record(scope.entity), place, ())
        if len(rest) > 1:
            self.report(place, "too_far", f"'me.{'.'.join(rest)}' goes too far; one step behind me is possible.")
            return None
        if rest[0] == "teams" and scope.field("teams") is None:
            return Person(t.records("base.team"), place, rest)
        info = self._field(scope, rest[0], place, prefix="me.", before=1)
        if info is None:
            return None
        if info.type.name and info.options:
            self.options[info.type.name] = info.options
        return Person(info.type, place, rest)

    def _field(
        self, scope: Scope, name: str, place: tuple[int, int], *, prefix: str = "", before: int = 0
    ) -> FieldInfo | None:
        info = scope.field(name)
        if info is None:
            self.report(place, "unknown_name", f"{scope.entity} has no field '{name}'.",
                         _suggestion(name, scope, prefix))  # fmt: skip
            return None
        self.reads.add((scope.entity, name))
        self.note(place, before, ("field", scope.entity, name))
        return info

    def _no_step(self, path: tuple[str, ...], taken: int, info: FieldInfo, place: tuple[int, int]) -> None:
        shown = ".".join(path[:taken])
        hint = "Use a function, such as lower(name)." if info.type.kind == "text" else ""
        if info.type.kind == "record":
            hint = "It may point to records of several entities, which share no fields; compare it with blank."
        self.report(place, "unknown_name", f"'{shown}' is {info.type} and has no field '{path[taken]}'.", hint)


def former(node: Node) -> Node:
    """Return a path through fields, or an attribute behind one, as it was before the change."""
    if isinstance(node, Attribute):
        return replace(node, base=former(node.base))
    return Former(node.type, node.place, node.path) if isinstance(node, Field) else node


def dotted(node: ast.expr) -> tuple[str, ...] | None:
    """Return the names of a dotted path, or None when something else than a name begins it."""
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(path))


def _suggestion(name: str, scope: Scope, prefix: str) -> str:
    if name in FUNCTIONS:
        return f"'{name}' is a function: write {name}(…)."
    if name.lower() in ("null", "none", "nil", "empty"):
        return "Write blank."
    if not prefix and scope.lists(name):
        return f"'{name}' is a list of records: write count({name}), or any({name}, …)."
    known = scope.names() + (() if prefix else ("blank", "true", "false", "me"))
    behind = [] if prefix else behind_lookups(name, scope)
    if behind:
        way = behind[0].rpartition(".")[0]
        return f"'{name}' is a field of {way}: write {' or '.join(behind[:3])}."
    near = nearest(name, known)
    return f"Did you mean '{prefix}{near}'?" if near else ""


def behind_lookups(name: str, scope: Scope) -> list[str]:
    """Return the ways to a field of this name that lead through one lookup, such as ``account.industry``."""
    found = []
    for lookup in scope.names():
        info = scope.field(lookup)
        if info is None or info.type.kind != "record" or info.type.name is None:
            continue
        if scope.related(info.type.name).field(name) is not None:
            found.append(f"{lookup}.{name}")
    return found
