"""From a value of one field type to a value of another, or the reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import Money, Reference
from kith_platform.locale import PersonLocale
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue


@dataclass(frozen=True, slots=True)
class Side:
    """A field as declared on one side of a publish, with the snapshot in which its options mean something."""

    field: Field
    snapshot: Snapshot

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
    for raw, way in _forms(value, source):
        scope = InputScope(locale=PersonLocale(), snapshot=target.snapshot, source=way)
        try:
            found = kind.parse(raw, target.field, scope)
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


def _forms(value: Any, source: Side) -> Iterator[tuple[Any, Any]]:
    kind = field_types[source.field.type]
    shown = kind.to_json(value, source.field)
    yield shown, "json"
    if isinstance(value, Money):
        yield format(value.amount, "f"), "json"
    if isinstance(value, Reference):
        yield value.id, "json"
    if isinstance(shown, (list, tuple)):
        if len(shown) == 1:
            yield shown[0], "json"
        yield ", ".join(str(item) for item in shown), "form"
        return
    yield [shown], "json"
    if isinstance(shown, bool):
        yield ("yes" if shown else "no"), "form"
    yield str(shown), "form"
