"""What a form element is: its words, its options, and which fields of the record it shows."""

from __future__ import annotations

from typing import ClassVar

from kith_metadata.kinds.form import Element, ElementOptions
from kith_metadata.snapshot import Snapshot


class FormElement:
    """The base of every form element; one stateless instance of each is registered.

    How it looks is a template of its name (``elements/<name>.html``); this class says what the screens and the checks
    must know about it.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    icon: ClassVar[str] = "layout"
    Options: ClassVar[type[ElementOptions]] = ElementOptions
    editable: ClassVar[bool] = False
    """Whether people can type into it, so that the form sends values for it."""

    def fields(self, element: Element) -> tuple[str, ...]:
        """Return the names of the record's own fields that it shows."""
        return ()

    def problems(self, element: Element, entity: str, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        """Return what is wrong with the element's options, as pairs of option and sentence."""
        return ()
