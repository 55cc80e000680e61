"""Pages that are nearly alike for many people: drawn once with holes, and filled for each request.

A list has the same head, tabs, filter and tools for everybody with the same rights who looks at the same view. The
template is rendered with marks in the places of what differs; the text between the marks is kept with the snapshot.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from kith_runtime.published import Published
from kith_runtime.queries.cache import Memory

MOST_PAGES = 400
"""Kept with one snapshot; a page takes some 25 kilobytes."""

# Nobody can write a mark into a label: its secret is another one in every process.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(f"\x02{_SECRET}:([a-z_]+)\x03")


def hole(name: str) -> str:
    """Return the mark of a hole; it passes through escaping as it is, and must not be asked for its letters.

    >>> kept_page("<b>" + hole("name") + "</b>").filled({"name": "Anna"})
    '<b>Anna</b>'
    """
    return f"\x02{_SECRET}:{name}\x03"


@dataclass(frozen=True, slots=True)
class KeptPage:
    """The texts of a page, and the names of the holes between them."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the page with its holes filled; ``values`` are plain strings of finished markup."""
        parts = list(self.texts)
        for place, name in enumerate(self.names):
            parts[place] += values[name]
        return "".join(parts)


def kept_page(text: str) -> KeptPage:
    """Take a rendered page apart at its holes."""
    pieces = _MARK.split(text)
    return KeptPage(tuple(pieces[::2]), tuple(pieces[1::2]))


def pages_of(published: Published) -> Memory:
    """Return the memory of the kept pages of a snapshot; it vanishes with it."""
    return published.compiled("kept pages", lambda: Memory(MOST_PAGES))
