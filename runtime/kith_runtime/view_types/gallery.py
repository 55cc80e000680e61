"""Records as pictures."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType, first_of, misfits, readable_fields

IMAGE = frozenset({"image"})


@view_types.register("gallery")
class Gallery(ViewType):
    """Pictures with a title and two fields."""

    name = "gallery"
    label = "Gallery"
    help = "Records as pictures, each with its title and two fields."
    icon = "photo"
    position = 50
    needs = ("image",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """Which picture is shown."""

        image: str = prop("Image", "The field that holds the picture.", refers="field")

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        return (*super().problems(view, snapshot), *misfits(view, snapshot, {"image": IMAGE}))

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        image = first_of(readable_fields(snapshot, entity, readable), IMAGE)
        return self.Options(image=image) if image else None
