"""What a form's section can hold, one file each: a field, the rows of child records, a text, an empty place."""

from __future__ import annotations

import sys

from kith_runtime.form_elements.base import FormElement
from kith_runtime.members import Members

form_elements: Members[FormElement] = Members("form element")
"""Every form element by its word; frozen by :func:`kith_runtime.language.kith_language`."""


def discover() -> None:
    """Import every file of this folder, so that each registers its element."""
    form_elements.discover(sys.modules[__name__])
