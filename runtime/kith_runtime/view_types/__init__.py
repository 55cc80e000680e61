"""The ways to see many records, one file each."""

from __future__ import annotations

import sys

from kith_runtime.members import Members
from kith_runtime.view_types.base import ViewType

view_types: Members[ViewType] = Members("view type")
"""Every view type by its word; frozen by :func:`kith_runtime.language.kith_language`."""


def discover() -> None:
    """Import every file of this folder, so that each registers its type."""
    view_types.discover(sys.modules[__name__])
