"""Who uses what: every field, entity, option and role with the expressions and references that name it, with places.

It falls out of the type checker: a name in an expression is a user of the field that it means, also behind lookups and
inside lists. So a deletion can list all users, and a rename can say what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kith_metadata.check import CheckResult
from kith_metadata.checks.expressions import SCOPE_WORDS, around_at, assigned_type, expectation, place_in_text, scope_at
from kith_metadata.expressions import ExpressionError, Problem, Scope, Type
from kith_metadata.expressions.naming import Naming, naming_of
from kith_metadata.layered import Layered, base_of, dotted
from kith_metadata.occurrences import Occurrence, occurrences
from kith_metadata.references import References, Unresolved
from kith_metadata.shapes import Shapes
from kith_metadata.uses import Target, Use, names_outside_properties
from kith_metadata.yaml_reader import Path


def uses(result: CheckResult) -> Mapping[Target, tuple[Use, ...]]:
    """Return the users of everything in the order of their places; what is broken uses nothing."""
    found: dict[Target, set[Use]] = {}
    for target, use in Walk(result).every():
        found.setdefault(target, set()).add(use)
    return {target: tuple(sorted(users)) for target, users in found.items()}


class Walk:
    """Goes through every property of a checked language, with what its names and expressions may mean.

    With ``covered``, documents that patches change are gone through as they are written too.
    """

    def __init__(self, result: CheckResult, *, covered: bool = False) -> None:
        self._result = result
        self._layered = list(result.provenance.values())
        if covered:
            self._layered += [base_of(layered.document) for layered in self._layered if layered.below]
        self._language = result.partial.language
        self._shapes = Shapes(self._language)
        documents = [layered.document for layered in result.provenance.values()]
        names = ((document.kind, document.full_name) for document in documents)
        self._references = References(names, result.loaded.visible)

    def every(self) -> Iterator[tuple[Target, Use]]:
        """Yield every use of something."""
        for layered, occurrence in self.every_occurrence():
            if _is_expression(occurrence):
                yield from self._expression(layered, occurrence)
        yield from ((target, use) for _, target, use in self.every_reference())

    def every_reference(self) -> Iterator[tuple[Layered, Target, Use]]:
        """Yield every use that is no part of an expression, with the document."""
        for layered, occurrence in self.every_occurrence():
            if not _is_expression(occurrence):
                yield from ((layered, target, use) for target, use in self._reference(layered, occurrence))
        for layered in self._layered:
            for target, use in names_outside_properties(self, layered):
                if target[1]:
                    yield layered, target, use

    def every_occurrence(self) -> Iterator[tuple[Layered, Occurrence]]:
        """Yield every property that a document gives, with the document."""
        for layered in self._layered:
            for occurrence in occurrences(self._shapes, self._references, layered):
                yield layered, occurrence

    def entity(self, name: str, app: str) -> str:
        """Return the full name of an entity as an app names it; empty when there is none."""
        return self.document("entity", name, app)

    def role(self, name: str, app: str) -> str:
        """Return the full name of a role as an app names it, also of one on which the app does not stand; else nothing.

        The people of an app may have roles of others.
        """
        return name if self._references.has("role", name) else self.document("role", name, app)

    def document(self, kind: str, name: str, app: str) -> str:
        """Return the full name of a document as an app names it; empty when there is none."""
        found = self._references.find(kind, name, app)
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

    def naming(self, layered: Layered, occurrence: Occurrence) -> Naming | None:
        """Return what an expression names; None for one that is broken or speaks of nothing."""
        text = occurrence.value
        placed = self.placed(layered, occurrence) if isinstance(text, str) and text else None
        if placed is None:
            return None
        taker = self._taker(layered, occurrence)
        try:
            return naming_of(text, *placed, result=assigned_type(placed[0], taker) if taker else None)
        except ExpressionError:
            return None

    def _taker(self, layered: Layered, occurrence: Occurrence) -> str:
        """Return the field of the same entity that takes the value of an expression; empty when none does."""
        if occurrence.declared.expression == "assignment":
            return str(occurrence.path[-1])
        default = occurrence.declared.name == "default_formula" and layered.kind == "entity"
        return str(occurrence.path[1]) if default else ""

    def holders(self, layered: Layered, occurrence: Occurrence, naming: Naming, type_name: str) -> tuple[str, ...]:
        """Return whose options a text of an expression can be: a set's, or those of fields with options of their own.

        They are of one field, unless the expression compares fields that share a name and lie in several entities.
        """
        taker = self._taker(layered, occurrence)
        return self.holders_of({*naming.reads, *([(occurrence.entity, taker)] if taker else [])}, type_name)

    def holders_of(self, fields: Iterable[tuple[str, str]], type_name: str) -> tuple[str, ...]:
        """Return whose options those of a type can be, among some fields as (entity, name)."""
        if self._result.partial.has("option_set", type_name):
            return (type_name,)
        found = {self.holder(*pair) for pair in fields if self._type_name(*pair) == type_name}
        return tuple(sorted(found - {""}))

    def holder(self, entity: str, name: str) -> str:
        """Return what holds the options of a choice field, ``sales.stage`` or ``sales.deal.kind``; else nothing."""
        partial = self._result.partial
        found = partial.entity(entity).fields.get(name) if partial.has("entity", entity) else None
        if found is None or not hasattr(found.options, "options_from"):
            return ""
        return str(found.options.options_from or f"{entity}.{name}")

    def _type_name(self, entity: str, name: str) -> str:
        scope = self.scope(entity)
        info = None if scope is None else scope.field(name)
        return "" if info is None else info.type.name or ""

    def _expression(self, layered: Layered, occurrence: Occurrence) -> Iterator[tuple[Target, Use]]:
        naming = self.naming(layered, occurrence)
        if naming is None:
            return
        told: set[Target] = set()
        for named in naming.names:
            place = place_in_text(layered, occurrence.path, Problem(*named.place, "", ""))
            use = Use(place, layered.document.key, dotted(occurrence.path), naming.text)
            for target in self._meant(layered, occurrence, naming, named.target):
                told.add(target)
                yield target, use
        whole = Use(layered.value_place(occurrence.path), layered.document.key, dotted(occurrence.path), naming.text)
        for entity, name in naming.reads:
            if ("field", entity, name) not in told:
                yield ("field", entity, name), whole

    def _meant(self, layered: Layered, occurrence: Occurrence, naming: Naming, target: Target) -> Iterator[Target]:
        kind, first, second = target
        if kind == "option":
            for holder in self.holders(layered, occurrence, naming, first):
                yield "option", holder, second
        elif kind == "list":
            yield "entity", first, ""
            yield "field", first, second
        else:
            yield target

    def _reference(self, layered: Layered, occurrence: Occurrence) -> Iterator[tuple[Target, Use]]:
        refers, named = occurrence.declared.refers, occurrence.declared.name
        by_key = named in ("columns", "elements") and isinstance(occurrence.value, dict)
        if refers in ("entity", "role", "entity keys"):
            yield from self._documents(layered, occurrence, refers.removesuffix(" keys"))
        elif by_key or refers in ("field", "sort", "field keys"):
            yield from self._fields(layered, occurrence, occurrence.entity)
        elif named in ("by", "field") and isinstance(occurrence.value, str):
            other = occurrence.item.get("over") or occurrence.item.get("entity")
            found = self.entity(other, layered.layer(occurrence.path)) if isinstance(other, str) else ""
            if found:
                yield from self._fields(layered, occurrence, found)

    def _documents(self, layered: Layered, occurrence: Occurrence, kind: str) -> Iterator[tuple[Target, Use]]:
        for name, path in _named(occurrence):
            found = self._references.find(kind, name, layered.layer(path))
            if not isinstance(found, Unresolved):
                at_key = isinstance(occurrence.value, dict)
                place = layered.place(path) if at_key else layered.value_place(path)
                yield (kind, found, ""), Use(place, layered.document.key, dotted(path), name, path, at_key)

    def _fields(self, layered: Layered, occurrence: Occurrence, entity: str) -> Iterator[tuple[Target, Use]]:
        for name, path in _named(occurrence):
            if occurrence.declared.name == "elements" and not _is_of_field(occurrence.value[name]):
                continue
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


def _is_expression(occurrence: Occurrence) -> bool:
    return bool(occurrence.declared.expression) and not isinstance(occurrence.value, dict)


def _is_of_field(element: Mapping[str, Any] | None) -> bool:
    """Tell whether an element of a form is the field of its own name."""
    found = element or {}
    return (found.get("element") or "field") == "field" and not found.get("field")


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
