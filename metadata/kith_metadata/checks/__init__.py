"""What must hold between the parts of an app, one file per concern; every check sees all sound documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.issues import Issue, Place
from kith_metadata.kinds.entity import SYSTEM_FIELDS, Entity
from kith_metadata.language import Language
from kith_metadata.layered import Layered, dotted
from kith_metadata.load import Loaded
from kith_metadata.occurrences import Occurrence, occurrences
from kith_metadata.references import References
from kith_metadata.registry import Registry
from kith_metadata.shapes import Shapes
from kith_metadata.snapshot import Snapshot
from kith_metadata.yaml_reader import Path


@dataclass(frozen=True, slots=True, eq=False)
class CheckContext:
    """What a check may look at. ``snapshot`` holds the sound documents only; ``broken`` the keys of the others."""

    language: Language
    shapes: Shapes
    loaded: Loaded
    references: References
    layered: Mapping[str, Layered]
    snapshot: Snapshot
    broken: frozenset[str]

    def of_kind(self, kind: str) -> Iterator[tuple[Layered, Any]]:
        """Yield the sound documents of a kind with their typed objects."""
        for name in self.snapshot.names(kind):
            yield self.layered[f"{kind}:{name}"], self.snapshot.get(kind, name)

    def entity(self, full_name: str) -> Entity | None:
        """Return a sound entity; None when it is broken or unknown, which was told at its own place."""
        return self.snapshot.entity(full_name) if self.snapshot.has("entity", full_name) else None

    def occurrences(self, layered: Layered) -> Iterator[Occurrence]:
        """Yield every property that a document gives, with the entity whose fields it may name."""
        return occurrences(self.shapes, self.references, layered)

    def issue(self, code: str, layered: Layered, path: Path, message: str, hint: str = "") -> Issue:
        """Return an issue at the value of a path."""
        return Issue(code, layered.value_place(path), message, hint, dotted(path))

    def key_issue(self, code: str, layered: Layered, path: Path, message: str, hint: str = "") -> Issue:
        """Return an issue at the key of a path."""
        return Issue(code, layered.place(path), message, hint, dotted(path))

    def place(self, kind: str, name: str) -> Place:
        """Return where a document starts."""
        return self.layered[f"{kind}:{name}"].document.place


OPTION_PROBLEM = "KM060"
"""What a type says of its own options; left out where a check has told the same place more exactly."""

Check = Callable[[CheckContext], Iterator[Issue]]

checks: Registry[Check] = Registry("check")
"""Every check by the name of its file."""


def discover() -> None:
    """Import every file of this folder, so that each registers its check."""
    checks.discover(sys.modules[__name__])


def field_names(entity: Entity) -> tuple[str, ...]:
    """Return every name that stands for a value of the entity's records: its fields, the owner and the system's."""
    owner = ("owner",) if entity.ownership == "user" else ()
    return (*entity.fields, *owner, *SYSTEM_FIELDS)
