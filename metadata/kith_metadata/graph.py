"""Who uses what: every field, entity, option and role with the expressions and references that name it, with places.

It falls out of the type checker: a name in an expression is a user of the field that it means, also behind lookups and
inside lists. So a deletion can list all users, and a rename can say what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from kith_metadata.check import CheckResult
from kith_metadata.checks.expressions import SCOPE_WORDS, around_at, assigned_type, expectation, place_in_text, scope_at
from kith_metadata.expressions import Checked, ExpressionError, Problem, Scope, Type, compile_check, nodes
from kith_metadata.issues import Place
from kith_metadata.layered import Layered, dotted
from kith_metadata.occurrences import Occurrence, occurrences
from kith_metadata.references import References, Unresolved
from kith_metadata.shapes import Shapes
from kith_metadata.yaml_reader import Path

Target = tuple[str, str, str]
"""What is used: ``("field", "sales.deal", "amount")``, ``("option", "sales.deal_stage", "won")``,
``("entity", "sales.deal", "")`` or ``("role", "sales.rep", "")``."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One place that names something: where it stands, in which document and property, and what is written there."""

    place: Place
    document: str
    path: str
    text: str
    steps: Path = field(default=(), compare=False)
    """The path with its steps, for a name that is no part of an expression."""
    at_key: bool = field(default=False, compare=False)
    step: int | None = field(default=None, compare=False)
    """Which step of a name such as ``account.name`` is meant."""

    def __str__(self) -> str:
        return f"{self.place}: {self.document} {self.path}: {self.text}"


def uses(result: CheckResult) -> Mapping[Target, tuple[Use, ...]]:
    """Return the users of everything in the order of their places; what is broken uses nothing."""
    found: dict[Target, set[Use]] = {}
    for target, use in Walk(result).every():
        found.setdefault(target, set()).add(use)
    return {target: tuple(sorted(users)) for target, users in found.items()}


class Walk:
    """Goes through every property of a checked language, with what its names and expressions may mean."""

    def __init__(self, result: CheckResult) -> None:
        self._result = result
        self._language = result.partial.language
        self._shapes = Shapes(self._language)
        documents = [layered.document for layered in result.provenance.values()]
        names = ((document.kind, document.full_name) for document in documents)
        self._references = References(names, result.loaded.visible)

    def every(self) -> Iterator[tuple[Target, Use]]:
        """Yield every use of something."""
        for layered, occurrence in self.every_occurrence():
            if occurrence.declared.expression and not isinstance(occurrence.value, dict):
                yield from self._expression(layered, occurrence)
            else:
                yield from self._reference(layered, occurrence)
        for layered in self._result.provenance.values():
            yield from self._keys_of_records(layered) if layered.kind == "data" else self._stages(layered)

    def _keys_of_records(self, layered: Layered) -> Iterator[tuple[Target, Use]]:
        entity = self.entity(str(layered.data.get("entity")), layered.app)
        for record, values in layered.data.get("records", {}).items():
            for name in values or ():
                path: Path = ("records", record, name)
                use = Use(layered.place(path), layered.document.key, dotted(path), name, path, True, 0)
                yield ("field", entity, name), use

    def _stages(self, layered: Layered) -> Iterator[tuple[Target, Use]]:
        """A field that is required from a stage names the choice field and its option: ``stage.proposal``."""
        for holder, item in (layered.data.get("fields") or {}).items() if layered.kind == "entity" else ():
            for index, stage in enumerate((item or {}).get("required_from") or ()):
                path: Path = ("fields", holder, "required_from", index)
                use = Use(layered.value_place(path), layered.document.key, dotted(path), str(stage), path, False, 0)
                yield ("field", layered.full_name, str(stage).partition(".")[0]), use

    def every_occurrence(self) -> Iterator[tuple[Layered, Occurrence]]:
        """Yield every property that a document gives, with the document."""
        for layered in self._result.provenance.values():
            for occurrence in occurrences(self._shapes, self._references, layered):
                yield layered, occurrence

    def entity(self, name: str, app: str) -> str:
        """Return the full name of an entity as an app names it; empty when there is none."""
        found = self._references.find("entity", name, app)
        return "" if isinstance(found, Unresolved) else found

    def scope(self, entity: str) -> Scope | None:
        """Return what expressions on an entity may name; None for one that is not known."""
        known = self._result.partial.has("entity", entity)
        return scope_at(self._language, self._result.partial, entity) if known else None

    def placed(self, layered: Layered, occurrence: Occurrence) -> tuple[Scope, Type | None, Scope | None] | None:
        """Return what an expression may name, the type that it must give, and what `this` means; None for no one."""
        entity, expected = expectation(self._references, layered, occurrence)
        if occurrence.value in SCOPE_WORDS or not self._result.partial.has("entity", entity):
            return None
        scope = scope_at(self._language, self._result.partial, entity, occurrence.declared)
        if scope is None:
            return None
        if occurrence.declared.expression == "assignment":
            expected = assigned_type(scope, str(occurrence.path[-1]))
        return scope, expected, around_at(self._language, self._result.partial, occurrence)

    def _expression(self, layered: Layered, occurrence: Occurrence) -> Iterator[tuple[Target, Use]]:
        text = occurrence.value
        placed = self.placed(layered, occurrence) if isinstance(text, str) and text else None
        if placed is None:
            return
        try:
            checked = compile_check(text, *placed)
        except ExpressionError:
            return
        for target, (line, column) in _targets(checked):
            place = place_in_text(layered, occurrence.path, Problem(line, column, "", ""))
            yield target, Use(place, layered.document.key, dotted(occurrence.path), text)

    def _reference(self, layered: Layered, occurrence: Occurrence) -> Iterator[tuple[Target, Use]]:
        refers, named = occurrence.declared.refers, occurrence.declared.name
        by_key = named in ("columns", "elements") and isinstance(occurrence.value, dict)
        if refers in ("entity", "role", "entity keys"):
            yield from self._documents(layered, occurrence, refers.removesuffix(" keys"))
        elif by_key or refers in ("field", "sort", "field keys"):
            yield from self._fields(layered, occurrence, occurrence.entity)
        elif named in ("by", "field") and isinstance(occurrence.value, str):
            other = occurrence.item.get("over") or occurrence.item.get("entity")
            found = self._references.find("entity", other, layered.app) if isinstance(other, str) else None
            if found is not None and not isinstance(found, Unresolved):
                yield from self._fields(layered, occurrence, found)

    def _documents(self, layered: Layered, occurrence: Occurrence, kind: str) -> Iterator[tuple[Target, Use]]:
        for name, path in _named(occurrence):
            found = self._references.find(kind, name, layered.layer(path))
            if not isinstance(found, Unresolved):
                yield (kind, found, ""), Use(layered.value_place(path), layered.document.key, dotted(path), name)

    def _fields(self, layered: Layered, occurrence: Occurrence, entity: str) -> Iterator[tuple[Target, Use]]:
        for name, path in _named(occurrence):
            current = entity
            for number, step in enumerate(name.removeprefix("-").split(".")):
                known = self._result.partial.has("entity", current)
                found = self._result.partial.entity(current).fields.get(step) if known else None
                if found is None:
                    break
                at_key = isinstance(occurrence.value, dict)
                place = layered.place(path) if at_key else layered.value_place(path)
                use = Use(place, layered.document.key, dotted(path), name, path, at_key, number)
                yield ("field", current, step), use
                target = getattr(found.options, "to", "")
                current = target if isinstance(target, str) else ""


def _named(occurrence: Occurrence) -> Iterator[tuple[str, Path]]:
    value = occurrence.value
    if isinstance(value, str):
        yield value, occurrence.path
        return
    pairs = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, item in pairs:
        name = item if isinstance(value, list) else key
        if isinstance(name, str):
            yield name, (*occurrence.path, key)


def _targets(checked: Checked) -> Iterator[tuple[Target, tuple[int, int]]]:
    """Yield what an expression uses, each with the place where it is named."""
    places: dict[str, tuple[int, int]] = {}
    for node in walk(checked.root):
        for step in getattr(node, "path", ()):
            places.setdefault(step, node.place)
        if isinstance(node, nodes.Aggregate):
            places.setdefault(node.by, node.place)
            yield ("entity", node.entity, ""), node.place
        elif isinstance(node, nodes.Around) and node.name == "has_role":
            yield ("role", node.argument, ""), node.place
        elif isinstance(node, nodes.Literal) and node.type.kind in ("choice", "choices") and node.value:
            yield ("option", node.type.name or "", str(node.value)), node.place
    for entity, name in sorted(checked.reads):
        yield ("field", entity, name), places.get(name, (1, 1))


def walk(root: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a node and every part of it."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        for member in fields(node):
            value: Any = getattr(node, member.name)
            if isinstance(value, nodes.Node):
                pending.append(value)
            elif isinstance(value, tuple):
                pending.extend(item for item in value if isinstance(item, nodes.Node))
