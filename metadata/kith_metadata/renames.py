"""Rename a field in the YAML: its declaration, and every expression, list and key that names it, where it is written.

Texts are changed name by name at their places, so that comments, quotes and the breaks of lines stay as they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kith_metadata.check import CheckResult
from kith_metadata.documents import Document, is_name
from kith_metadata.expressions import ExpressionError, FieldInfo, ListInfo, Scope, compile_check
from kith_metadata.graph import Walk, uses
from kith_metadata.issues import Place
from kith_metadata.kinds.entity import RESERVED_FIELDS
from kith_metadata.layered import Layered
from kith_metadata.occurrences import Occurrence
from kith_metadata.scalars import Scalars
from kith_metadata.yaml_reader import Path

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMED = frozenset({"fields", "columns", "elements"})


class CannotRename(ValueError):
    """Why a field cannot be renamed: a sentence for the maker."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text to be replaced in a document: the value at a path, or its key with ``at_key``."""

    document: Document
    path: Path
    at_key: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """What a rename changes: the new texts by file, and the places that somebody has to look at themselves."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    by_hand: tuple[Place, ...] = ()

    @property
    def diff(self) -> str:
        """The changes of all files, as programs and people read them."""
        lines: list[str] = []
        for file, text in self.after.items():
            old, new = self.before[file].splitlines(keepends=True), text.splitlines(keepends=True)
            lines += difflib.unified_diff(old, new, file, file, n=0)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


@dataclass(slots=True)
class _Found:
    edits: dict[tuple[int, Path, bool], Edit] = field(default_factory=dict)
    by_hand: list[Place] = field(default_factory=list)

    def add(self, edit: Edit) -> None:
        self.edits[id(edit.document), edit.path, edit.at_key] = edit


def rename_field(result: CheckResult, entity: str, old: str, new: str, texts: Mapping[str, str]) -> Renaming:
    """Return what is to be written so that a field has another name and keeps its data.

    ``texts`` are the files as they are, by the names that the check gave them. Raises :class:`CannotRename`.

    The declaration gets ``was:``, by which the next publish knows the column. What cannot be changed in place for sure,
    such as a name in a text with escapes, is listed in ``by_hand``.
    """
    declared = _declaration(result, entity, old, new)
    found = _Found()
    _references(result, (entity, old, new), found)
    walk = Walk(result)
    for layered, occurrence in walk.every_occurrence():
        if occurrence.declared.expression and isinstance(occurrence.value, str) and occurrence.value:
            _expression(walk, (layered, occurrence), (entity, old, new), found)
    for layered in result.provenance.values():
        if layered.kind == "data":
            _data(walk, layered, (entity, old, new), found)
    _patches(result, (entity, old, new), found)
    return _written(found, declared, (old, new), texts)


def _declaration(result: CheckResult, entity: str, old: str, new: str) -> tuple[Document, Path]:
    layered = result.provenance.get(f"entity:{entity}")
    fields = layered.data.get("fields", {}) if layered is not None else {}
    if layered is None or old not in fields:
        raise CannotRename(f"There is no field '{old}' in {entity}.")
    if not is_name(new) or new in RESERVED_FIELDS:
        raise CannotRename(f"'{new}' cannot be the name of a field. Use lower-case letters, digits and _.")
    if new in fields:
        raise CannotRename(f"{entity} has a field '{new}' already.")
    if (fields[old] or {}).get("was"):
        raise CannotRename(f"'{old}' was renamed before. Publish that, take `was` out, and rename it then.")
    document, path = layered.source(("fields", old))
    if path != ("fields", old):
        raise CannotRename(f"'{old}' is written by a patch in {document.file}. Rename it there.")
    return document, path


# ---- what names the field -------------------------------------------------------------------------------------------


def _references(result: CheckResult, names: tuple[str, str, str], found: _Found) -> None:
    entity, old, new = names
    for use in uses(result).get(("field", entity, old), ()):
        if use.step is None:
            continue
        layered = result.provenance[use.document]
        sign = "-" if use.text.startswith("-") else ""
        steps = use.text.removeprefix("-").split(".")
        steps[use.step] = new
        document, path = layered.source(use.steps)
        found.add(Edit(document, path, use.at_key, use.text, sign + ".".join(steps)))


def _expression(walk: Walk, where: tuple[Layered, Occurrence], names: tuple[str, str, str], found: _Found) -> None:
    layered, occurrence = where
    placed = walk.placed(layered, occurrence)
    if placed is None:
        return
    scope, expected, around = placed
    text = occurrence.value
    try:
        reads = compile_check(text, scope, expected, around).reads
    except ExpressionError:
        return
    if names[:2] not in reads:
        return
    document, path = layered.source(occurrence.path)
    mended = _mended(text, reads, names, (scope, around))
    if mended:
        found.add(Edit(document, path, False, text, mended))
    else:
        found.by_hand.append(layered.value_place(occurrence.path))


def _mended(
    text: str, reads: frozenset[tuple[str, str]], names: tuple[str, str, str], scopes: tuple[Scope, Scope | None]
) -> str:
    """Return an expression with the new name; empty when it is not sure what to change."""
    entity, old, new = names
    scope, around = (None if item is None else _Renamed(item, entity, old, new) for item in scopes)
    try:
        if scope is not None:
            compile_check(text, scope, None, around)
    except ExpressionError as error:
        if error.mended:
            return error.mended
    if any(name == old and holder != entity for holder, name in reads) or f'"{old}' in text or f"'{old}" in text:
        return ""
    return re.sub(rf"\b{old}\b", new, text)


class _Renamed:
    """A scope in which the field has its new name already, so that the checker says where the old one stands."""

    def __init__(self, scope: Scope, entity: str, old: str, new: str) -> None:
        self._scope, self._names = scope, (entity, old, new)

    @property
    def entity(self) -> str:
        return self._scope.entity

    def field(self, name: str) -> FieldInfo | None:
        entity, old, new = self._names
        if self.entity == entity and name in (old, new):
            return None if name == old else self._scope.field(old)
        return self._scope.field(name)

    def renamed(self, name: str) -> str:
        entity, old, new = self._names
        return new if (self.entity, name) == (entity, old) else self._scope.renamed(name)

    def names(self) -> tuple[str, ...]:
        return self._scope.names()

    def related(self, entity: str) -> Scope:
        return _Renamed(self._scope.related(entity), *self._names)

    def person_scope(self) -> Scope:
        return _Renamed(self._scope.person_scope(), *self._names)

    def lists(self, name: str) -> tuple[ListInfo, ...]:
        return self._scope.lists(name)

    def list_names(self) -> tuple[str, ...]:
        return self._scope.list_names()

    def offers(self, feature: str) -> bool:
        return self._scope.offers(feature)

    def offering(self, *features: str) -> Scope:
        return _Renamed(self._scope.offering(*features), *self._names)

    def roles(self) -> tuple[str, ...]:
        return self._scope.roles()

    def setting(self, name: str) -> FieldInfo | None:
        return self._scope.setting(name)

    def settings(self) -> tuple[str, ...]:
        return self._scope.settings()


def _data(walk: Walk, layered: Layered, names: tuple[str, str, str], found: _Found) -> None:
    """In data, a text that starts with ``=`` is an expression."""
    entity, old, _ = names
    of = walk.entity(str(layered.data.get("entity")), layered.app)
    scope = walk.scope(of)
    for record, values in layered.data.get("records", {}).items():
        for name, value in (values or {}).items():
            document, path = layered.source(("records", record, name))
            if scope is None or not isinstance(value, str) or not value.startswith("="):
                continue
            try:
                reads = compile_check(value[1:].strip(), scope).reads
            except ExpressionError:
                continue
            if (entity, old) in reads:
                mended = _mended(value[1:].strip(), reads, names, (scope, None))
                head = value[: len(value) - len(value[1:].lstrip())]
                found.add(Edit(document, path, False, value, head + mended))


def _patches(result: CheckResult, names: tuple[str, str, str], found: _Found) -> None:
    """Patches name what they change by dotted paths: ``fields.amount.label``, ``columns.amount``."""
    entity, old, new = names
    for app in result.loaded.apps:
        for document in app.patches:
            target = result.provenance.get(f"{document.name}:{document.data.get('of')}")
            if target is None or _entity_of(result, target) != entity:
                continue
            for action, written in document.data.items():
                keys = written if isinstance(written, (dict, list)) else ()
                for index, key in enumerate(keys):
                    after = _path_with(str(key), old, new)
                    if after != key:
                        path: Path = (action, index if isinstance(written, list) else str(key))
                        found.add(Edit(document, path, isinstance(written, dict), str(key), after))


def _entity_of(result: CheckResult, target: Layered) -> str:
    if target.kind == "entity":
        return target.full_name
    named = target.data.get("entity")
    return Walk(result).entity(named, target.app) if isinstance(named, str) else ""


def _path_with(path: str, old: str, new: str) -> str:
    steps = path.split(".")
    return ".".join(
        new if step == old and index and steps[index - 1] in _NAMED else step for index, step in enumerate(steps)
    )


# ---- the new texts --------------------------------------------------------------------------------------------------


def _written(
    found: _Found, declared: tuple[Document, Path], names: tuple[str, str], texts: Mapping[str, str]
) -> Renaming:
    old, new = names
    changes: dict[str, list[tuple[int, int, str]]] = {}
    by_hand = list(found.by_hand)
    read: dict[str, Scalars] = {}
    document, path = declared
    for edit in (*found.edits.values(), Edit(document, path, True, old, new)):
        file = edit.document.file
        scalars = read.setdefault(file, Scalars(texts[file]))
        spans = _spans(scalars, edit)
        if spans is None:
            by_hand.append(edit.document.places.value(edit.path))
        else:
            changes.setdefault(file, []).extend(spans)
    scalars = read[document.file]
    changes[document.file].append(scalars.inserted(document.places, path, f"was: {old}"))
    after = {file: _applied(texts[file], set(spans)) for file, spans in sorted(changes.items())}
    return Renaming({file: texts[file] for file in after}, after, tuple(sorted(set(by_hand))))


def _spans(scalars: Scalars, edit: Edit) -> list[tuple[int, int, str]] | None:
    """Return which parts of a file become what; None when the text in the file does not read as its value does."""
    span = scalars.span(edit.document.places, edit.path, edit.at_key)
    if span is None:
        return None
    start, end = span
    written = list(_NAME.finditer(scalars.text[start:end]))
    before, after = (_NAME.findall(text) for text in (edit.before, edit.after))
    if [match[0] for match in written] != before or len(before) != len(after):
        return None
    return [
        (start + match.start(), start + match.end(), name)
        for match, name in zip(written, after, strict=True)
        if match[0] != name
    ]


def _applied(text: str, spans: set[tuple[int, int, str]]) -> str:
    for start, end, written in sorted(spans, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def affected_files(result: CheckResult) -> Sequence[str]:
    """Return the names of all files that were read, as the check gives them."""
    return sorted({document.file for document in _documents(result)})


def _documents(result: CheckResult) -> Iterator[Any]:
    for app in result.loaded.apps:
        yield from app.documents
        yield from app.patches
        if app.document is not None:
            yield app.document
