"""Stages: those from which on a field must be filled in are there, and what is a goal closes a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kith_metadata.checks import CheckContext, checks
from kith_metadata.checks.choices import options_of
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import Entity
from kith_metadata.kinds.option_set import Option
from kith_metadata.layered import Layered
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import Path


@checks.register("stages")
def check_stages(context: CheckContext) -> Iterator[Issue]:
    """Yield what ``required_from`` names and the entity does not have, and goals that end nothing."""
    for layered, option_set in context.of_kind("option_set"):
        yield from _goals(context, layered, ("options",), option_set.options)
    for layered, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            yield from _goals(context, layered, ("fields", name, "options"), getattr(field.options, "options", {}))
            for index, stage in enumerate(field.required_from):
                if words := _problem(context, entity, stage):
                    yield context.issue("KM065", layered, ("fields", name, "required_from", index), *words)


def _goals(context: CheckContext, layered: Layered, path: Path, options: Mapping[str, Option]) -> Iterator[Issue]:
    for name, option in options.items():
        if option.goal and not option.closed:
            words = f"'{name}' is a goal and closes no record.", "Add closed: true, or take goal out."
            yield context.issue("KM057", layered, (*path, name, "goal"), *words)


def _problem(context: CheckContext, entity: Entity, stage: str) -> tuple[str, str] | None:
    by, _, option = stage.partition(".")
    choices = {name: item for name, item in entity.fields.items() if item.type == "choice"}
    if not option or by not in choices:
        near = nearest(by, tuple(choices))
        hint = f"Did you mean '{near}'?" if near else "Write the choice field and its option, such as stage.proposal."
        return f"'{by}' is no choice field of this entity.", hint
    options = options_of(context, choices[by])
    if options is None or option in options:
        return None
    near = nearest(option, tuple(options))
    hint = f"Did you mean '{by}.{near}'?" if near else f"Its options are {', '.join(list(options)[:8])}."
    return f"'{option}' is no option of '{by}'.", hint
