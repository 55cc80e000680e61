"""Record ids: 20 characters that sort by the time they were made.

An id is 48 bits of milliseconds and 52 random bits in lower-case Crockford base 32 (no i, l, o, u). Ids made by
one process in one millisecond count upwards by a random step, so rows inserted together keep their order.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from threading import Lock

from kith_platform.clock import Clock

ID_LENGTH = 20

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_SHAPE = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{19}\Z")
_RANDOM_BITS = 52
_FIRST_BITS = 51
_STEP_BITS = 32
_RANDOM_END = 1 << _RANDOM_BITS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class IdSequence:
    """Makes ids that rise within a millisecond; safe for threads.

    One exists per process. It holds no fact of a workspace, only the last number given.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked = -1
        self._millisecond = -1
        self._random = 0
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Start anew, so that a forked process does not count on from its parent's number."""
        self._lock = Lock()
        self._asked = -1

    def next(self, moment: datetime) -> str:
        """Return the next id for an aware instant."""
        asked = (moment - _EPOCH) // _MILLISECOND
        with self._lock:
            if asked == self._asked:
                self._random += 1 + (int.from_bytes(os.urandom(8), "big") >> (64 - _STEP_BITS))
                if self._random >= _RANDOM_END:
                    self._millisecond += 1
                    self._random = _first_random()
            else:
                self._asked = self._millisecond = asked
                self._random = _first_random()
            number = (self._millisecond << _RANDOM_BITS) | self._random
        return _encode(number)


def _first_random() -> int:
    return int.from_bytes(os.urandom(8), "big") >> (64 - _FIRST_BITS)


def _encode(number: int) -> str:
    pairs = _PAIRS
    high, low = number >> 50, number & 0x3FFFFFFFFFFFF
    return (
        pairs[high >> 40]
        + pairs[high >> 30 & 1023]
        + pairs[high >> 20 & 1023]
        + pairs[high >> 10 & 1023]
        + pairs[high & 1023]
        + pairs[low >> 40]
        + pairs[low >> 30 & 1023]
        + pairs[low >> 20 & 1023]
        + pairs[low >> 10 & 1023]
        + pairs[low & 1023]
    )


_SEQUENCE = IdSequence()


def new_id(clock: Clock) -> str:
    """Return a new id for the clock's present millisecond."""
    return _SEQUENCE.next(clock.now())


def is_id(text: str) -> bool:
    """Tell whether a text has the shape of an id; it says nothing about a record."""
    return _SHAPE.match(text) is not None


def made_at(record_id: str) -> datetime:
    """Return the instant at which an id was made, to the millisecond.

    Raises ValueError when the text is no id.
    """
    if not is_id(record_id):
        raise ValueError(f"{record_id!r} is not an id: it needs {ID_LENGTH} characters of Crockford base 32.")
    number = 0
    for character in record_id:
        number = number << 5 | _VALUES[character]
    return _EPOCH + (number >> _RANDOM_BITS) * _MILLISECOND
