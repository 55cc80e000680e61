"""Words: how texts are cut and folded, the same on both databases and for what people type."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# Digits as people group them: +49 (0)151 123-456, 12/2026, 100.50.
_NUMBER = re.compile(r"(?<![^\W_])\d+(?:[ ()./+-]{1,3}\d+)*(?![^\W_])")
_TRUNK = re.compile(r"\(0\)")
_APART = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})

LONGEST_TEXT = 20_000
"""Characters of a field that are indexed; more of a long text would not help anybody to find it."""

LONGEST_WORD = 60

LEAST_DIGITS, MOST_DIGITS = 5, 18
"""Digits that people may group as they like; more than the longest telephone number are no one number."""


def folded(text: str) -> str:
    """Return a text without case, accents and the dots and strokes of letters.

    >>> folded("Müller & Søn Ístanbul")
    'muller & son istanbul'
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character)).translate(_APART)


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, folded; digits in groups are there together as well.

    >>> words_of("anna@acme-group.com, 0151/123 45")
    ['anna', 'acme', 'group', 'com', '0151', '123', '45', '015112345']
    """
    plain = folded(text[:LONGEST_TEXT])
    found = [word[:LONGEST_WORD] for word in _WORD.findall(plain)]
    return found + [number for number, grouped in _numbers(plain) if grouped]


def _numbers(plain: str) -> list[tuple[str, bool]]:
    """The numbers of a folded text as digits only, with whether they were written in groups."""
    found = []
    for match in _NUMBER.finditer(_TRUNK.sub(" ", plain)):
        digits = "".join(character for character in match[0] if character.isdecimal())
        if LEAST_DIGITS <= len(digits) <= MOST_DIGITS:
            found.append((digits, len(digits) < len(match[0])))
    return found


def asked_words(text: str) -> list[str]:
    """Return the words that a person typed, each once and at most eight: more do not narrow anything further.

    A single letter that hangs on a longer word is left out: it may end a word, as in a part of an address.

    >>> asked_words("a.becker@acme b")
    ['becker', 'acme', 'b']
    """
    found: list[str] = []
    for part in folded(text[:200]).split():
        words = _WORD.findall(part)
        longer = [word for word in words if len(word) > 1 or word.isdigit()]
        found += longer or words
    return list(dict.fromkeys(found))[:8]


def ways_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to understand what was typed, each a list of words that a record must hold; empty for no words.

    A number counts as its groups, and as all its digits without the zeros that stand for a country or a line.

    >>> ways_of("Becker 0151/123 45")
    (('becker', '0151', '123', '45'), ('becker', '15112345'))
    """
    words = tuple(word[:LONGEST_WORD] for word in asked_words(text))
    if not words:
        return ()
    plain = _TRUNK.sub(" ", folded(text[:200]))
    numbers = [digits.lstrip("0") for digits, _ in _numbers(plain)]
    numbers = [digits for digits in numbers if len(digits) >= LEAST_DIGITS - 1]
    if not numbers:
        return (words,)
    others = tuple(dict.fromkeys((*asked_words(_NUMBER.sub(" ", plain)), *numbers)))[:8]
    return (words,) if others == words else (words, others)
