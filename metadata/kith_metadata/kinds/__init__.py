"""The kinds of metadata document, one file each; a document's kind is the word of its first key (``entity: deal``)."""

from __future__ import annotations

import sys
from typing import Any

from kith_metadata.registry import Registry

kinds: Registry[type[Any]] = Registry("kind of document")
"""Every kind by its word; frozen by :mod:`kith_metadata.language`."""


def discover() -> None:
    """Import every file of this folder, so that each registers its kind."""
    kinds.discover(sys.modules[__name__])
