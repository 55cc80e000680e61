"""Records as cards, in a lane for each option of a choice."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.queries.aggregation import SUMMABLE
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType, first_of, misfits, readable_fields

CHOICE = frozenset({"choice"})


@view_types.register("board")
class Board(ViewType):
    """Lanes side by side; a card is moved from one to the next."""

    name = "board"
    label = "Board"
    help = "Records as cards in a lane for each option of a choice; moving a card changes the choice."
    icon = "layout-kanban"
    position = 10
    needs = ("by",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """Which choice makes the lanes, and what is added up in each."""

        by: str = prop("Lanes by", "The choice field whose options are the lanes.", refers="field")
        sum: str = prop("Sum", "The number or amount that each lane adds up.", default="", refers="field")

        @property
        def lanes(self) -> str:
            """The choice that makes the lanes."""
            return self.by

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        wrong = misfits(view, snapshot, {"by": CHOICE, "sum": SUMMABLE})
        return (*super().problems(view, snapshot), *wrong)

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        fields = readable_fields(snapshot, entity, readable)
        choices = [item for item in fields if item.type == "choice"]
        path = next((item.name for item in choices if _is_path(item, snapshot)), "")
        by = path or first_of(choices, CHOICE)
        summed = next((item.name for item in fields if item.sum and item.type in SUMMABLE), "")
        return self.Options(by=by, sum=summed) if by else None


def _is_path(field: Field, snapshot: Snapshot) -> bool:
    return bool(field.options.options_from) and snapshot.option_set(field.options.options_from).stages
