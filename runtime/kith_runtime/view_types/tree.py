"""Records under each other, as one of their own lookups says."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types.system import fields_of
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType, misfits, readable_fields


@view_types.register("tree")
class Tree(ViewType):
    """What stands above opens to show what stands below."""

    name = "tree"
    label = "Tree"
    help = "Records under each other, where a record names the one above it; moving one changes what it belongs to."
    icon = "hierarchy"
    position = 40
    needs = ("parent",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """Which lookup says what stands above."""

        parent: str = prop("Parent", "The lookup to the same entity that names the record above.", refers="field")

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        wrong = misfits(view, snapshot, {"parent": frozenset({"lookup"})})
        declared = fields_of(snapshot, view.entity).get(view.options.parent)
        if not wrong and declared is not None and not _points_home(declared, view.entity):
            wrong = (("parent", f"'{declared.name}' points to {declared.options.to}, not to {view.entity} itself."),)
        return (*super().problems(view, snapshot), *wrong)

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        fields = readable_fields(snapshot, entity, readable)
        parent = next(
            (item.name for item in fields if _points_home(item, entity) and item.name in _declared(snapshot, entity)),
            "",
        )
        return self.Options(parent=parent) if parent else None


def _declared(snapshot: Snapshot, entity: str) -> frozenset[str]:
    return frozenset(snapshot.entity(entity).fields)


def _points_home(declared: Field, entity: str) -> bool:
    return declared.type == "lookup" and declared.options.to == entity
