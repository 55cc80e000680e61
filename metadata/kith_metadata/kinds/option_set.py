"""An option set: choices that several fields share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import prop

Hue = Literal["gray", "blue", "indigo", "violet", "pink", "red", "orange", "amber", "lime", "green", "teal", "cyan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice. Its name is stored; its label may change at any time.

    ``values`` holds the option's attributes, which expressions read as ``stage.probability``.
    """

    name: str
    label: str = prop("Label", "What people see; made from the name when left out.", default="")
    hue: Hue = prop("Colour", "One of twelve hues.", default="gray", editor="hue")
    active: bool = prop("Active", "An inactive choice stays on old records and is refused on new ones.", default=True)
    description: str = prop("Description", "Shown as help beside the choice.", default="")
    closed: bool = prop("Closed", "Records in this choice are done with (won, lost, solved).", default=False)
    goal: bool = prop(
        "Goal",
        "The closed choice that records are meant to come to (won, solved): its button stands out.",
        default=False,
    )
    limit: int = prop(
        "Limit",
        "How many records should stand here at most; boards show it. 0 for no limit.",
        default=0,
        schema={"minimum": 0},
    )
    refuse_over_limit: bool = prop(
        "Refuse over limit",
        "A record that would stand here beyond the limit is refused; else it is warned of.",
        default=False,
    )
    values: Mapping[str, Any] = prop("Attributes", "Values of the set's attributes for this choice.", default={})
    was: str = prop("Former name", "The name before a rename; keeps the data.", default="", customise="locked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A value that every option of a set carries, such as a stage's probability."""

    name: str
    type: Literal["text", "integer", "decimal", "percent", "boolean"] = prop("Type", "The type of the value.")
    label: str = prop("Label", "What people see.", default="")


@kinds.register("option_set")
@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSet:
    """Choices shared by several fields; ``stages`` marks an ordered path with a start and ends."""

    name: str
    label: str = prop("Label", "What makers see.")
    options: Mapping[str, Option] = prop(
        "Options",
        "By stored name, in order.",
        merge="by_key",
        customise="extend_only",
        schema={"minProperties": 1},
    )
    attributes: Mapping[str, Attribute] = prop(
        "Attributes", "Values that every option has.", default={}, merge="by_key"
    )
    stages: bool = prop("Stages", "The choices are steps of a path.", default=False)
    idle: str = prop(
        "Idle",
        "The attribute that says how many days a record may rest in a choice: after more, dates of its fields that "
        "show how long ago something was turn amber. It is a whole number; 0 or none for no limit.",
        default="",
    )
    was: str = prop("Former name", "The name before a rename.", default="", customise="locked")
