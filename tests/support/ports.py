"""Ports for servers that a test starts as programs of their own, which take a number and not a socket."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

_FIRST, _LAST = 20_000, 32_000
"""Below the ports that systems hand out by themselves, as to the connections of browsers and to other test servers."""


def free_port() -> int:
    """Return a port of the loopback address that is free, and stays so until the server that asked for it is up."""
    # Not from the common generator, which other tests set back: several run at once and would choose alike.
    for port in random.SystemRandom().sample(range(_FIRST, _LAST), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"a hundred ports between {_FIRST} and {_LAST} are taken")
