"""A document with all its layers: the folded data, and for every leaf who wrote it and what that hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kith_metadata.documents import Document
from kith_metadata.issues import Place
from kith_metadata.yaml_reader import Mark, Path


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A value that a layer wrote: by which app, and where in which document it stands."""

    layer: str
    document: Document
    path: Path
    value: Any

    @property
    def place(self) -> Place:
        """Where it was written: the key when there is one."""
        return self.document.places.nearest(self.path)


@dataclass(slots=True, eq=False)
class Layered:
    """One document after folding. ``data`` is as written, with the patches of higher layers applied.

    ``written`` holds what higher layers wrote, by path; ``below`` what each of those hides, nearest first; ``hidden``
    the items that a layer took away, with what they were.
    """

    document: Document
    data: dict[str, Any]
    written: dict[Path, Written] = field(default_factory=dict)
    below: dict[Path, list[Written]] = field(default_factory=dict)
    hidden: dict[Path, Written] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of the document."""
        return self.document.kind

    @property
    def full_name(self) -> str:
        """The name with its app."""
        return self.document.full_name

    @property
    def key(self) -> str:
        """The key in a snapshot."""
        return self.document.key

    @property
    def app(self) -> str:
        """The app that the document belongs to."""
        return self.document.app

    def source(self, path: Path) -> tuple[Document, Path]:
        """Return the document that wrote what stands at a path, and the path inside that document."""
        for length in range(len(path), 0, -1):
            found = self.written.get(path[:length])
            if found is not None:
                return found.document, (*found.path, *path[length:])
        return self.document, path

    def layer(self, path: Path) -> str:
        """Return the app that wrote what stands at a path."""
        return self.source(path)[0].app

    def place(self, path: Path) -> Place:
        """Return where a path was written: its key, or the nearest thing above it."""
        document, inner = self.source(path)
        return document.places.nearest(inner)

    def value_place(self, path: Path) -> Place:
        """Return where the value of a path starts."""
        document, inner = self.source(path)
        return document.places.value(inner)

    def mark(self, path: Path) -> tuple[str, Mark | None]:
        """Return the file and the mark of the value at a path."""
        document, inner = self.source(path)
        return document.file, document.places.mark(inner)


def base_of(document: Document) -> Layered:
    """Return a document of which no layer has written anything yet."""
    return Layered(document, dict(document.data))


def at(data: Any, path: Path) -> Any:
    """Return what stands at a path of plain data; None when nothing does."""
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(str(step))
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def dotted(path: Path) -> str:
    """Return a path as people write it: ``fields.amount.label``."""
    return ".".join(str(step) for step in path)
