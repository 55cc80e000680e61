"""Cutting a foreign formula into tokens with places: capped in length and count before anything reads them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from kith_metadata.expressions.translate.refusals import syntax_error

MAX_LENGTH = 20_000
MAX_TOKENS = 8_000
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (name, number, text, sign, end), its text (of a text: the value), and its place."""

    kind: str
    text: str
    place: tuple[int, int]


class Places:
    """Turns offsets of one text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def tokenize(text: str, pattern: re.Pattern[str]) -> list[Token]:
    """Cut a text by a pattern whose named groups are the kinds of token; the group `skip` is left out.

    Raises `TranslationError` for a text that is too long, or at the first sign that belongs to no token.
    """
    if len(text) > MAX_LENGTH:
        raise syntax_error((1, 1), f"The formula has {len(text)} characters; {MAX_LENGTH} are possible.")
    places = Places(text)
    tokens: list[Token] = []
    offset = 0
    while offset < len(text):
        match = pattern.match(text, offset)
        if match is None or match.lastgroup is None:
            raise syntax_error(places.at(offset), _unreadable(text[offset]))
        if match.lastgroup != "skip":
            tokens.append(Token(match.lastgroup, match[match.lastgroup], places.at(offset)))
        if len(tokens) > MAX_TOKENS:
            raise syntax_error(places.at(offset), f"The formula has more than {MAX_TOKENS} parts.")
        offset = match.end()
    tokens.append(Token("end", "", places.at(len(text))))
    return tokens


def unescaped(written: str, escapes: dict[str, str]) -> str:
    """Return a quoted text without its quotes and with its escapes carried out; an unknown escape stays as it is."""
    inner = written[1:-1]
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[0]), inner, flags=re.DOTALL)


def _unreadable(sign: str) -> str:
    if sign in "\"'":
        return "A text is not closed: a quotation mark is missing."
    return f"The sign {sign!r} has no meaning here."
