"""What a view type is: its words, its options, and which fields it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from kith_metadata.kinds.entity import Entity, Field
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
    position: ClassVar[int] = 100
    """Its place in the switch over a list."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Options that name a field without which there is nothing to show."""
    Options: ClassVar[type[ViewOptions]] = ViewOptions

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        """Return the options to show an entity's records with where no view says any; None when they cannot be."""
        return None

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


def readable_fields(snapshot: Snapshot, entity: str, readable: frozenset[str]) -> list[Field]:
    """Return the fields of an entity that may be read and are shown to people, in order of declaration."""
    return [item for item in fields_of(snapshot, entity).values() if item.name in readable and not item.hidden]


def first_of(fields: Iterable[Field], types: frozenset[str]) -> str:
    """Return the name of the first field of some types; empty when there is none."""
    return next((item.name for item in fields if item.type in types), "")


def misfits(view: View, snapshot: Snapshot, wanted: Mapping[str, frozenset[str]]) -> tuple[tuple[str, str], ...]:
    """Return a problem for each option of a view that names a field of another type than it needs."""
    known = fields_of(snapshot, view.entity)
    found = []
    for option, types in wanted.items():
        name = getattr(view.options, option)
        # A name that is no field is found wherever documents name fields; here only what the type asks for is.
        if name in known and known[name].type not in types:
            words = " or ".join(sorted(types))
            found.append((option, f"'{name}' is of type {known[name].type}; this needs a field of type {words}."))
    return tuple(found)


DAYS = frozenset({"date", "datetime"})


def span_problems(view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with the ``start`` and ``end`` of a view: both are days, or both are moments."""
    wrong = misfits(view, snapshot, {"start": DAYS, "end": DAYS})
    known = fields_of(snapshot, view.entity)
    start, end = known.get(view.options.start), known.get(view.options.end)
    if not wrong and start is not None and end is not None and start.type != end.type:
        return (("end", f"'{end.name}' is of type {end.type}, but the start is of type {start.type}."),)
    return wrong


def span_suggested(fields: Iterable[Field], entity: Entity) -> tuple[str, str]:
    """Return the fields that say from when to when, as their names tell; blanks where none do."""
    days = [item for item in fields if item.type in DAYS and item.name in entity.fields and not item.read_only]
    starts = [item for item in days if item.name.startswith("start")] or [i for i in days if i.name.startswith("due")]
    start = next(iter(starts or days), None)
    if start is None:
        return "", ""
    end = next((item.name for item in days if item.name.startswith("end") and item.type == start.type), "")
    return start.name, end
