"""The few filters that templates have beside Jinja's own."""

from __future__ import annotations

import hashlib

HUES = ("blue", "indigo", "violet", "pink", "red", "orange", "amber", "lime", "green", "teal", "cyan")
_INITIALS = 2


def hue(key: str) -> str:
    """Return a hue that is always the same for a key, such as a record's id."""
    return HUES[hashlib.sha256(key.encode()).digest()[0] % len(HUES)]


def initials(name: str) -> str:
    """Return up to two initials of a name.

    >>> initials("Sarah Lindqvist"), initials("nordwind"), initials("")
    ('SL', 'N', '?')
    """
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = [words[0], words[-1]] if len(words) >= _INITIALS else words
    return "".join(word[0].upper() for word in chosen) or "?"
