"""What the checker asks about the names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kith_metadata.expressions.types import Type


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """An attribute that each option of a choice has, such as the probability of a stage: its type and its values.

    `values` maps the option to the value as metadata holds it (a percent attribute of 20 % holds 20).
    """

    type: Type
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field as expressions see it. `options` and `attributes` describe the options of a choice field."""

    type: Type
    label: str = ""
    options: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeInfo] = field(default_factory=dict)


class Scope(Protocol):
    """The fields of one entity, and the ways to the entities around it."""

    @property
    def entity(self) -> str:
        """The full name of the entity whose fields these are."""
        ...

    def field(self, name: str) -> FieldInfo | None:
        """Return the field, or None when there is none of that name."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, for "did you mean"."""
        ...

    def related(self, entity: str) -> Scope:
        """Return the fields of another entity."""
        ...

    def person_scope(self) -> Scope:
        """Return the fields of the person who acts (`me`)."""
        ...


@dataclass(frozen=True, slots=True)
class FieldScope:
    """A scope over plain mappings: for tools and tests, and for places that know their fields beforehand.

    `others` holds the fields of other entities by entity name; `person` is the entity of `me`.
    """

    entity: str
    fields: Mapping[str, FieldInfo]
    others: Mapping[str, Mapping[str, FieldInfo]] = field(default_factory=dict)
    person: str = "base.user"

    def field(self, name: str) -> FieldInfo | None:
        """Return the field, or None."""
        return self.fields.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(self.fields)

    def related(self, entity: str) -> FieldScope:
        """Return the fields of another entity; an unknown one has no fields."""
        return FieldScope(entity, self.others.get(entity, {}), self.others, self.person)

    def person_scope(self) -> FieldScope:
        """Return the fields of the person's entity."""
        return self.related(self.person)
