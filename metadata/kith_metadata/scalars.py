"""Where each scalar of a YAML file begins and ends in its text, so that a tool can change it in place."""

from __future__ import annotations

import yaml

from kith_metadata.yaml_reader import Path, Places, StrictLoader


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

    def inserted(self, places: Places, path: Path, line: str) -> tuple[int, int, str]:
        """Return the change that puts a property at the head of the map at a path, in the way the map is written."""
        mark = places.mark(path)
        if mark is None or (mark.line, mark.column) not in self._maps:
            raise LookupError(f"There is no map at {path}.")
        begin, flow = self._maps[mark.line, mark.column]
        if flow:
            return begin, begin, f"{line}, " if mark.inside else line
        start = self.offset(mark.line, mark.column)
        return start, start, f"{line}\n{' ' * (mark.column - 1)}"
