"""Fold the layers over each other: base, apps in their order, the customer's own.

A patch changes single properties by stable names and never copies a document. Each entry ends as *kept*, *diverged*
(what it saw below has changed since; it still applies) or *orphaned* (its target is gone; it is set aside).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.documents import Document
from kith_metadata.issues import Issue, Place
from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.form import Element
from kith_metadata.kinds.role import Grant
from kith_metadata.kinds.view import Column
from kith_metadata.layer_rules import loosened, refused
from kith_metadata.layered import Layered, Written, at, base_of, dotted
from kith_metadata.load import AppSource, Loaded
from kith_metadata.locate import Located, Lost, locate
from kith_metadata.patches import Entry, plain_entries, roots, saw_of, shape_issues
from kith_metadata.references import References, Unresolved
from kith_metadata.resolve import plain
from kith_metadata.shape_check import ShapeCheck
from kith_metadata.shape_words import Finding
from kith_metadata.shapes import Shapes
from kith_metadata.yaml_reader import Path

_NAMED_BY_REFERENCE = (Element, Column, Grant)
"""Items whose names are those of fields and entities, so that a customer's ones need no ``x_``."""


@dataclass(frozen=True, slots=True, eq=False)
class PatchResult:
    """What became of one entry of a patch: ``kept``, ``diverged`` or ``orphaned``."""

    target: str
    path: str
    action: str
    status: str
    layer: str
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """The documents with all layers, what became of each patch, and what was wrong."""

    layered: Mapping[str, Layered]
    results: tuple[PatchResult, ...]
    issues: tuple[Issue, ...]
    broken: frozenset[str]


def fold(
    documents: Iterable[Document], loaded: Loaded, shapes: Shapes, broken: frozenset[str], references: References
) -> Folded:
    """Return every document with the layers above it applied; patches of broken documents wait."""
    folding = _Folding({document.key: base_of(document) for document in documents}, loaded, shapes, references)
    for app in loaded.apps:
        for patch in app.patches:
            folding.patch(app, patch, broken)
    folding.hide_fields()
    folding.check_shapes()
    return Folded(folding.layered, tuple(folding.results), tuple(folding.issues), frozenset(folding.broken))


class _Folding:
    """The state of one fold."""

    def __init__(self, layered: dict[str, Layered], loaded: Loaded, shapes: Shapes, references: References) -> None:
        self.layered, self.shapes = layered, shapes
        self._loaded, self._references = loaded, references
        self.results: list[PatchResult] = []
        self.issues: list[Issue] = []
        self.broken: set[str] = set()
        self._patched: set[str] = set()
        self._hidden_fields: dict[str, dict[str, Entry]] = {}

    def patch(self, app: AppSource, patch: Document, broken: frozenset[str]) -> None:
        """Apply one patch document."""
        if not patch.sound:
            return
        wrong = list(shape_issues(patch, self.shapes.language.kinds))
        if wrong:
            self.issues.extend(wrong)
            return
        found = self._references.find(patch.name, patch.data["of"], app.name)
        if isinstance(found, Unresolved):
            self._without_target(patch, found)
            return
        key = f"{patch.name}:{found}"
        if key in broken or key not in self.layered:
            return
        target = self.layered[key]
        if target.app == app.name:
            message = f"'{found}' belongs to the same app; a patch changes documents of the apps below."
            self.issues.append(Issue("KM080", patch.places.value(("of",)), message, "Change the document itself."))
            return
        if key not in self._patched:
            target.data = copy.deepcopy(target.data)
            self._patched.add(key)
        _Applying(self, app, target, patch).run()

    def _without_target(self, patch: Document, found: Unresolved) -> None:
        place = patch.places.value(("of",))
        if found.code == "KM051":
            self.issues.append(Issue(found.code, place, found.message, found.hint, "of"))
            return
        message = f"This patch is set aside: {found.message[0].lower()}{found.message[1:]}"
        self.issues.append(Issue("KM085", place, message, found.hint, "of", severity="warning"))
        entries = [*roots(patch, "set"), *roots(patch, "add"), *plain_entries(patch)]
        for entry in entries:
            self.result(f"{patch.name}:{patch.data['of']}", entry, "orphaned")

    def result(self, key: str, entry: Entry, status: str) -> None:
        """Note what became of an entry."""
        app = entry.document.app
        self.results.append(PatchResult(key, dotted(entry.path), entry.action, status, app, entry.place))

    def note_hidden(self, target: Layered, entry: Entry) -> None:
        """Remember a hidden field, so that forms and views lose it once all layers are there."""
        self._hidden_fields.setdefault(target.full_name, {})[str(entry.path[-1])] = entry

    def ordered(self, lower: str, higher: str) -> bool:
        """Tell whether one app stands on the other, directly or not."""
        return lower == higher or lower in self._loaded.visible.get(higher, ())

    def hide_fields(self) -> None:
        """Take hidden fields out of forms and views; their data stays."""
        for item in self.layered.values():
            entity = item.data.get("entity")
            if not self._hidden_fields or item.kind not in ("form", "view") or not isinstance(entity, str):
                continue
            found = self._references.find("entity", entity, item.app)
            hidden = self._hidden_fields.get(found, {}) if isinstance(found, str) else {}
            if hidden:
                if item.key not in self._patched:
                    item.data = copy.deepcopy(item.data)
                _take_fields_out(item, item.data, (), hidden)

    def check_shapes(self) -> None:
        """Check patched documents again: a value may be wrong in itself or in its place."""
        checker = ShapeCheck(self.shapes)
        for key in sorted(self._patched):
            item = self.layered[key]

            def report(path: Path, finding: Finding, item: Layered = item) -> None:
                self.broken.add(item.key)
                place = item.place(path) if finding.code in ("KM013", "KM014", "KM020") else item.value_place(path)
                self.issues.append(Issue(finding.code, place, finding.message, finding.hint, dotted(path)))

            checker.check(self.shapes.language.kinds[item.kind], item.data, (), report)


class _Applying:
    """One patch document on its target."""

    def __init__(self, folding: _Folding, app: AppSource, target: Layered, patch: Document) -> None:
        self._folding, self._app, self._target, self._patch = folding, app, target, patch
        self._shapes = folding.shapes
        self._cls = self._shapes.language.kinds[target.kind]
        self._saw = saw_of(patch)
        self._before = copy.deepcopy(target.data) if self._saw else {}

    def run(self) -> None:
        for action in ("set", "add"):
            for root in roots(self._patch, action):
                for entry in self._leaves(root):
                    self._apply(entry)
        for entry in plain_entries(self._patch):
            self._apply(entry)

    def _leaves(self, entry: Entry) -> Iterator[Entry]:
        """Take a map apart as far as the target has items and properties of its own."""
        located = locate(self._shapes, self._cls, self._target.data, entry.path) if entry.path else None
        value = entry.value
        if isinstance(located, Located) and isinstance(value, dict) and value and self._opens(entry, located):
            for key, item in value.items():
                steps = self._steps(entry, located, key)
                inner = Entry(entry.action, (*entry.path, *steps), item, entry.document, (*entry.written, key))
                yield from self._leaves(inner)
            return
        yield entry

    def _steps(self, entry: Entry, located: Located, key: str) -> tuple[str, ...]:
        """Where keys are names of documents, ``sales.deal`` and ``deal`` are one key and no path."""
        if located.item is not None or located.declared is None or located.declared.refers != "entity keys":
            return tuple(step for step in key.split(".") if step)
        short = key.rpartition(".")[2]
        present = at(self._target.data, entry.path)
        for name in present if isinstance(present, dict) else ():
            if name == key or (name.rpartition(".")[2] == short and ("." not in name or "." not in key)):
                return (name,)
        return (key,)

    def _opens(self, entry: Entry, located: Located) -> bool:
        if located.item is not None:
            return located.exists
        return located.declared is not None and not located.free_key and located.declared.merge == "by_key"

    def _apply(self, entry: Entry) -> None:
        if not entry.path:
            self._issue("KM081", entry, "This path is empty.", "Write a path such as fields.amount.label.")
            return
        located = locate(self._shapes, self._cls, self._target.data, entry.path)
        if isinstance(located, Lost):
            self._lost(entry, located)
            return
        if entry.action in ("hide", "order") and not located.exists:
            self._lost(entry, Lost(True, str(entry.path[-1]), ""))
            return
        if entry.action == "set" and located.item is not None and not located.exists:
            self._lost(entry, Lost(True, str(entry.path[-1]), "To make a new item, write it under `add`."))
            return
        reason = refused(entry, located) or self._x_rule(entry, located) or self._loosening(entry, located)
        if reason is not None:
            self._issue(reason.code, entry, reason.message, reason.hint)
            return
        if self._conflict(entry):
            return
        status = self._diverged(entry)
        _ACTIONS[entry.action](self._target, entry, located)
        if entry.action == "hide" and located.item is Field:
            self._folding.note_hidden(self._target, entry)
        self._folding.result(self._target.key, entry, status)

    def _issue(self, code: str, entry: Entry, message: str, hint: str, severity: str = "error") -> None:
        issue = Issue(code, entry.place, message, hint, dotted(entry.path), severity=severity)
        self._folding.issues.append(issue)

    def _lost(self, entry: Entry, lost: Lost) -> None:
        path = dotted(entry.path)
        if not lost.gone:
            message = f"'{lost.step}' in '{path}' is not a property that can stand there."
            self._issue("KM081", entry, message, lost.hint)
            return
        message = f"This entry is set aside: {self._target.full_name} has no '{path}' any more."
        hint = lost.hint or "Remove the entry, or give it the new name."
        self._issue("KM085", entry, message, hint, "warning")
        self._folding.result(self._target.key, entry, "orphaned")

    def _x_rule(self, entry: Entry, located: Located) -> Finding | None:
        name = str(entry.path[-1])
        if entry.action != "add" or not self._app.customer or located.item is None:
            return None
        if located.item in _NAMED_BY_REFERENCE or name.startswith("x_"):
            return None
        message = f"'{name}' is new in the customer's layer, whose names start with x_."
        return Finding("KM040", message, f"Call it 'x_{name}'; its label may be any text.")

    def _loosening(self, entry: Entry, located: Located) -> Finding | None:
        if not self._app.customer or entry.action != "set":
            return None
        return loosened(entry, located, at(self._target.data, entry.path))

    def _conflict(self, entry: Entry) -> bool:
        earlier = self._target.written.get(entry.path)
        if earlier is None or entry.action not in ("set", "add", "hide"):
            return False
        if self._folding.ordered(earlier.layer, self._app.name) or self._app.customer:
            return False
        message = (
            f"'{self._app.name}' and '{earlier.layer}' both change {self._target.full_name}.{dotted(entry.path)}, "
            "and neither stands on the other."
        )
        hint = f"Let one of them require the other, or take one change away (see {earlier.document.file})."
        issue = Issue(
            "KM084", entry.place, message, hint, dotted(entry.path), related=((earlier.place, "the other change"),)
        )
        self._folding.issues.append(issue)
        return True

    def _diverged(self, entry: Entry) -> str:
        path = dotted(entry.path)
        if path not in self._saw:
            return "kept"
        now, saw = plain(at(self._before, entry.path)), plain(self._saw[path])
        if now == saw:
            return "kept"
        message = f"What lies below has changed: {self._target.full_name}.{path} was {saw!r} and is now {now!r}."
        hint = f"Look whether the change still fits, then write what is below now under saw: {path}."
        self._issue("KM086", entry, message, hint, "warning")
        return "diverged"


def _write(target: Layered, entry: Entry, located: Located) -> None:
    above: Any = target.data
    for step in entry.path[:-1]:
        if not isinstance(above.get(step), dict):
            above[step] = {}
        above = above[step]
    previous = above.get(entry.path[-1])
    if located.exists:
        document, inner = target.source(entry.path)
        lower = Written(document.app, document, inner, previous)
        target.below.setdefault(entry.path, []).insert(0, lower)
    value = copy.deepcopy(entry.value)
    if located.declared is not None and located.declared.merge == "union" and isinstance(previous, list):
        value = [*previous, *(item for item in value or () if item not in previous)]
    above[entry.path[-1]] = value
    for path in [path for path in target.written if path[: len(entry.path)] == entry.path]:
        del target.written[path]
    target.written[entry.path] = Written(entry.document.app, entry.document, entry.written, entry.value)


def _hide(target: Layered, entry: Entry, located: Located) -> None:
    if located.item is Field:
        shown = (*entry.path, "hidden")
        target.data["fields"][entry.path[-1]]["hidden"] = True
        target.written[shown] = Written(entry.document.app, entry.document, entry.written, True)
        return
    _take(target, entry.path, entry)


def _take(target: Layered, path: Path, entry: Entry) -> None:
    above = at(target.data, path[:-1])
    document, inner = target.source(path)
    target.hidden[path] = Written(document.app, document, inner, above.pop(path[-1]))
    target.written[path] = Written(entry.document.app, entry.document, entry.written, None)


def _order(target: Layered, entry: Entry, located: Located) -> None:
    above = at(target.data, entry.path[:-1])
    items = above[entry.path[-1]]
    if isinstance(items, dict):
        first = [name for name in entry.value if name in items]
        above[entry.path[-1]] = {name: items[name] for name in dict.fromkeys([*first, *items])}


_ACTIONS = {"set": _write, "add": _write, "hide": _hide, "order": _order}


def _take_fields_out(item: Layered, data: Any, path: Path, hidden: Mapping[str, Entry]) -> None:
    """Remove columns, elements and names in lists that show a hidden field, however deep they stand."""
    for key, value in list(data.items()):
        here = (*path, key)
        if key in ("columns", "elements") and isinstance(value, dict):
            for name, element in list(value.items()):
                field = (element or {}).get("field") or name
                if field in hidden and (element or {}).get("element", "field") == "field":
                    _take(item, (*here, name), hidden[field])
        elif key in ("highlights", "sort") and isinstance(value, list):
            data[key] = [name for name in value if str(name).removeprefix("-") not in hidden]
        elif isinstance(value, dict) and key != "related":
            _take_fields_out(item, value, here, hidden)
