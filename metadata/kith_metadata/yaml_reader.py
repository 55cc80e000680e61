"""Strict YAML: only what a reader of the file would expect it to mean, with the place of every key and value.

Scalars follow the core of YAML 1.2, so that ``on``, ``NO``, ``12:30`` and ``012`` stay the text that was written. Keys
written twice, tags, anchors, aliases and merge keys are refused. Size and depth are capped before anything is walked,
and the text is read as a stream of events, so that no input can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from kith_metadata.issues import Issue, Place
from kith_metadata.yaml_problems import describe

MAX_BYTES = 2_000_000
MAX_DEPTH = 30
MAX_DIGITS = 38

Path = tuple[str | int, ...]

_WORDS: Mapping[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBER_START = frozenset("-+0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+\Z", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_FIRST_KEY = re.compile(r"^(\w+):[ ]+([\w.]+)[ ]*$", re.MULTILINE)
_MARKER = re.compile(r"^(---(?=[ \t\r\n]|\Z)|\.\.\.(?=[ \t\r\n]|\Z))", re.MULTILINE)


class StrictLoader(yaml.CSafeLoader):
    """The C parser; only its stream of events is used, never its constructors."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value starts (lines and columns from 1), how a text was written, and the marks of what is inside.

    ``style`` is empty for plain text, else the quote or block sign. ``keys`` holds where each key of a map starts.
    ``indent`` and ``widths`` describe the lines of a block text: how far they are indented and how long they are.
    """

    line: int
    column: int
    style: str = ""
    inside: dict[str, Mark] | list[Mark] | None = None
    keys: dict[str, tuple[int, int]] | None = None
    indent: int = 0
    widths: tuple[int, ...] = ()


class Places(Mapping[Path, Place]):
    """The place of every path in a document: that of the key where there is one, else that of the value."""

    def __init__(self, file: str, root: Mark) -> None:
        self._file, self._root = file, root

    def mark(self, path: Path) -> Mark | None:
        """Return the mark of the value at a path; None when the document has nothing there."""
        mark = self._root
        for step in path:
            found = _inside(mark, step)
            if found is None:
                return None
            mark = found
        return mark

    def value(self, path: Path) -> Place:
        """Return where the value at a path starts, or where the nearest thing above it does."""
        mark = self.mark(path)
        return self.nearest(path) if mark is None else Place(self._file, mark.line, mark.column)

    def nearest(self, path: Path) -> Place:
        """Return the place of a path, or of the nearest thing above it that was written."""
        while path:
            found = self._find(path)
            if found is not None:
                return found
            path = path[:-1]
        return Place(self._file, self._root.line, self._root.column)

    def _find(self, path: Path) -> Place | None:
        if not path:
            return Place(self._file, self._root.line, self._root.column)
        above = self.mark(path[:-1])
        if above is None:
            return None
        if above.keys is not None and isinstance(path[-1], str):
            at = above.keys.get(path[-1])
            return Place(self._file, *at) if at else None
        mark = _inside(above, path[-1])
        return Place(self._file, mark.line, mark.column) if mark else None

    def __getitem__(self, path: Path) -> Place:
        found = self._find(path)
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[Path]:
        pending: list[tuple[Path, Mark]] = [((), self._root)]
        while pending:
            path, mark = pending.pop()
            yield path
            pairs: list[tuple[str | int, Mark]] = []
            pairs.extend(mark.inside.items() if isinstance(mark.inside, dict) else enumerate(mark.inside or ()))
            pending.extend(((*path, step), inner) for step, inner in reversed(pairs))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _inside(mark: Mark, step: str | int) -> Mark | None:
    if isinstance(mark.inside, dict):
        return mark.inside.get(str(step))
    if isinstance(mark.inside, list) and isinstance(step, int) and 0 <= step < len(mark.inside):
        return mark.inside[step]
    return None


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One YAML document: plain data (maps, lists, text, int, Decimal, bool, None), its places, and if it is sound.

    A document that is not ``sound`` had problems which were reported; its data holds what could be read.
    """

    data: Any
    places: Places
    sound: bool


@dataclass(slots=True)
class Reading:
    """What came out of one file."""

    documents: list[RawDocument] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def read_bytes(content: bytes, file: str) -> Reading:
    """Return the documents of a file's content and every problem; never raises, whatever the content.

    >>> read_bytes(b"a: on", "x.yaml").documents[0].data
    {'a': 'on'}
    """
    reading = Reading()
    text = decode(content, file, reading.issues)
    if text is None:
        return reading
    for chunk, first_line in _chunks(text):
        _Composer(file, first_line, reading).read(chunk)
    return reading


def decode(content: bytes, file: str, issues: list[Issue]) -> str | None:
    """Return the content as text without its byte order mark, or None after an issue was added."""
    if len(content) > MAX_BYTES:
        issues.append(too_large(file, len(content)))
        return None
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        hint = "Save the file as UTF-8; in most editors: Save with encoding, UTF-8."
        issues.append(Issue("KM003", Place(file), "The file is UTF-16; metadata is read as UTF-8.", hint))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        message = f"The byte 0x{content[error.start]:02X} is not UTF-8 text."
        issues.append(Issue("KM003", _place_in(before, file), message, "Save the file as UTF-8."))
        return None
    control = _CONTROL.search(text)
    if control:
        place = _place_in(text[: control.start()], file)
        issues.append(Issue("KM003", place, _invisible(control), "Remove it; it is invisible in most editors."))
        return None
    return text


def _invisible(control: re.Match[str]) -> str:
    return f"The control character U+{ord(control.group()):04X} cannot stand in metadata."


def too_large(file: str, size: int) -> Issue:
    """Return the issue of a file that is over the size cap."""
    message = f"The file has {size:,} bytes; a metadata file has at most {MAX_BYTES:,}."
    return Issue("KM002", Place(file), message, "Split it into several files; any number of files is read.")


def _place_in(before: str, file: str) -> Place:
    lines = before.replace("\r\n", "\n").replace("\r", "\n")
    return Place(file, lines.count("\n") + 1, len(lines) - (lines.rfind("\n") + 1) + 1)


def _chunks(text: str) -> Iterator[tuple[str, int]]:
    """Cut a text at its document marks, so that a mistake in one document does not hide the others."""
    start, line = 0, 1
    for marker in _MARKER.finditer(text):
        if marker.start() == 0:
            continue
        yield text[start : marker.start()], line
        line += text.count("\n", start, marker.start())
        start = marker.start()
    yield text[start:], line


class _Composer:
    """Turns the events of one chunk into plain data and marks."""

    def __init__(self, file: str, first_line: int, reading: Reading) -> None:
        self._file, self._offset, self._reading = file, first_line, reading
        self._sound = True
        self._events: Any = None
        self._text = ""
        self._lines: list[str] = []

    def read(self, chunk: str) -> None:
        if not chunk.strip():
            return
        if chunk.startswith("..."):
            chunk = "#.." + chunk[3:]
        if chunk.lstrip().startswith("%"):
            before = chunk[: chunk.index("%")].count("\n")
            place = Place(self._file, self._offset + before)
            message = "Directives (lines that start with %) are not read."
            self._reading.issues.append(Issue("KM007", place, message, "Remove the line, or put the text in quotes."))
            return
        already = len(self._reading.documents)
        self._text = chunk
        loader = StrictLoader(chunk)
        self._events = loader.get_event
        try:
            self._documents()
        except yaml.YAMLError as error:
            self._reading.issues.append(describe(error, chunk, self._file, self._offset))
            self._salvage(chunk, already)
        except _TooDeep as found:
            message = f"This is nested more than {MAX_DEPTH} levels deep."
            self._report("KM010", found.event, message, "Metadata is never that deep; look for a bracket left open.")
            self._salvage(chunk, already)
        finally:
            loader.dispose()

    def _salvage(self, chunk: str, already: int) -> None:
        """Keep the first key of a document that cannot be read, so that others may still refer to it."""
        del self._reading.documents[already:]
        first = _FIRST_KEY.search(chunk)
        if first:
            line = self._offset + chunk.count("\n", 0, first.start())
            name = Mark(line, first.start(2) - first.start() + 1)
            root = Mark(line, 1, "", {first[1]: name}, {first[1]: (line, 1)})
            self._reading.documents.append(RawDocument({first[1]: first[2]}, Places(self._file, root), False))

    def _documents(self) -> None:
        while True:
            event = self._events()
            if isinstance(event, yaml.StreamEndEvent):
                return
            if isinstance(event, yaml.DocumentStartEvent):
                self._sound = True
                if event.version or event.tags:
                    self._report("KM007", event, "Directives such as %YAML and %TAG are not read.", "Remove the line.")
                data, mark = self._value(self._events(), 1)
                if data is not None:
                    document = RawDocument(data, Places(self._file, mark), self._sound)
                    self._reading.documents.append(document)

    def _report(self, code: str, event: Any, message: str, hint: str) -> None:
        self._sound = False
        self._reading.issues.append(Issue(code, self._place(event), message, hint))

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + self._offset, mark.column + 1)

    def _value(self, event: Any, depth: int) -> tuple[Any, Mark]:
        if depth > MAX_DEPTH:
            raise _TooDeep(event)
        start = event.start_mark
        line, column = start.line + self._offset, start.column + 1
        if type(event) is yaml.AliasEvent:
            hint = "Write the value again; if the text starts with a star, put it in quotes."
            message = f"The alias '*{event.anchor}' is not read: nothing is shared by aliases."
            self._report("KM008", event, message, hint)
            return None, Mark(line, column)
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        if type(event) is yaml.ScalarEvent:
            value = event.value if event.style else self._plain(event)
            control = _CONTROL.search(event.value)
            if control:
                self._report("KM003", event, _invisible(control), "Take the escape of it out.")
            if event.style in ("|", ">"):
                return value, self._block(event, line, column)
            return value, Mark(line, column, event.style or "")
        if type(event) is yaml.SequenceStartEvent:
            return self._list(line, column, depth)
        return self._map(line, column, depth)

    def _refuse(self, event: Any) -> None:
        if event.anchor is not None:
            hint = "Remove it; if the text starts with &, put it in quotes."
            message = f"The anchor '&{event.anchor}' is not read: nothing is shared by aliases."
            self._report("KM008", event, message, hint)
        if event.tag is not None:
            hint = "Remove it; if the text starts with !, put it in quotes."
            self._report("KM007", event, f"The tag '{event.tag}' is not read: types follow from the property.", hint)

    def _block(self, event: Any, line: int, column: int) -> Mark:
        if not self._lines:
            self._lines = self._text.split("\n")
        written = self._lines[event.start_mark.line + 1 : event.end_mark.line + 1]
        indent = next((len(text) - len(text.lstrip(" ")) for text in written if text.strip()), 0)
        widths = tuple(len(text.rstrip()) - indent for text in written)
        return Mark(line, column, event.style, indent=indent, widths=widths)

    def _list(self, line: int, column: int, depth: int) -> tuple[list[Any], Mark]:
        values: list[Any] = []
        marks: list[Mark] = []
        while True:
            event = self._events()
            if type(event) is yaml.SequenceEndEvent:
                return values, Mark(line, column, "", marks)
            value, mark = self._value(event, depth + 1)
            values.append(value)
            marks.append(mark)

    def _map(self, line: int, column: int, depth: int) -> tuple[dict[str, Any], Mark]:
        values: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        keys: dict[str, tuple[int, int]] = {}
        while True:
            event = self._events()
            if type(event) is yaml.MappingEndEvent:
                return values, Mark(line, column, "", marks, keys)
            key = self._key(event, depth)
            value, mark = self._value(self._events(), depth + 1)
            if key is None:
                continue
            if key in values:
                self._twice(event, key, keys[key])
                continue
            start = event.start_mark
            values[key], marks[key] = value, mark
            keys[key] = (start.line + self._offset, start.column + 1)

    def _key(self, event: Any, depth: int) -> str | None:
        if type(event) is not yaml.ScalarEvent:
            self._value(event, depth + 1)
            self._report("KM011", event, "A key must be a text.", "Write: name: value.")
            return None
        if event.anchor is not None or event.tag is not None:
            self._refuse(event)
        key: str = event.value
        if key == "<<" and not event.style:
            self._report("KM009", event, "The merge key '<<' is not read.", "Write out the properties.")
            return None
        if not key or not key.isprintable():
            self._report("KM011", event, "A key must be a text of visible characters.", "Write: name: value.")
            return None
        return key

    def _twice(self, event: Any, key: str, first: tuple[int, int]) -> None:
        self._sound = False
        related = ((Place(self._file, *first), "the first one"),)
        message = f"'{key}' is written twice in the same place; the first one is on line {first[0]}."
        hint = "Keep one of them."
        self._reading.issues.append(Issue("KM006", self._place(event), message, hint, related=related))

    def _plain(self, event: Any) -> Any:
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMBER_START:
            return text
        whole = _INTEGER.match(text)
        if not whole and not _DECIMAL.match(text):
            return text
        if len(text) > MAX_DIGITS + 2:
            message = f"This number has more than {MAX_DIGITS} digits."
            self._report("KM017", event, message, "Put it in quotes if it is not a quantity.")
            return 0
        return int(text) if whole else Decimal(text)


class _TooDeep(Exception):
    def __init__(self, event: Any) -> None:
        self.event = event
        super().__init__("too deep")
