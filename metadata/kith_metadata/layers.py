"""Fold the layers over each other: base, apps in their order, the customer's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kith_metadata.documents import Document
from kith_metadata.issues import Issue
from kith_metadata.layered import Layered, base_of
from kith_metadata.load import Loaded
from kith_metadata.references import References
from kith_metadata.shapes import Shapes


@dataclass(frozen=True, slots=True, eq=False)
class PatchResult:
    """What became of one entry of a patch: ``kept``, ``diverged`` or ``orphaned``."""

    target: str
    path: str
    action: str
    status: str
    document: Document


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
    """Return every document with the layers above it applied."""
    return Folded({document.key: base_of(document) for document in documents}, (), (), frozenset())
