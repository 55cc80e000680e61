"""Where each scalar of a YAML file begins and ends in its text, so that a tool can change it in place."""

from __future__ import annotations

import re

import yaml

from kith_metadata.yaml_reader import Path, Places, StrictLoader

_COMMA = re.compile(r"\s*,[ ]*")
_REST = re.compile(r"[ ]*\r?(\n|\Z)")


class Scalars:
    """The spans of the keys and values of one file that was read without problems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}
        self._maps: dict[tuple[int, int], tuple[int, bool]] = {}
        for event in yaml.parse(text, Loader=StrictLoader):
            start, end = event.start_mark, event.end_mark
            if start is None or end is None:
                continue
            here = start.line + 1, start.column + 1
            if isinstance(event, yaml.ScalarEvent):
                self._spans[here] = self.offset(*here), self.offset(end.line + 1, end.column + 1)
            elif isinstance(event, yaml.MappingStartEvent):
                self._maps[here] = self.offset(end.line + 1, end.column + 1), bool(event.flow_style)

    def offset(self, line: int, column: int) -> int:
        """Return the place in the text of a line and column, both from 1."""
        return self._lines[min(line, len(self._lines)) - 1] + column - 1

    def span(self, places: Places, path: Path, at_key: bool) -> tuple[int, int] | None:
        """Return where the value at a path, or its key, begins and ends; None for what is no scalar."""
        mark = places.mark(path[:-1] if at_key else path)
        if mark is None:
            return None
        if not at_key:
            return self._spans.get((mark.line, mark.column))
        place = (mark.keys or {}).get(str(path[-1]))
        return None if place is None else self._spans.get(place)

    def inserted(self, places: Places, path: Path, line: str) -> tuple[int, int, str] | None:
        """Return the change that puts a property at the head of the map at a path, in the way the map is written.

        In a document it stands behind the key that says its kind. None for what is no map and not blank either.
        """
        mark = places.mark(path)
        if mark is None:
            return None
        if (mark.line, mark.column) not in self._maps:
            return self._first(places, path, line)
        begin, flow = self._maps[mark.line, mark.column]
        if flow and not mark.inside:
            return begin, begin, line
        keys = list((mark.keys or {}).values())
        if not path and len(keys) == 1:
            return None
        at_line, at_column = keys[0 if path else 1]
        start = self.offset(at_line, at_column)
        return start, start, f"{line}, " if flow else f"{line}\n{' ' * (at_column - 1)}"

    def _first(self, places: Places, path: Path, line: str) -> tuple[int, int, str] | None:
        """Let a blank value become a map of one property, on a line of its own."""
        value, key = self.span(places, path, False), self.span(places, path, True)
        above = places.mark(path[:-1])
        if key is None or above is None or (value is not None and value[0] != value[1]):
            return None
        flow = self._maps.get((above.line, above.column), (0, True))[1]
        end = self.text.find("\n", key[1])
        end = len(self.text) if end < 0 else end
        inside = " " * (self._column(key[0]) + 2)
        return None if flow else (end, end, f"\n{inside}{line}")

    def _column(self, offset: int) -> int:
        return offset - (self.text.rfind("\n", 0, offset) + 1)

    def removed(self, places: Places, path: Path, key: str) -> tuple[int, int, str] | None:
        """Return the change that takes a property out of the map at a path, as if it had never been written there."""
        key_span, value = self.span(places, (*path, key), True), self.span(places, (*path, key), False)
        mark = places.mark(path)
        if key_span is None or value is None or mark is None:
            return None
        begin, end = key_span[0], value[1]
        if self._maps[mark.line, mark.column][1]:
            comma = _COMMA.match(self.text, end)
            return begin, comma.end() if comma else end, ""
        rest = _REST.match(self.text, end)
        if rest is None:
            return None
        line = begin - self._column(begin)
        if len(mark.keys or ()) == 1:
            return max(line - 1, 0), end, ""
        return (line, rest.end(), "") if not self.text[line:begin].strip() else None
