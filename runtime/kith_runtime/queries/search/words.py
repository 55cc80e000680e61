"""Words: how texts are cut and folded, the same on both databases and for what people type."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")

LONGEST_TEXT = 20_000
"""Characters of a field that are indexed; more of a long text would not help anybody to find it."""

LONGEST_WORD = 60


def folded(text: str) -> str:
    """Return a text without case, accents and the dots of letters.

    >>> folded("Müller & Søn Ístanbul")
    'muller & søn istanbul'
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, folded.

    >>> words_of("anna@acme-group.com")
    ['anna', 'acme', 'group', 'com']
    """
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded(text[:LONGEST_TEXT]))]


def asked_words(text: str) -> list[str]:
    """Return the words that a person typed, each once and at most eight: more do not narrow anything further."""
    return list(dict.fromkeys(words_of(text[:200])))[:8]
