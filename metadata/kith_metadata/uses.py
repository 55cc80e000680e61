"""What a use of something is, and the uses that stand in the values of documents and not in a property that refers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kith_metadata.issues import Place
from kith_metadata.layered import Layered, dotted
from kith_metadata.yaml_reader import Path

Target = tuple[str, str, str]
"""What is used: ``("field", "sales.deal", "amount")``, ``("option", "sales.deal_stage", "won")``,
``("entity", "sales.deal", "")`` or ``("role", "sales.rep", "")``."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One place that names something: where it stands, in which document and property, and what is written there."""

    place: Place
    document: str
    path: str
    text: str
    steps: Path = field(default=(), compare=False)
    """The path with its steps, for a name that is no part of an expression."""
    at_key: bool = field(default=False, compare=False)
    step: int | None = field(default=None, compare=False)
    """Which step of a name such as ``account.name`` is meant."""

    def __str__(self) -> str:
        return f"{self.place}: {self.document} {self.path}: {self.text}"


class Meanings(Protocol):
    """What names of entities and choice fields mean."""

    def entity(self, name: str, app: str) -> str:
        """Return the full name of an entity as an app names it; empty when there is none."""
        ...

    def holder(self, entity: str, name: str) -> str:
        """Return what holds the options of a choice field; empty for another field."""
        ...

    def role(self, name: str, app: str) -> str:
        """Return the full name of a role as an app names it; empty when there is none."""
        ...


def names_outside_properties(meanings: Meanings, layered: Layered) -> Iterator[tuple[Target, Use]]:
    """Yield what the records of data name, and which options the choice fields of an entity name."""
    if layered.kind == "data":
        yield from _records(meanings, layered)
    elif layered.kind == "entity":
        for name, item in (layered.data.get("fields") or {}).items():
            yield from _stages(meanings, layered, name, item or {})
            yield from _options(meanings, layered, name, item or {})


def _records(meanings: Meanings, layered: Layered) -> Iterator[tuple[Target, Use]]:
    entity = meanings.entity(str(layered.data.get("entity")), layered.app)
    for record, values in layered.data.get("records", {}).items():
        for name, value in (values or {}).items():
            path: Path = ("records", record, name)
            yield ("field", entity, name), _use(layered, path, name, at_key=True, step=0)
            if isinstance(value, Mapping) and set(value) == {"entity", "id"}:
                target = meanings.entity(str(value["entity"]), layered.app)
                yield ("entity", target, ""), _use(layered, (*path, "entity"), str(value["entity"]))
            if name == "roles" and isinstance(value, list):
                for index, role in enumerate(value):
                    yield ("role", meanings.role(str(role), layered.app), ""), _use(layered, (*path, index), str(role))
            holder = meanings.holder(entity, name)
            if holder:
                yield from _values(layered, path, value, holder)


def _stages(meanings: Meanings, layered: Layered, holder: str, item: Mapping[str, Any]) -> Iterator[tuple[Target, Use]]:
    """A field that is required from a stage names the choice field and its option: ``stage.proposal``."""
    for index, stage in enumerate(item.get("required_from") or ()):
        path: Path = ("fields", holder, "required_from", index)
        name, _, option = str(stage).partition(".")
        yield ("field", layered.full_name, name), _use(layered, path, str(stage), step=0)
        yield ("option", meanings.holder(layered.full_name, name), option), _use(layered, path, str(stage), step=1)


def _options(meanings: Meanings, layered: Layered, name: str, item: Mapping[str, Any]) -> Iterator[tuple[Target, Use]]:
    """A choice names options in its default, in what another choice allows, and in what is offered when."""
    holder = meanings.holder(layered.full_name, name)
    if not holder:
        return
    path: Path = ("fields", name)
    yield from _values(layered, (*path, "default"), item.get("default"), holder)
    for option in item.get("offered") or {}:
        yield ("option", holder, option), _use(layered, (*path, "offered", option), option, at_key=True, step=0)
    other = meanings.holder(layered.full_name, str(item.get("depends_on")))
    for value, fitting in (item.get("allowed") or {}).items():
        if other:
            yield ("option", other, value), _use(layered, (*path, "allowed", value), value, at_key=True, step=0)
        yield from _values(layered, (*path, "allowed", value), fitting, holder)


def _values(layered: Layered, path: Path, value: Any, holder: str) -> Iterator[tuple[Target, Use]]:
    pairs = enumerate(value) if isinstance(value, list) else [(None, value)]
    for index, option in pairs:
        if isinstance(option, str) and not option.startswith("="):
            here = path if index is None else (*path, index)
            yield ("option", holder, option), _use(layered, here, option, step=0)


def _use(layered: Layered, path: Path, text: str, *, at_key: bool = False, step: int | None = None) -> Use:
    place = layered.place(path) if at_key else layered.value_place(path)
    return Use(place, layered.document.key, dotted(path), text, path, at_key, step)
