"""Passwords: what is accepted, how it is stored, how it is checked.

Length is what counts: 10 to 256 characters, no rules about their kind. Common passwords and those made of the
person's own name or address are refused. Stored as argon2id. An unknown person costs the same time as a known one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kith_platform.errors import Invalid

SHORTEST = 10
LONGEST = 256
# The parameters that OWASP gives for argon2id: 19 MiB, two passes, one lane; about 25 ms.
_MEMORY_KIBIBYTES = 19_456
_PASSES = 2
_LANES = 1
_PERSONAL_WORD = 4


class Passwords:
    """Hashes and checks passwords; holds no data of people.

    ``passes`` and ``memory`` (KiB) are raised over the years; old hashes keep working and report that they are stale.
    """

    def __init__(self, passes: int = _PASSES, memory: int = _MEMORY_KIBIBYTES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=_LANES)
        self._dummy = self._hasher.hash("no person has this password")

    def hash(self, password: str) -> str:
        """Return the stored form of a password."""
        return self._hasher.hash(_normal(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one; without a stored one it is False after the same work."""
        if len(password) > LONGEST:
            return False
        try:
            self._hasher.verify(stored or self._dummy, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_stale(self, stored: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def check_policy(password: str, personal: Iterable[str] = ()) -> None:
    """Raise Invalid with what to do when a new password is too weak.

    ``personal`` are the person's name, e-mail address and the like.
    """
    length = len(password)
    if length < SHORTEST:
        characters = "1 character" if length == 1 else f"{length} characters"
        raise _weak("password_short", f"The password has {characters}.", f"Use {SHORTEST} or more.")
    if length > LONGEST:
        raise _weak("password_long", f"The password has {length} characters.", f"Use {LONGEST} or fewer.")
    plain = _plain(password)
    if plain in common_passwords() or len(set(plain)) < 4:
        raise _weak(
            "password_common", "This password is on the list that attackers try first.", "Use a few words of your own."
        )
    if _is_made_of(plain, {word for text in personal for word in _words(text)}):
        raise _weak(
            "password_personal", "The password is made of your name or e-mail address.", "Use a few other words."
        )


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that nobody may choose, in lower case."""
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def _weak(code: str, message: str, hint: str) -> Invalid:
    return Invalid(code, message, hint, "password")


def _normal(password: str) -> str:
    # The same characters can arrive composed or not, depending on the keyboard.
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    return _normal(text).casefold()


def _words(text: str) -> list[str]:
    plain = _plain(text)
    parts = "".join(character if character.isalnum() else " " for character in plain).split()
    return [word for word in {plain, "".join(parts), *parts} if len(word) >= _PERSONAL_WORD]


def _is_made_of(password: str, words: set[str]) -> bool:
    rest = password
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != password and sum(character.isalnum() for character in rest) < _PERSONAL_WORD
