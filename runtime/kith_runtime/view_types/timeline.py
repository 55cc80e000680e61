"""Records as bars from a start to an end."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType, misfits, readable_fields, span_problems, span_suggested


@view_types.register("timeline")
class Timeline(ViewType):
    """Bars over days, weeks or months; a bar is moved and made longer."""

    name = "timeline"
    label = "Timeline"
    help = "Records as bars from a start to an end, over days, weeks or months."
    icon = "chart-bar"
    position = 30
    needs = ("start", "end")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """Which fields say from when to when, what makes the groups, and what gives the colour."""

        start: str = prop("Start", "The date, or the date and time, at which it begins.", refers="field")
        end: str = prop("End", "When it ends; of the same type as the start.", refers="field")
        by: str = prop("Groups by", "The choice or the owner whose records stand together.", default="", refers="field")
        colour: str = prop("Colour by", "The choice whose colour it has.", default="", refers="field")

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        wanted = {"by": frozenset({"choice", "owner", "lookup"}), "colour": frozenset({"choice"})}
        wrong = (*span_problems(view, snapshot), *misfits(view, snapshot, wanted))
        return (*super().problems(view, snapshot), *wrong)

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        fields = readable_fields(snapshot, entity, readable)
        start, end = span_suggested(fields, snapshot.entity(entity))
        choice = next((item.name for item in fields if item.type == "choice"), "")
        return self.Options(start=start, end=end, by=choice, colour=choice) if start and end else None
