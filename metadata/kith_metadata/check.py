"""Check everything at once: files, shapes, layers, references and rules; all issues of all files in one run.

A broken document disables itself and what depends on it, never the rest, and what only follows from it is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from kith_metadata.checks import OPTION_PROBLEM, CheckContext, checks, discover
from kith_metadata.documents import Document
from kith_metadata.issues import Issue, sort_issues
from kith_metadata.language import Language
from kith_metadata.layered import Layered, dotted
from kith_metadata.layers import PatchResult, fold
from kith_metadata.load import Loaded, load_apps
from kith_metadata.references import References
from kith_metadata.resolve import Resolver
from kith_metadata.shape_check import ShapeCheck
from kith_metadata.shape_words import Finding
from kith_metadata.shapes import Shapes
from kith_metadata.snapshot import Snapshot, canonical
from kith_metadata.yaml_reader import Path


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult:
    """What a check found. ``snapshot`` is None while there is an error.

    ``partial`` holds the documents that are sound and depend on sound ones only, for tools that show what works.
    ``provenance`` tells for every document who wrote which leaf; ``patches`` what became of each entry of a patch.
    """

    issues: tuple[Issue, ...]
    snapshot: Snapshot | None
    partial: Snapshot
    provenance: Mapping[str, Layered]
    patches: tuple[PatchResult, ...]
    loaded: Loaded

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop a publish."""
        return tuple(issue for issue in self.issues if issue.severity == "error")


def check(
    folders: Sequence[FilePath],
    language: Language,
    names: Sequence[str] | None = None,
    customer: FilePath | None = None,
    root: FilePath | None = None,
) -> CheckResult:
    """Read apps from folders and check them; see :func:`kith_metadata.load.load_apps` for the parameters.

    Never raises because of what the files hold.
    """
    return check_loaded(load_apps(folders, language, names, customer, root), language)


def check_loaded(loaded: Loaded, language: Language) -> CheckResult:
    """Check apps that were read."""
    run = _Run(loaded, language)
    run.shapes_of_documents()
    layered, patches = run.fold()
    resolved = run.resolve(layered)
    snapshot = Snapshot(language, resolved)
    run.run_checks(layered, snapshot)
    issues = sort_issues(run.issues)
    failed = any(issue.severity == "error" for issue in issues)
    partial = _partial(snapshot, run, layered) if failed else snapshot
    return CheckResult(issues, None if failed else snapshot, partial, layered, patches, loaded)


class _Run:
    """The state of one check: the issues so far and the documents that are broken."""

    def __init__(self, loaded: Loaded, language: Language) -> None:
        self.loaded, self.language = loaded, language
        self.issues: list[Issue] = list(loaded.issues)
        self.shapes = Shapes(language)
        self.documents: dict[str, Document] = {}
        self.broken: set[str] = set()
        for app in loaded.apps:
            for document in app.documents:
                self._add(document)
        names = ((document.kind, document.full_name) for document in self.documents.values())
        self.references = References(names, loaded.visible)

    def _add(self, document: Document) -> None:
        first = self.documents.get(document.key)
        if first is not None:
            message = f"There are two documents '{document.kind}: {document.name}' in the app '{document.app}'."
            place = document.places.value((document.kind,))
            related = ((first.places.value((first.kind,)), "the first one"),)
            self.issues.append(
                Issue("KM025", place, message, "Rename or remove one of them.", document.kind, related=related)
            )
            return
        self.documents[document.key] = document
        if not document.sound:
            self.broken.add(document.key)

    def shapes_of_documents(self) -> None:
        """Check every document as written against its kind."""
        checker = ShapeCheck(self.shapes)
        for document in self.documents.values():
            if document.sound:
                self._shape(checker, document)

    def _shape(self, checker: ShapeCheck, document: Document) -> None:
        def report(path: Path, finding: Finding) -> None:
            self.broken.add(document.key)
            self.issues.append(shape_issue(finding, document, path))

        checker.check(self.language.kinds[document.kind], document.data, (), report)

    def fold(self) -> tuple[dict[str, Layered], tuple[PatchResult, ...]]:
        """Put the layers over each other; patches of broken documents wait until those are mended."""
        sound = [document for key, document in self.documents.items() if key not in self.broken]
        folded = fold(sound, self.loaded, self.shapes, frozenset(self.broken), self.references)
        self.issues.extend(folded.issues)
        self.broken.update(folded.broken)
        return {key: item for key, item in folded.layered.items() if key not in self.broken}, folded.results

    def resolve(self, layered: Mapping[str, Layered]) -> dict[str, str]:
        """Return the canonical text of every sound document; one with a dangling reference is broken from here on."""
        resolved: dict[str, str] = {}
        for key, item in layered.items():
            before = len(self.issues)
            data = Resolver(self.shapes, self.references, self.issues.append).resolve(item)
            if len(self.issues) > before:
                self.broken.add(key)
            else:
                resolved[key] = canonical(data)
        return resolved

    def run_checks(self, layered: Mapping[str, Layered], snapshot: Snapshot) -> None:
        """Run every check of the folder over the sound documents."""
        discover()
        context = CheckContext(
            self.language, self.shapes, self.loaded, self.references, layered, snapshot, frozenset(self.broken)
        )
        found = [issue for name in checks for issue in checks[name](context)]
        told = {(issue.place.file, issue.path) for issue in found if issue.code != OPTION_PROBLEM}
        kept = [issue for issue in found if issue.code != OPTION_PROBLEM or (issue.place.file, issue.path) not in told]
        self.issues.extend(kept)
        errors = [issue for issue in kept if issue.severity == "error"]
        if errors:
            self.broken.update(_keys_at(errors, layered))


def _keys_at(issues: Sequence[Issue], layered: Mapping[str, Layered]) -> Iterator[str]:
    """Yield the documents in which issues lie: for each the last one of its file that starts above it."""
    starts: dict[str, list[tuple[int, str]]] = {}
    for key, item in layered.items():
        starts.setdefault(item.document.file, []).append((item.document.place.line, key))
    for issue in issues:
        above = [entry for entry in starts.get(issue.place.file, ()) if entry[0] <= issue.place.line]
        if above:
            yield max(above)[1]


def shape_issue(finding: Finding, document: Document, path: Path) -> Issue:
    """Return a finding with its place: an unknown key at the key, a wrong value at the value."""
    at_key = finding.code in ("KM013", "KM014", "KM020")
    place = document.places.nearest(path) if at_key else document.places.value(path)
    if not path:
        place = document.place
    return Issue(finding.code, place, finding.message, finding.hint, dotted(path))


def _partial(snapshot: Snapshot, run: _Run, layered: Mapping[str, Layered]) -> Snapshot:
    """Leave out broken documents and, over and over, those that refer to what was left out."""
    kept = {key: text for key, text in snapshot.documents.items() if key not in run.broken}
    refers = {key: set(_references(run, layered[key], snapshot.raw(key))) for key in kept}
    while True:
        lost = {key for key in kept if any(target not in kept for target in refers[key])}
        if not lost:
            return Snapshot(snapshot.language, kept)
        kept = {key: text for key, text in kept.items() if key not in lost}


def _references(run: _Run, item: Layered, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of the documents that a resolved document refers to."""
    pending: list[tuple[type[Any], Mapping[str, Any]]] = [(run.language.kinds[item.kind], data)]
    while pending:
        cls, values = pending.pop()
        shape = run.shapes.of_item(cls, values)
        for name, declared in shape.props.items():
            value = values.get(name)
            if not value:
                continue
            kind = declared.refers.removesuffix(" keys")
            if kind in run.language.kinds:
                yield from (f"{kind}:{full}" for full in ([value] if isinstance(value, str) else value))
            inner = shape.inner.get(name)
            if inner is not None:
                items = value.values() if inner.form == "map" else value if inner.form == "list" else [value]
                pending.extend((inner.cls, one) for one in items)
