"""Every field type, one file each: what a word such as ``money`` means in storage, input, display and queries.

To add one, put a file of its name into this folder and register an instance::

    @field_types.register("iban")
    class Iban(FieldType): ...
"""

from __future__ import annotations

import sys

from kith_runtime.field_types.base import FieldType
from kith_runtime.members import Members

field_types: Members[FieldType] = Members("field type")
"""Every field type by its word; frozen by :func:`kith_runtime.language.kith_language`."""


def discover() -> None:
    """Import every file of this folder, so that each registers its type."""
    field_types.discover(sys.modules[__name__])
