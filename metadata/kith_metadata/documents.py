"""Documents as they were written: plain data and places, one step behind the text and nothing resolved yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.issues import Issue, Place
from kith_metadata.registry import nearest
from kith_metadata.spec import NAME_LENGTH, NAME_PATTERN
from kith_metadata.yaml_reader import Places, RawDocument, Reading

PATCH = "patch"
"""The first key of a document that changes documents of the apps below."""

_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One document of an app, as written.

    ``data`` leaves out the first key, which gave ``kind`` and ``name``. ``sound`` is False when the text had problems,
    which were reported: such a document is known by its name and used for nothing else.
    """

    kind: str
    name: str
    data: Mapping[str, Any]
    places: Places
    app: str
    file: str
    sound: bool = True

    @property
    def full_name(self) -> str:
        """The name with its app, such as ``sales.deal``; an app is its own name."""
        return self.name if self.kind == "app" else f"{self.app}.{self.name}"

    @property
    def key(self) -> str:
        """The key in a snapshot, such as ``entity:sales.deal``."""
        return f"{self.kind}:{self.full_name}"

    @property
    def place(self) -> Place:
        """Where the document starts."""
        return self.places.nearest((self.kind,))


def is_name(text: str) -> bool:
    """Tell whether a text may name something: ``[a-z][a-z0-9_]*``, up to 40 characters, single underscores."""
    return len(text) <= NAME_LENGTH and _NAME.fullmatch(text) is not None


def suggested_name(text: str) -> str:
    """Return a name that is as like the text as a name can be; empty when nothing is left of it.

    >>> suggested_name("Close Date")
    'close_date'
    """
    slug = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_").lstrip("0123456789_")
    return slug[:NAME_LENGTH].strip("_")


def documents_of(reading: Reading, app: str, file: str, kinds: Iterable[str]) -> list[Document]:
    """Return the documents of a file that was read; what is no document becomes an issue of the reading."""
    known = (*kinds, PATCH)
    found = (_document(raw, app, file, known, reading.issues) for raw in reading.documents)
    return [document for document in found if document is not None]


def _document(raw: RawDocument, app: str, file: str, known: tuple[str, ...], issues: list[Issue]) -> Document | None:
    data, places = raw.data, raw.places
    if not isinstance(data, dict):
        message = "A document is a map that starts with its kind and name."
        issues.append(Issue("KM022", places.nearest(()), message, "Write, for example: entity: deal"))
        return None
    if not data:
        return None
    kind = next(iter(data))
    if kind not in known:
        issues.append(_unknown_kind(kind, data, places, known))
        return None
    name = data[kind]
    if not isinstance(name, str) or not name:
        issues.append(Issue("KM023", places.nearest((kind,)), f"This {kind} has no name.", f"Write: {kind}: its_name"))
        return None
    if kind == PATCH:
        return Document(kind, name, {key: data[key] for key in data if key != kind}, places, app, file, raw.sound)
    sound = raw.sound
    if not is_name(name):
        issues.append(name_issue(name, kind.replace("_", " "), places.value((kind,)), kind))
        sound = False
    return Document(kind, name, {key: data[key] for key in data if key != kind}, places, app, file, sound)


def name_issue(name: str, noun: str, place: Place, path: str) -> Issue:
    """Return the issue of a text that cannot be a name."""
    if "__" in name:
        reason = "two underscores in a row are kept for columns that belong together"
    elif len(name) > NAME_LENGTH:
        reason = f"it has {len(name)} characters, at most {NAME_LENGTH} are possible"
    else:
        reason = "a name has lower-case letters a-z, digits and single underscores, and starts with a letter"
    hint = suggested_name(name)
    shown = name if len(name) <= 60 else name[:60] + "…"
    return Issue(
        "KM020", place, f"'{shown}' cannot be the name of this {noun}: {reason}.",
        f"Call it '{hint}'; its label may be any text." if hint else "Its label may be any text.", path,
    )  # fmt: skip


def _unknown_kind(first: str, data: Mapping[str, Any], places: Places, known: tuple[str, ...]) -> Issue:
    later = next((key for key in data if key in known and isinstance(data[key], str)), None)
    guess = nearest(first, known)
    if guess:
        hint = f"Did you mean '{guess}'?"
    elif later:
        hint = f"Put '{later}: {data[later]}' first."
    else:
        hint = f"Known: {', '.join(known)}."
    shown = first if len(first) <= 60 else first[:60] + "…"
    return Issue("KM022", places.nearest((first,)), f"'{shown}' is not a kind of document.", hint, shown)
