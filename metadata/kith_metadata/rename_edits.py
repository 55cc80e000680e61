"""The changes of a rename in the texts of files: names at their places, so that comments, quotes and lines stay."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kith_metadata.documents import Document
from kith_metadata.issues import Place
from kith_metadata.scalars import Scalars
from kith_metadata.yaml_reader import Path

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A text to be replaced in a document: the value at a path, or its key with ``at_key``."""

    document: Document
    path: Path
    at_key: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """A property to be put at the head of the map at a path, or, with a blank ``value``, to be taken out of it."""

    document: Document
    path: Path
    key: str
    value: str = ""


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
class Found:
    """The changes as they are found; a place that is found twice is changed once."""

    edits: dict[tuple[int, Path, bool], Edit] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    by_hand: list[Place] = field(default_factory=list)

    def add(self, edit: Edit) -> None:
        """Note a change of a whole key or value."""
        if edit.before != edit.after:
            self.edits[id(edit.document), edit.path, edit.at_key] = edit

    def add_step(self, document: Document, where: tuple[Path, bool], text: str, change: tuple[int, str]) -> None:
        """Note that one step of a dotted name, such as ``-account.name``, is called otherwise."""
        path, at_key = where
        known = self.edits.get((id(document), path, at_key))
        steps = (known.after if known else text).split(".")
        sign = "-" if steps[change[0]].startswith("-") else ""
        steps[change[0]] = sign + change[1]
        self.add(Edit(document, path, at_key, text, ".".join(steps)))


def written(found: Found, texts: Mapping[str, str]) -> Renaming:
    """Return the new texts of all files that change."""
    changes: dict[str, set[Span]] = {}
    by_hand = list(found.by_hand)
    read: dict[str, Scalars] = {}
    every: list[Edit | Line] = [*found.edits.values(), *found.lines]
    for item in every:
        file = item.document.file
        if file not in read:
            read[file] = Scalars(texts[file])
        spans = _edited(read[file], item) if isinstance(item, Edit) else _lined(read[file], item)
        if spans is None:
            by_hand.append(item.document.places.value(item.path))
        else:
            changes.setdefault(file, set()).update(spans)
    after = {file: _applied(texts[file], spans) for file, spans in sorted(changes.items())}
    return Renaming({file: texts[file] for file in after}, after, tuple(sorted(set(by_hand))))


def _edited(scalars: Scalars, edit: Edit) -> list[Span] | None:
    """Return which parts of a file become what; None when the text in the file does not read as its value does."""
    span = scalars.span(edit.document.places, edit.path, edit.at_key)
    if span is None:
        return None
    start, end = span
    in_file = list(_NAME.finditer(scalars.text[start:end]))
    before, after = (_NAME.findall(text) for text in (edit.before, edit.after))
    if [match[0] for match in in_file] != before or len(before) != len(after):
        return None
    return [
        (start + match.start(), start + match.end(), name)
        for match, name in zip(in_file, after, strict=True)
        if match[0] != name
    ]


def _lined(scalars: Scalars, line: Line) -> list[Span] | None:
    places = line.document.places
    if not line.value:
        change = scalars.removed(places, line.path, line.key)
    else:
        value = f'"{line.value}"' if line.value in ("null", "true", "false") else line.value
        change = scalars.inserted(places, line.path, f"{line.key}: {value}")
    return None if change is None else [change]


def _applied(text: str, spans: Iterable[Span]) -> str:
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text
