"""Fields that a record needs from a stage of its path on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.published import Published


@dataclass(frozen=True, slots=True)
class StageNeed:
    """A field that must be filled in while the choice ``by`` is one of ``options``; these have labels for messages."""

    field: str
    label: str
    by: str
    options: Mapping[str, str]

    def lacks(self, values: Mapping[str, Any]) -> bool:
        """Tell whether a record in such a stage has nothing in the field."""
        return values.get(self.by) in self.options and values.get(self.field) in (None, (), "")


def stage_needs(published: Published, entity: str) -> tuple[StageNeed, ...]:
    """Return what the stages of an entity ask for, in the order of its fields, compiled once for each snapshot."""
    return published.compiled(("stage needs", entity), lambda: tuple(_needs(published.snapshot, entity)))


def _needs(snapshot: Snapshot, name: str) -> list[StageNeed]:
    entity = snapshot.entity(name)
    found: list[StageNeed] = []
    for field in entity.fields.values():
        by_choice: dict[str, dict[str, str]] = {}
        for stage in field.required_from:
            by, _, option = stage.partition(".")
            options = options_of(entity.fields[by], snapshot)
            names = list(options)
            later = (
                []
                if options[option].closed
                else [item for item in names[names.index(option) :] if not options[item].closed]
            )
            for item in (option, *later):
                by_choice.setdefault(by, {})[item] = option_label(item, options[item])
        label = field.label or field.name.replace("_", " ").capitalize()
        found += [StageNeed(field.name, label, by, options) for by, options in by_choice.items()]
    return found
