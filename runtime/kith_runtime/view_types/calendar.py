"""Records in a month, a week or a day."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.view import View, ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType, misfits, readable_fields, span_problems, span_suggested

DAYS = frozenset({"date", "datetime"})


@view_types.register("calendar")
class Calendar(ViewType):
    """Days side by side; a record is moved from one to the next."""

    name = "calendar"
    label = "Calendar"
    help = "Records on their day, by month, week and day; moving one changes its date."
    icon = "calendar"
    position = 20
    needs = ("start",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """Which fields say when, and which choice gives the colour."""

        start: str = prop("Start", "The date, or the date and time, at which it begins.", refers="field")
        end: str = prop("End", "When it ends; of the same type as the start.", default="", refers="field")
        all_day: str = prop(
            "All day", "The yes-or-no field that says it takes the whole day.", default="", refers="field"
        )
        colour: str = prop("Colour by", "The choice whose colour it has.", default="", refers="field")

    def problems(self, view: View, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        wanted = {"all_day": frozenset({"boolean"}), "colour": frozenset({"choice"})}
        wrong = (*span_problems(view, snapshot), *misfits(view, snapshot, wanted))
        return (*super().problems(view, snapshot), *wrong)

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        fields = readable_fields(snapshot, entity, readable)
        start, end = span_suggested(fields, snapshot.entity(entity))
        whole = next((item.name for item in fields if item.type == "boolean" and item.name == "all_day"), "")
        colour = next((item.name for item in fields if item.type == "choice"), "")
        return self.Options(start=start, end=end, all_day=whole, colour=colour) if start else None
