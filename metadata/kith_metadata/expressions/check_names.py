"""Names and dotted paths: which field, option attribute or person's value each of them means."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.nodes import Attribute, Field, Literal, Node, Person
from kith_metadata.expressions.scope import FieldInfo, Scope
from kith_metadata.registry import nearest

Report = Callable[..., None]
WORDS: dict[str, tuple[t.Type, Any]] = {
    "true": (t.BOOLEAN, True),
    "false": (t.BOOLEAN, False),
    "blank": (t.BLANK, None),
}
MAX_STEPS = 1


class Names:
    """Resolves the names of one expression and remembers what it refers to."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self._scope, self._report = scope, report
        self.references: set[tuple[str, ...]] = set()
        self.reads: set[tuple[str, str]] = set()
        self.uses: set[str] = set()
        self.options: dict[str, tuple[str, ...]] = {}

    def resolve(self, node: ast.Name | ast.Attribute, place: tuple[int, int]) -> Node | None:
        """Return the node that a name or a dotted path stands for; report one that stands for nothing."""
        path = dotted(node)
        if path is None:
            self._report(place, "not_allowed", "A dot can only follow the name of a field.",
                         "Values have no methods; use a function, such as lower(name).")  # fmt: skip
            return None
        if path[0] == "me":
            return self._person(path[1:], place)
        if path[0] in WORDS and len(path) == 1:
            kind, value = WORDS[path[0]]
            return Literal(kind, place, value)
        return self._path(path, place)

    def _path(self, path: tuple[str, ...], place: tuple[int, int]) -> Node | None:
        scope, info = self._scope, self._field(self._scope, path[0], place)
        taken = 1
        while info is not None and taken < len(path):
            if info.type.kind == "choice":
                return self._attribute(path, taken, info, place)
            if info.type.kind != "record" or info.type.name is None:
                self._no_step(path, taken, info, place)
                return None
            if taken > MAX_STEPS:
                self._report(place, "too_far", f"'{'.'.join(path)}' goes through {len(path) - 1} lookups; "
                             f"{MAX_STEPS} is possible.", "Add a formula field to the record in between.")  # fmt: skip
                return None
            scope = scope.related(info.type.name)
            info = self._field(scope, path[taken], place)
            taken += 1
        return self._noted(Field(info.type, place, path), info) if info is not None else None

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
            self._report(place, "unknown_name", f"The options of '{shown}' have no attribute '{name}'.", hint)
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
            self._report(place, "too_far", f"'me.{'.'.join(rest)}' goes too far; one step behind me is possible.")
            return None
        if rest[0] == "teams" and scope.field("teams") is None:
            return Person(t.records("base.team"), place, rest)
        info = self._field(scope, rest[0], place, prefix="me.")
        if info is None:
            return None
        if info.type.name and info.options:
            self.options[info.type.name] = info.options
        return Person(info.type, place, rest)

    def _field(self, scope: Scope, name: str, place: tuple[int, int], prefix: str = "") -> FieldInfo | None:
        info = scope.field(name)
        if info is None:
            self._report(place, "unknown_name", f"{scope.entity} has no field '{name}'.",
                         _suggestion(name, scope, prefix))  # fmt: skip
            return None
        self.reads.add((scope.entity, name))
        return info

    def _no_step(self, path: tuple[str, ...], taken: int, info: FieldInfo, place: tuple[int, int]) -> None:
        shown = ".".join(path[:taken])
        hint = "Use a function, such as lower(name)." if info.type.kind == "text" else ""
        if info.type.kind == "record":
            hint = "A lookup that may point to several entities has no common fields."
        self._report(place, "unknown_name", f"'{shown}' is {info.type} and has no field '{path[taken]}'.", hint)


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
    known = scope.names() + (() if prefix else ("blank", "true", "false", "me"))
    near = nearest(name, known)
    return f"Did you mean '{prefix}{near}'?" if near else ""
