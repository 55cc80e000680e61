"""How many statements the database is asked, seen where the driver is called: nothing of ours can hide one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Yield a list that gets an entry for each statement which this thread hands to a driver."""
    found: list[str] = []

    def note(frame: FrameType, kind: str, called: Any) -> None:
        if kind == "c_call" and called.__name__ == "execute":
            found.append("sqlite")
        elif kind == "call" and (frame.f_code.co_name, frame.f_code.co_filename[-17:]) == (
            "execute",
            "psycopg/cursor.py",
        ):
            found.append("postgresql")

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
