"""From a value of one field type to a value of another, or the reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import Money, Reference
from kith_platform.locale import PersonLocale
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.publish.pointing import KnownRecords, pointed_at, targets_of


@dataclass(frozen=True, slots=True)
class Side:
    """A field as declared on one side of a publish, with the snapshot in which its options mean something.

    ``known`` is given when values would point to another entity than before: it tells which records there are.
    ``names`` gives this side's names of entities that the publish renames.
    """

    field: Field
    snapshot: Snapshot
    known: KnownRecords | None = None
    names: Mapping[str, str] = dataclass_field(default_factory=dict)

    def check(self, value: Any) -> None:
        """Refuse a value that points to a record which is not there. Raises :class:`InvalidValue`."""
        if self.known is None:
            return
        for entity, record in pointed_at(value, targets_of(self.field, self.snapshot)):
            if not self.known.has(entity, record):
                noun = self.snapshot.entity(entity).label or entity
                raise InvalidValue("no_such_record", f"No {noun} has this id.")

    def load(self, stored: tuple[Any, ...]) -> Any:
        """Return the value of stored columns; None when all are blank."""
        if all(part is None for part in stored):
            return None
        return field_types[self.field.type].load(stored, self.field)

    def store(self, value: Any) -> tuple[Any, ...]:
        """Return the columns of a value that is not None."""
        return tuple(field_types[self.field.type].store(value, self.field))


def convert(value: Any, source: Side, target: Side) -> Any:
    """Return a value that is not None as the target field holds it. Raises :class:`InvalidValue` with the reason.

    The value is offered as the API shows it, then as a person would write it; the target field reads either by the
    rules that hold for every other input.
    """
    kind = field_types[target.field.type]
    first: InvalidValue | None = None
    for raw, way in _forms(value, source, target):
        scope = InputScope(locale=PersonLocale(), snapshot=target.snapshot, source=way)
        try:
            found = kind.parse(raw, target.field, scope)
            if found is not None:
                target.check(found)
        except InvalidValue as problem:
            first = first or problem
            continue
        if found is not None:
            return found
    raise first or InvalidValue("not_convertible", "The value cannot be read as the new type.")


def show(value: Any, source: Side) -> str:
    """Return a value as words, for lists of what cannot be converted."""
    shown = field_types[source.field.type].to_json(value, source.field)
    text = shown if isinstance(shown, str) else str(shown)
    return text if len(text) <= 60 else text[:59] + "…"


def _forms(value: Any, source: Side, target: Side) -> Iterator[tuple[Any, Any]]:
    kind = field_types[source.field.type]
    shown = kind.to_json(value, source.field)
    if isinstance(value, Reference):
        yield from _forms_of_reference(value, target)
        return
    if target.field.type == "any_lookup":
        yield from _as_references(value, source, target)
    yield shown, "json"
    if isinstance(value, Money):
        yield format(value.amount, "f"), "json"
    if isinstance(shown, (list, tuple)):
        if len(shown) == 1:
            yield shown[0], "json"
        yield ", ".join(str(item) for item in shown), "form"
        return
    yield [shown], "json"
    if isinstance(shown, bool):
        yield ("yes" if shown else "no"), "form"
    yield str(shown), "form"


def _forms_of_reference(value: Reference, target: Side) -> Iterator[tuple[Any, Any]]:
    """A reference fits a lookup only when it names a record of the entity that the lookup points to."""
    entity = target.names.get(value.entity, value.entity)
    wanted = targets_of(target.field, target.snapshot)
    if target.field.type == "any_lookup":
        yield {"entity": entity, "id": value.id}, "json"
    elif not wanted or entity in wanted:
        yield from ((value.id, "json"), ([value.id], "json"))
    else:
        raise InvalidValue("wrong_entity", f"It points to a record of {entity}.")


def _as_references(value: Any, source: Side, target: Side) -> Iterator[tuple[Any, Any]]:
    entities = targets_of(source.field, source.snapshot)
    ids = value if isinstance(value, tuple) else (value,)
    if entities and len(ids) == 1:
        yield {"entity": target.names.get(entities[0], entities[0]), "id": ids[0]}, "json"
