"""Where the cursor stands in an unfinished expression: what is written there, in which calls, and beside what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<name>[A-Za-z_]\w*(?:\.\w*)*)|(?P<number>\d[\d.]*)
    |(?P<text>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|(?P<sign>==|!=|<=|>=|\*\*|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is open at the cursor: its function, the number of the argument there, and the first one's path."""

    name: str
    argument: int = 0
    first: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """`written` is the name or the text in quotes up to the cursor, from `start` on.

    `beside` is the path of names before the last comparison, which a text in quotes is compared with.
    """

    start: tuple[int, int]
    written: str = ""
    quoted: bool = False
    calls: tuple[Call, ...] = field(default=())
    beside: str = ""


def offset_of(text: str, place: tuple[int, int]) -> int:
    """Return the characters before a place; one behind the end of a line or of the text means that end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line = min(max(1, place[0]), len(lines))
    before = sum(len(item) + 1 for item in lines[: line - 1])
    return before + min(max(0, place[1] - 1), len(lines[line - 1]))


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return the place of a character."""
    line = text.count("\n", 0, offset)
    return line + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def spot_of(text: str, place: tuple[int, int]) -> Spot:
    """Return where a place of a text stands; only what is before it counts."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    before = text[: offset_of(text, place)]
    calls: list[Call] = []
    name = beside = ""
    last = Spot(place)
    for found in _TOKEN.finditer(before):
        kind, written = found.lastgroup, found.group()
        last = Spot(place)
        if kind == "name":
            last = Spot(place_of(before, found.start()), written)
            if calls and calls[-1].argument == 0 and not calls[-1].first:
                calls[-1] = replace(calls[-1], first=written)
            name = written
            beside = written if written not in ("in", "not", "and", "or") else beside
        elif kind == "text" and not _closed(written):
            last = Spot(place_of(before, found.start() + 1), written[1:], quoted=True)
        elif kind == "sign":
            calls, beside = _sign(written, calls, name, beside)
            name = ""
        elif kind != "space":
            name = ""
    return replace(last, calls=tuple(call for call in calls if call.name), beside=beside)


def _sign(sign: str, calls: list[Call], name: str, beside: str) -> tuple[list[Call], str]:
    if sign in "([":
        return [*calls, Call(name if sign == "(" else "")], beside if sign == "[" else ""
    if sign in ")]":
        return calls[:-1], beside
    if sign == "," and calls and calls[-1].name:
        return [*calls[:-1], replace(calls[-1], argument=calls[-1].argument + 1)], ""
    return calls, beside


def _closed(written: str) -> bool:
    body = re.sub(r"\\.", "", written, flags=re.DOTALL)
    return len(body) > 1 and body.endswith(written[0])
