"""What a view type is: its words, its options, and which fields it reads."""

from __future__ import annotations

from typing import ClassVar

from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.registry import nearest
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types.system import fields_of


class ViewType:
    """The base of every view type; one stateless instance of each is registered."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    icon: ClassVar[str] = "list"
    Options: ClassVar[type[ViewOptions]] = ViewOptions

    def fields(self, view: View) -> tuple[str, ...]:
        """Return the names of the fields that it shows, in order."""
        return tuple(view.columns)

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        """Return what is wrong with the view, as pairs of property and sentence."""
        known = fields_of(snapshot, view.entity)
        found = []
        for name in self.fields(view):
            if name not in known:
                near = nearest(name, tuple(known))
                hint = f" Did you mean '{near}'?" if near else ""
                found.append((f"columns.{name}", f"'{name}' is not a field of {view.entity}.{hint}"))
        return tuple(found)
