"""A published state of the metadata: immutable, hashed, and cheap to start from.

A snapshot holds resolved documents as plain data and builds each typed object when it is first asked for, so that a
workspace of 3,000 entities starts as fast as one of three. Two snapshots of the same documents have the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar, cast

from kith_metadata.kinds.app import App
from kith_metadata.kinds.data import Data
from kith_metadata.kinds.entity import Entity
from kith_metadata.kinds.form import Form
from kith_metadata.kinds.menu import Menu
from kith_metadata.kinds.option_set import OptionSet
from kith_metadata.kinds.role import Role
from kith_metadata.kinds.view import View
from kith_metadata.labels import inside, lowers
from kith_metadata.language import Language
from kith_metadata.registry import UnknownName

T = TypeVar("T")


def canonical(data: Any) -> str:
    """Return plain data as JSON text that is the same for the same content.

    The order of maps is meaning (fields, options, columns), so keys keep their order; the writer of a resolved document
    puts properties in the order of their declaration.
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class Snapshot:
    """The resolved documents of all layers at one moment.

    ``documents`` maps keys such as ``entity:sales.deal`` to canonical JSON texts. The hash covers keys and contents, in
    the order of the keys.
    """

    def __init__(self, language: Language, documents: Mapping[str, str]) -> None:
        self.language = language
        self.documents: Mapping[str, str] = dict(sorted(documents.items()))
        self.manifest: Mapping[str, str] = {key: hash_of(text) for key, text in self.documents.items()}
        self.hash = hash_of(canonical(self.manifest))
        self._built: dict[str, Any] = {}
        self._by_entity: dict[str, dict[str, list[str]]] = {}
        self._derived: dict[Hashable, Any] = {}

    @classmethod
    def from_documents(cls, language: Language, documents: Mapping[str, Mapping[str, Any]]) -> Snapshot:
        """Return the snapshot of resolved plain data by key, such as ``entity:sales.deal``."""
        return cls(language, {key: canonical(data) for key, data in documents.items()})

    @classmethod
    def from_export(cls, language: Language, text: str) -> Snapshot:
        """Return the snapshot that :meth:`export` wrote; raises ``ValueError`` for text that is no such export."""
        found = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("documents"), dict):
            raise ValueError("This is no export of a snapshot: it has no documents.")
        return cls.from_documents(language, found["documents"])

    def export(self) -> str:
        """Return all documents as one JSON text; the same content gives the same bytes."""
        parts = [f"{canonical(key)}:{text}" for key, text in self.documents.items()]
        return '{"documents":{' + ",\n".join(parts) + "}}\n"

    def __repr__(self) -> str:
        return f"<Snapshot {self.hash[:12]} of {len(self.documents)} documents>"

    def share(self, former: Snapshot) -> None:
        """Take over the typed objects that another snapshot has built of documents that are the same in both.

        A process that follows a publish so keeps its work on the 2,999 entities that did not change.
        """
        for key, built in list(former._built.items()):
            if former.manifest.get(key) == self.manifest.get(key):
                self._built.setdefault(key, built)

    def derived(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what was worked out of this snapshot under ``key``, working it out on first use.

        For small immutable values that many callers ask for over and over, such as all fields of an entity.
        """
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = build()
        return cast("T", found)

    def raw(self, key: str) -> Any:
        """Return the plain data of a document, a fresh copy; raises :class:`UnknownName`."""
        if key not in self.documents:
            kind, _, name = key.partition(":")
            raise UnknownName(kind.replace("_", " "), name, self.names(kind))
        return json.loads(self.documents[key])

    def said(self, label: str) -> str:
        """Return a label as it stands inside a sentence: ``Lead`` is ``lead`` in "New lead".

        Labels keep their capitals where any app's are not English, so that all of a workspace read alike.
        """
        lowered = self.derived(
            "labels are lowered", lambda: all(lowers(self.app(app).language) for app in self.names("app"))
        )
        return inside(label) if lowered else label

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the full names of all documents of a kind, sorted."""
        prefix = kind + ":"
        return tuple(key.removeprefix(prefix) for key in self.documents if key.startswith(prefix))

    def has(self, kind: str, name: str) -> bool:
        """Tell whether there is such a document."""
        return f"{kind}:{name}" in self.documents

    def get(self, kind: str, name: str) -> Any:
        """Return the typed object of a document, built once; raises :class:`UnknownName`."""
        key = f"{kind}:{name}"
        found = self._built.get(key)
        if found is None:
            found = self.language.build(self.language.kinds[kind], self.raw(key), name)
            self._built[key] = found
        return found

    def entity(self, name: str) -> Entity:
        """Return an entity by its full name (``sales.deal``)."""
        found: Entity = self.get("entity", name)
        return found

    def entities(self) -> tuple[str, ...]:
        """Return the full names of all entities."""
        return self.names("entity")

    def option_set(self, name: str) -> OptionSet:
        """Return an option set by its full name."""
        found: OptionSet = self.get("option_set", name)
        return found

    def app(self, name: str) -> App:
        """Return an app by its name."""
        found: App = self.get("app", name)
        return found

    def role(self, name: str) -> Role:
        """Return a role by its full name."""
        found: Role = self.get("role", name)
        return found

    def form(self, name: str) -> Form:
        """Return a form by its full name."""
        found: Form = self.get("form", name)
        return found

    def view(self, name: str) -> View:
        """Return a view by its full name."""
        found: View = self.get("view", name)
        return found

    def menu(self, name: str) -> Menu:
        """Return a menu by its full name."""
        found: Menu = self.get("menu", name)
        return found

    def data(self, name: str) -> Data:
        """Return a data document by its full name."""
        found: Data = self.get("data", name)
        return found

    def views_of(self, entity: str) -> tuple[View, ...]:
        """Return the views of an entity, by position and label."""
        found = [self.view(name) for name in self._of_entity("view").get(entity, ())]
        return tuple(sorted(found, key=lambda view: (view.position, view.label, view.name)))

    def form_of(self, entity: str) -> Form | None:
        """Return the default form of an entity, the first by name when several claim it, None when it has none."""
        found = [self.form(name) for name in self._of_entity("form").get(entity, ())]
        found.sort(key=lambda form: (not form.default, form.name))
        return found[0] if found else None

    def _of_entity(self, kind: str) -> Mapping[str, list[str]]:
        """Names of a kind's documents by the entity they show; read from plain data so that nothing is built."""
        if kind not in self._by_entity:
            found: dict[str, list[str]] = {}
            for name in self.names(kind):
                found.setdefault(self.raw(f"{kind}:{name}")["entity"], []).append(name)
            self._by_entity[kind] = found
        return self._by_entity[kind]
