"""What expressions may name: the fields of an entity, the ways to other entities, and the person who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kith_metadata.expressions import types as t
from kith_metadata.expressions.scope import AttributeInfo, FieldInfo
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.field_types.system import fields_of

_ATTRIBUTE_TYPES = {
    "text": t.TEXT,
    "integer": t.INTEGER,
    "decimal": t.DECIMAL,
    "percent": t.PERCENT,
    "boolean": t.BOOLEAN,
}


@dataclass(frozen=True)
class EntityScope:
    """The fields of one entity of a snapshot, as :class:`kith_metadata.expressions.scope.Scope` asks for them."""

    snapshot: Snapshot
    entity: str

    @cached_property
    def _fields(self) -> Mapping[str, Field]:
        return fields_of(self.snapshot, self.entity) if self.snapshot.has("entity", self.entity) else {}

    def field(self, name: str) -> FieldInfo | None:
        """Return the field, or None when there is none or expressions cannot use it."""
        declared = self._fields.get(name)
        return None if declared is None else field_info(declared, self.snapshot)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(self._fields)

    def related(self, entity: str) -> EntityScope:
        """Return the fields of another entity."""
        return EntityScope(self.snapshot, entity)

    def person_scope(self) -> EntityScope:
        """Return the fields of the person who acts."""
        return self.related(PERSON)


def entity_scope(snapshot: Snapshot, entity: str) -> EntityScope:
    """Return what expressions may name in an entity of a snapshot."""
    return EntityScope(snapshot, entity)


def field_info(field: Field, snapshot: Snapshot) -> FieldInfo | None:
    """Return a field as expressions see it; None when they cannot use it."""
    seen = field_types[field.type].expression_type(field, snapshot)
    if seen is None:
        return None
    if not isinstance(field.options, ChoiceOptions):
        return FieldInfo(seen, field.label)
    options = tuple(options_of(field, snapshot))
    return FieldInfo(seen, field.label, options, _attributes(field.options, snapshot))


def _attributes(own: ChoiceOptions, snapshot: Snapshot) -> Mapping[str, AttributeInfo]:
    if not own.options_from:
        return {}
    shared = snapshot.option_set(own.options_from)
    return {
        name: AttributeInfo(
            _ATTRIBUTE_TYPES[attribute.type],
            {option: chosen.values.get(name) for option, chosen in shared.options.items()},
        )
        for name, attribute in shared.attributes.items()
    }
