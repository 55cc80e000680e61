"""Rename a field, an option, an entity or a role in the YAML: where it is declared, and wherever it is named.

What names it is known from the type checker and not from the text, so a word that happens to be the same stays.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kith_metadata.check import CheckResult
from kith_metadata.documents import Document, is_name
from kith_metadata.expressions import ExpressionError
from kith_metadata.expressions.naming import Naming, naming_of
from kith_metadata.graph import Walk
from kith_metadata.kinds.entity import RESERVED_FIELDS
from kith_metadata.layered import Layered, at
from kith_metadata.occurrences import Occurrence
from kith_metadata.patches import steps_of
from kith_metadata.rename_edits import Edit, Found, Line, Renaming, written
from kith_metadata.rename_expressions import Renames, with_new_names
from kith_metadata.rename_patches import meaning, patch_keys
from kith_metadata.uses import Target
from kith_metadata.yaml_reader import Path

__all__ = ["CannotRename", "Renaming", "affected_files", "rename", "target_of"]

_KINDS = ("entity", "role")
_NOUNS = {"entity": "an entity", "role": "a role", "option": "an option", "field": "a field"}
_DEFAULT_TITLE = "name"


class CannotRename(ValueError):
    """Why something cannot be renamed: a sentence for the maker."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is called how from now on: ``new`` is the bare name, without app or entity."""

    target: Target
    new: str

    @property
    def old(self) -> str:
        """The bare name of today."""
        kind, holder, name = self.target
        return holder.rpartition(".")[2] if kind in _KINDS else name

    @property
    def full(self) -> str:
        """The new name of an entity or a role with its app."""
        return f"{self.target[1].partition('.')[0]}.{self.new}"

    @property
    def renames(self) -> Renames:
        """The change as expressions follow it."""
        kind, holder, name = self.target
        return Renames(
            fields={(holder, name): self.new} if kind == "field" else {},
            options={(holder, name): self.new} if kind == "option" else {},
            entities={holder: self.full} if kind == "entity" else {},
            roles={holder: self.full} if kind == "role" else {},
        )


@dataclass(frozen=True, slots=True)
class _Declared:
    """Where something is declared: the key at a path, or with ``path`` a kind alone, the name of a document."""

    document: Document
    path: Path
    at_key: bool
    inside: Path
    was: str


def target_of(result: CheckResult, path: str) -> Target:
    """Return what a path means: ``sales.deal``, ``sales.rep``, ``sales.deal.amount``, ``sales.stage.won`` or, for an
    option of a field's own, ``sales.deal.kind.new``.

    ``entity:``, ``role:``, ``field:`` or ``option:`` before it says which is meant where two have one name. Raises
    :class:`CannotRename`.
    """
    kind, colon, bare = path.rpartition(":")
    found = [target for target in _meanings(result, bare) if not colon or target[0] == kind]
    if len(found) == 1:
        return found[0]
    if found:
        shown = " or ".join(f"{target[0]}:{bare}" for target in found)
        raise CannotRename(f"'{path}' can mean {' or '.join(_NOUNS[target[0]] for target in found)}. Write {shown}.")
    raise CannotRename(_unknown(result, bare))


def _meanings(result: CheckResult, path: str) -> Iterator[Target]:
    partial = result.partial
    above, _, name = path.rpartition(".")
    for kind in _KINDS:
        if partial.has(kind, path):
            yield kind, path, ""
    if partial.has("entity", above) and name in partial.entity(above).fields:
        yield "field", above, name
    if partial.has("option_set", above) and name in partial.option_set(above).options:
        yield "option", above, name
    entity, _, field = above.rpartition(".")
    if partial.has("entity", entity) and name in _own_options(result, entity, field):
        yield "option", above, name


def _own_options(result: CheckResult, entity: str, field: str) -> Collection[str]:
    declared = result.partial.entity(entity).fields.get(field)
    options: Collection[str] = getattr(declared.options, "options", ()) if declared is not None else ()
    return options


def _unknown(result: CheckResult, path: str) -> str:
    above, _, name = path.rpartition(".")
    entity, _, field = above.rpartition(".")
    if result.partial.has("entity", above):
        return f"There is no field '{name}' in {above}."
    if result.partial.has("option_set", above):
        return f"There is no option '{name}' in {above}."
    if result.partial.has("entity", entity):
        declared = result.partial.entity(entity).fields.get(field)
        shared = getattr(declared.options, "options_from", "") if declared is not None else ""
        if shared:
            return f"The options of '{field}' are those of {shared}. Rename {shared}.{name}."
        return f"There is no option '{name}' in {above}."
    return f"There is no entity, role, field or option '{path}'."


def rename(result: CheckResult, target: Target, new: str, texts: Mapping[str, str]) -> Renaming:
    """Return what is to be written so that something has another name and keeps its data.

    ``texts`` are the files as they are, by the names that the check gave them. Raises :class:`CannotRename`.

    The declaration gets ``was:``, by which the next publish knows the data; a rename back to the former name takes it
    out again. What cannot be changed in place for sure, such as a name with escapes, is listed in ``by_hand``.
    """
    change = _Change(target, new)
    declared = _declaration(result, change)
    found = Found()
    _declare(found, declared, change)
    walk = Walk(result, covered=True)
    for layered, named, use in walk.every_reference():
        if named == target:
            document, path = layered.source(use.steps)
            if use.step is None:
                if use.at_key and path[-1] != use.text:
                    continue  # a dotted key of a patch, of which all steps are looked at below
                after = change.full if "." in use.text else change.new
                found.add(Edit(document, path, use.at_key, use.text, after))
            elif use.at_key:
                _rename_key(found, document, path, (use.text, new))
            else:
                found.add_step(document, (path, False), use.text, (use.step, new))
    for layered, occurrence in walk.every_occurrence():
        if occurrence.declared.expression:
            _expression(walk, (layered, occurrence), change, found)
    for layered in result.provenance.values():
        if layered.kind == "data":
            _data(walk, layered, change, found)
    _patches(result, walk, change, found)
    _title(result, change, found)
    return written(found, texts)


# ---- where it is declared -------------------------------------------------------------------------------------------


def _declaration(result: CheckResult, change: _Change) -> _Declared:
    kind, _, old = change.target
    noun = _NOUNS[kind].partition(" ")[2]
    if not is_name(change.new) or (kind == "field" and change.new in RESERVED_FIELDS):
        raise CannotRename(
            f"'{change.new}' cannot be the name of {_NOUNS[kind]}. Use lower-case letters, digits and _."
        )
    if kind in _KINDS:
        return _document(result, change, noun)
    layered, path = _item(result, change.target)
    items = at(layered.data, path) or {}
    holder = ".".join([layered.full_name, *map(str, path[1:-1])])
    if change.new in items:
        raise CannotRename(f"{holder} has {_NOUNS[kind]} '{change.new}' already.")
    was = str((items.get(old) or {}).get("was") or "")
    document, inner = layered.source((*path, old))
    return _Declared(document, inner, True, inner, _former(was, change))


def _document(result: CheckResult, change: _Change, noun: str) -> _Declared:
    kind, full, _ = change.target
    layered = result.provenance[f"{kind}:{full}"]
    taken = next((name for name in result.partial.names(kind) if name.rpartition(".")[2] == change.new), "")
    if taken:
        raise CannotRename(f"There is {_NOUNS[kind]} {taken} already; a {noun} called so too could be taken for it.")
    was = str(layered.data.get("was") or "").rpartition(".")[2]
    return _Declared(layered.document, (kind,), False, (), _former(was, change))


def _item(result: CheckResult, target: Target) -> tuple[Layered, Path]:
    kind, holder, _ = target
    if kind == "field":
        return result.provenance[f"entity:{holder}"], ("fields",)
    if f"option_set:{holder}" in result.provenance:
        return result.provenance[f"option_set:{holder}"], ("options",)
    entity, _, field = holder.rpartition(".")
    return result.provenance[f"entity:{entity}"], ("fields", field, "options")


def _former(was: str, change: _Change) -> str:
    if was and was != change.new:
        raise CannotRename(
            f"'{change.old}' was renamed before. Publish that, take `was` out, and rename it then; or rename it back to"
            f" '{was}' first."
        )
    return was


def _declare(found: Found, declared: _Declared, change: _Change) -> None:
    document, path = declared.document, declared.path
    if declared.at_key:
        _rename_key(found, document, path, (change.old, change.new))
    else:
        found.add(Edit(document, path, False, change.old, change.new))
    found.lines.append(Line(document, declared.inside, "was", "" if declared.was else change.old))


def _rename_key(found: Found, document: Document, path: Path, names: tuple[str, str]) -> None:
    """Rename what a key names; in a patch it may be the end of a dotted path."""
    old, new = names
    key = str(path[-1])
    found.add_step(document, (path, True), key, (key.count(".") - old.count("."), new))


def _title(result: CheckResult, change: _Change, found: Found) -> None:
    """Say the title where the field ``name`` names the records unsaid, and leave it unsaid again on the way back."""
    kind, entity, old = change.target
    if kind != "field" or _DEFAULT_TITLE not in (old, change.new):
        return
    layered = result.provenance[f"entity:{entity}"]
    given = layered.data.get("title")
    if given is None and old == _DEFAULT_TITLE:
        found.lines.append(Line(layered.document, (), "title", change.new))
    elif given == old and change.new == _DEFAULT_TITLE and list(layered.document.data)[:1] == ["title"]:
        found.edits.pop((id(layered.document), ("title",), False), None)
        found.lines.append(Line(layered.document, (), "title"))


# ---- what names it --------------------------------------------------------------------------------------------------


def _expression(walk: Walk, where: tuple[Layered, Occurrence], change: _Change, found: Found) -> None:
    layered, occurrence = where
    naming = walk.naming(layered, occurrence)
    if naming is None:
        return
    document, path = layered.source(occurrence.path)
    after = with_new_names(naming, change.renames, lambda kind: walk.holders(layered, occurrence, naming, kind))
    _mend(found, (document, path), naming, after)


def _mend(found: Found, where: tuple[Document, Path], naming: Naming, after: str | None, head: str = "") -> None:
    document, path = where
    if after is None:
        found.by_hand.append(document.places.value(path))
    else:
        found.add(Edit(document, path, False, head + naming.text, head + after))


def _data(walk: Walk, layered: Layered, change: _Change, found: Found) -> None:
    """In data, a text that starts with ``=`` is an expression."""
    of = walk.entity(str(layered.data.get("entity")), layered.app)
    scope = walk.scope(of)
    for record, values in layered.data.get("records", {}).items():
        for name, value in (values or {}).items():
            if scope is None or not isinstance(value, str) or not value.startswith("="):
                continue
            try:
                naming = naming_of(value[1:].strip(), scope)
            except ExpressionError:
                continue
            after = with_new_names(naming, change.renames, partial(walk.holders_of, naming.reads))
            head = value[: len(value) - len(value[1:].lstrip())]
            _mend(found, layered.source(("records", record, name)), naming, after, head)


def _patches(result: CheckResult, walk: Walk, change: _Change, found: Found) -> None:
    texts = {edit.before: edit.after for edit in found.edits.values() if not edit.at_key}
    for app in result.loaded.apps:
        for document in app.patches:
            of = str(document.data.get("of"))
            target = next((item for item in result.provenance.values() if _is_of(walk, item, document, of)), None)
            if (document.name, target and target.full_name) == change.target[:2] and not change.target[2]:
                found.add(Edit(document, ("of",), False, of, change.full if "." in of else change.new))
            if target is not None:
                _keys(walk, (target, document), change, found)
                _seen(document, texts, found)


def _is_of(walk: Walk, layered: Layered, patch: Document, of: str) -> bool:
    return layered.kind == patch.name and layered.full_name == walk.document(patch.name, of, patch.app)


def _keys(walk: Walk, where: tuple[Layered, Document], change: _Change, found: Found) -> None:
    target, document = where
    for key in patch_keys(document):
        steps = (key.text,) if key.whole else tuple(map(str, steps_of(key.text)))
        for number in range(len(steps)):
            if meaning(walk, target, document.app, (*key.above, *steps[: number + 1])) != change.target:
                continue
            if change.target[0] in _KINDS and key.whole:
                after = change.full if "." in key.text else change.new
                found.add(Edit(document, key.path, key.at_key, key.text, after))
            else:
                found.add_step(document, (key.path, key.at_key), key.text, (number, change.new))


def _seen(patch: Document, texts: Mapping[str, str], found: Found) -> None:
    """What a patch saw below follows, so that it need not be looked at again."""
    pending: list[tuple[Path, object]] = [(("saw",), patch.data.get("saw"))]
    while pending:
        path, value = pending.pop()
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending += [((*path, key), item) for key, item in pairs]
        if isinstance(value, str) and value in texts:
            found.add(Edit(patch, path, False, value, texts[value]))


def affected_files(result: CheckResult) -> Sequence[str]:
    """Return the names of all files that were read, as the check gives them."""
    every = ((*app.documents, *app.patches, app.document) for app in result.loaded.apps)
    return sorted({document.file for document in itertools.chain.from_iterable(every) if document is not None})
