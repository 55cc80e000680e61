"""Apps from folders: every YAML file below ``<folder>/<app>/``, in the order in which apps stand on each other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kith_metadata.documents import PATCH, Document, documents_of
from kith_metadata.issues import Issue, Place
from kith_metadata.language import Language
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import MAX_BYTES, read_bytes, too_large

_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")
_RANGE = re.compile(r"(>=|<=|==|!=|>|<|)\s*(\d+(?:\.\d+){0,2})\Z")


@dataclass(frozen=True, slots=True, eq=False)
class AppSource:
    """One app as written: its documents and its patches of apps below. ``document`` is None without an app.yaml."""

    name: str
    folder: Path
    document: Document | None
    documents: tuple[Document, ...]
    patches: tuple[Document, ...]
    customer: bool = False

    @property
    def requires(self) -> Mapping[str, str]:
        """The apps that this one stands on, with the versions that fit."""
        found = self.document.data.get("requires") if self.document else None
        return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    @property
    def version(self) -> str:
        """The version as written; empty when it is missing or no version."""
        found = self.document.data.get("version") if self.document else None
        return found if isinstance(found, str) and _VERSION.match(found) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """The apps in the order of their layers (base first), and what was wrong with their files."""

    apps: tuple[AppSource, ...]
    issues: tuple[Issue, ...]
    visible: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each app: itself, then the apps that it may refer to, nearest first."""


def load_apps(
    folders: Sequence[Path],
    language: Language,
    names: Sequence[str] | None = None,
    customer: Path | None = None,
    root: Path | None = None,
) -> Loaded:
    """Read the named apps and all that they require (every app of the folders when no names are given).

    ``customer`` is the folder of the customer's own app. File names in issues are relative to ``root`` (the current
    folder when left out). Never raises because of what the files hold.
    """
    reader = _Reader(language, root or Path.cwd())
    available = reader.find(folders)
    wanted = list(available) if names is None else list(names)
    sources: dict[str, AppSource] = {}
    while wanted:
        name = wanted.pop(0)
        if name in sources or name not in available:
            if name not in available and names is not None and name in names:
                reader.missing(name, folders, available)
            continue
        sources[name] = reader.app(name, available[name])
        wanted.extend(sources[name].requires)
    if customer is not None:
        source = reader.customer_app(customer)
        sources.pop(source.name, None)
        sources[source.name] = source
    return _ordered(sources, reader.issues)


class _Reader:
    """Reads folders and collects issues on the way."""

    def __init__(self, language: Language, root: Path) -> None:
        self._kinds = tuple(language.kinds)
        self._root = root
        self.issues: list[Issue] = []

    def shown(self, path: Path) -> str:
        try:
            return path.resolve().relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return path.as_posix()

    def find(self, folders: Sequence[Path]) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in folders:
            if not folder.is_dir():
                message = f"The folder '{folder}' does not exist."
                self.issues.append(Issue("KM001", Place(self.shown(folder)), message, "Name a folder that holds apps."))
                continue
            for app in sorted(path for path in folder.iterdir() if path.is_dir()):
                if app.name.startswith((".", "_")) or not _holds_yaml(app):
                    continue
                if app.name in found:
                    self._twice(app, found[app.name])
                    continue
                found[app.name] = app
        return found

    def _twice(self, app: Path, first: Path) -> None:
        message = f"There are two apps named '{app.name}'."
        related = ((Place(self.shown(first / "app.yaml")), "the first one"),)
        place = Place(self.shown(app / "app.yaml"))
        self.issues.append(Issue("KM025", place, message, "Rename or remove one of the folders.", related=related))

    def missing(self, name: str, folders: Sequence[Path], available: Mapping[str, Path]) -> None:
        guess = nearest(name, tuple(available))
        hint = f"Did you mean '{guess}'?" if guess else f"Found: {', '.join(available) or 'no app at all'}."
        place = Place(self.shown(folders[0]) if folders else name)
        self.issues.append(Issue("KM028", place, f"There is no app '{name}'.", hint))

    def customer_app(self, folder: Path) -> AppSource:
        if not folder.is_dir():
            message = f"The customer's folder '{folder}' does not exist."
            self.issues.append(Issue("KM001", Place(self.shown(folder)), message, "Make it, with an app.yaml inside."))
            return AppSource(folder.name, folder, None, (), (), customer=True)
        return self.app(None, folder)

    def app(self, name: str | None, folder: Path) -> AppSource:
        documents: list[Document] = []
        for path in sorted(_yaml_files(folder)):
            documents.extend(self._file(path, name or folder.name))
        heads = [document for document in documents if document.kind == "app"]
        head = heads[0] if heads else None
        if head is None:
            place = Place(self.shown(folder / "app.yaml"))
            message = f"The app '{folder.name}' has no app document."
            hint = f"Write app.yaml with: app: {folder.name}, a label and a version."
            self.issues.append(Issue("KM026", place, message, hint))
        elif name is None:
            name = head.name
            documents = [_of_app(document, name) for document in documents]
            head = next(document for document in documents if document.kind == "app")
        elif head.name != name:
            message = f"The app in the folder '{folder.name}' calls itself '{head.name}'."
            hint = f"Write: app: {folder.name}, or rename the folder."
            self.issues.append(Issue("KM027", head.places.value(("app",)), message, hint, "app"))
        self.issues.extend(_second_heads(heads))
        customer = head is not None and head.data.get("customer") is True
        plain = tuple(item for item in documents if item.kind != PATCH and (item.kind != "app" or item is head))
        patches = tuple(item for item in documents if item.kind == PATCH)
        return AppSource(name or folder.name, folder, head, plain, patches, customer)

    def _file(self, path: Path, app: str) -> list[Document]:
        shown = self.shown(path)
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                self.issues.append(too_large(shown, size))
                return []
            content = path.read_bytes()
        except OSError as error:
            message = f"The file cannot be read: {error.strerror}."
            self.issues.append(Issue("KM001", Place(shown), message, "Check the file's rights."))
            return []
        reading = read_bytes(content, shown)
        documents = documents_of(reading, app, shown, self._kinds)
        self.issues.extend(reading.issues)
        return documents


def _of_app(document: Document, app: str) -> Document:
    return Document(document.kind, document.name, document.data, document.places, app, document.file, document.sound)


def _second_heads(heads: Sequence[Document]) -> Iterator[Issue]:
    for second in heads[1:]:
        related = ((heads[0].place, "the first one"),)
        message = "An app has one app document; this is a second one."
        yield Issue("KM025", second.place, message, "Remove one of them.", "app", related=related)


def _holds_yaml(folder: Path) -> bool:
    return next(_yaml_files(folder), None) is not None


def _yaml_files(folder: Path) -> Iterator[Path]:
    """Walk without following links out of the folder; hidden files and folders are left out."""
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(directory) / name


def _ordered(sources: Mapping[str, AppSource], issues: list[Issue]) -> Loaded:
    """Put the apps in the order of their layers and check what they require."""
    order: list[str] = []
    for name in sorted(sources, key=lambda item: (sources[item].customer, item != "base", item)):
        _visit(name, sources, order, (), issues)
    for name in order:
        issues.extend(_check_requirements(sources[name], sources))
    customers = [name for name in order if sources[name].customer]
    if len(customers) > 1:
        document = sources[customers[1]].document
        place = document.place if document else Place(str(sources[customers[1]].folder))
        message = f"'{customers[0]}' and '{customers[1]}' are both customer layers; there is one at most."
        issues.append(Issue("KM031", place, message, "Join them into one app."))
    order.sort(key=lambda item: sources[item].customer)
    visible = {name: _visible(name, sources, order) for name in order}
    return Loaded(tuple(sources[name] for name in order), tuple(issues), visible)


def _visit(
    name: str, sources: Mapping[str, AppSource], order: list[str], above: tuple[str, ...], issues: list[Issue]
) -> None:
    if name in order or name not in sources:
        return
    if name in above:
        ring = (*above[above.index(name) :], name)
        document = sources[above[-1]].document
        place = document.places.nearest(("requires", name)) if document else Place(above[-1])
        message = f"These apps require each other in a ring: {' → '.join(ring)}."
        issues.append(Issue("KM030", place, message, "Take one of the requirements away.", f"requires.{name}"))
        return
    for required in sources[name].requires:
        _visit(required, sources, order, (*above, name), issues)
    if name not in order:
        order.append(name)


def _check_requirements(source: AppSource, sources: Mapping[str, AppSource]) -> Iterator[Issue]:
    for name, versions in source.requires.items():
        if source.document is None:
            continue
        place = source.document.places.value(("requires", name))
        path = f"requires.{name}"
        required = sources.get(name)
        if required is None:
            guess = nearest(name, [other for other in sources if other != source.name])
            hint = f"Did you mean '{guess}'?" if guess else "Put the app into the folder of apps."
            yield Issue("KM028", place, f"'{source.name}' requires the app '{name}', which is not there.", hint, path)
            continue
        fits = version_fits(required.version, versions) if required.version else True
        if fits is None:
            hint = 'Write, for example: ">=1.0" or ">=1.2, <2".'
            yield Issue("KM029", place, f"'{versions}' is no range of versions.", hint, path)
        elif not fits:
            message = f"'{source.name}' needs '{name}' {versions}, but version {required.version} is here."
            yield Issue("KM029", place, message, f"Upgrade '{name}', or widen the range.", path)


def version_fits(version: str, ranges: str) -> bool | None:
    """Tell whether a version is in all ranges (parted by commas); None when a range cannot be read.

    >>> version_fits("1.4.0", ">=1.2, <2")
    True
    """
    have = _numbers(version)
    fits = True
    for part in ranges.split(","):
        if part.strip() in ("", "*"):
            continue
        found = _RANGE.match(part.strip())
        if not found:
            return None
        want = _numbers(found[2])
        fits = fits and _COMPARE[found[1]](have, want)
    return fits


_COMPARE = {
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "": lambda have, want: have == want,
}


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part[:9]) for part in version.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def _visible(name: str, sources: Mapping[str, AppSource], order: Iterable[str]) -> tuple[str, ...]:
    """The app itself, then what it requires, then what those require; a customer's app sees every app."""
    found = [name]
    for current in found:
        found.extend(other for other in sources[current].requires if other in sources and other not in found)
    if sources[name].customer:
        found.extend(other for other in reversed(list(order)) if other not in found)
    return tuple(found)
