"""What is wrong with metadata, where, and what to do: one form for text, JSON and code-review annotations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_MOST_PLACES = 8


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; lines and columns count from 1, ``file`` is relative to where the check was started."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding of a check.

    ``code`` is stable (``KM…``) and documented in ``docs/issues.md``; ``path`` names the property inside the document
    (``fields.amount.type``); ``hint`` says what to do; ``related`` lists other places that belong to it, each with a
    few words. An ``error`` stops a publish, a ``warning`` does not.
    """

    code: str
    place: Place
    message: str
    hint: str = ""
    path: str = ""
    severity: str = "error"
    related: tuple[tuple[Place, str], ...] = field(default=())

    @property
    def sort_key(self) -> tuple[Place, str, str]:
        """Order by place, then code: the order in which a person works through a file."""
        return (self.place, self.code, self.message)


def sort_issues(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return the issues without exact duplicates, sorted by place."""
    return tuple(sorted(set(issues), key=lambda issue: issue.sort_key))


def format_text(issues: Iterable[Issue]) -> str:
    """Return one line per issue, ``file:line:column: code message``, with hints and related places indented.

    The same finding in many places, as after a rename, is written once, with the other places below it.
    """
    causes: dict[tuple[str, str, str, str], list[Issue]] = {}
    for issue in issues:
        causes.setdefault((issue.code, issue.severity, issue.message, issue.hint), []).append(issue)
    lines: list[str] = []
    for first, *others in causes.values():
        mark = "" if first.severity == "error" else f"{first.severity}: "
        lines.append(f"{first.place}: {first.code} {mark}{first.message}")
        if first.hint:
            lines.append(f"    hint: {first.hint}")
        lines.extend(f"    see {place}: {words}" for place, words in first.related)
        if others:
            lines.append(f"    also: {_places(first.place.file, [issue.place for issue in others])}")
    return "\n".join(lines)


def _places(file: str, places: Sequence[Place]) -> str:
    """Return places as a list that names each file once and stays readable."""
    parts: list[str] = []
    for place in places[:_MOST_PLACES]:
        parts.append(f"{place.line}:{place.column}" if place.file == file else str(place))
        file = place.file
    more = len(places) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def format_json(issues: Iterable[Issue]) -> str:
    """Return a JSON list with one object per issue, for editors and the builder."""
    return json.dumps([as_dict(issue) for issue in issues], ensure_ascii=False, indent=2)


def format_github(issues: Iterable[Issue]) -> str:
    """Return workflow commands that code-review systems show as annotations beside the line."""
    lines = []
    for issue in issues:
        text = issue.message + (f" {issue.hint}" if issue.hint else "")
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        place = issue.place
        lines.append(
            f"::{issue.severity} file={place.file},line={place.line},col={place.column},title={issue.code}::{escaped}"
        )
    return "\n".join(lines)


def as_dict(issue: Issue) -> dict[str, object]:
    """Return the issue as plain data."""
    return {
        "code": issue.code,
        "severity": issue.severity,
        "file": issue.place.file,
        "line": issue.place.line,
        "column": issue.place.column,
        "path": issue.path,
        "message": issue.message,
        "hint": issue.hint,
        "related": [
            {"file": place.file, "line": place.line, "column": place.column, "message": words}
            for place, words in issue.related
        ],
    }


FORMATS = {"text": format_text, "json": format_json, "github": format_github}
