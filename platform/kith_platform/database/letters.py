"""The order of letters in lists, alike on both databases: case and the marks on Latin letters do not count.

A collation of the operating system would sort by the rules of one language, and each machine by another. This order is
one for all: Ä stands with A, É with E, ß is ss; other alphabets follow by their own order.
"""

from __future__ import annotations

import unicodedata

_FIRST, _LAST = 0xDF, 0x24F
"""The Latin letters beyond ASCII in lower case: Latin-1, Extended-A and Extended-B."""

_OTHERS = {"æ": "a", "ð": "d", "ø": "o", "þ": "t", "đ": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l",
           "ŋ": "n", "œ": "o", "ŧ": "t", "ſ": "s", "ς": "σ"}  # fmt: skip
"""Letters that Unicode does not take apart. The two small sigmas are one, because lower case picks by the place."""


def _table() -> dict[str, str]:
    found = dict(_OTHERS)
    for letter in map(chr, range(_FIRST, _LAST + 1)):
        base = unicodedata.normalize("NFD", letter)[0]
        if letter == letter.lower() and base != letter and base.isascii():
            found[letter] = base
    return found


_TABLE = _table()
MARKED, PLAIN = "".join(_TABLE), "".join(_TABLE.values())
"""Letters, and what each counts as; of the same length."""

SHARP = ("ß", "ss")
"""The one letter that counts as two."""

_TRANSLATION = str.maketrans(_TABLE | dict([SHARP]))


def without_marks(text: str) -> str:
    """Return a text as lists sort it: in lower case, Latin letters without their marks."""
    return text.lower() if text.isascii() else text.lower().translate(_TRANSLATION)
