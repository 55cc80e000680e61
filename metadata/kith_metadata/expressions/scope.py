"""What the checker asks about the names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class ListInfo:
    """A list of records that a record has: those of `entity` whose lookup `by` points here.

    With `ours`, `by` is a field of the record itself that names several records. `label` is what people call them.
    """

    entity: str
    by: str
    ours: bool = False
    label: str = field(default="", compare=False)


FORMER = "former"
"""A place where a record is saved, with the values from before: `old.`, is_new() and is_changed() have a meaning."""


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

    def lists(self, name: str) -> tuple[ListInfo, ...]:
        """Return the lists of records pointing here that a name can mean: none, one, or several, then ambiguous."""
        ...

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all lists, each of which means one, for "did you mean"."""
        ...

    def offers(self, feature: str) -> bool:
        """Tell whether the place of the expression offers a feature, such as :data:`FORMER`."""
        ...

    def offering(self, *features: str) -> Scope:
        """Return the same names at a place that offers these features."""
        ...

    def renamed(self, name: str) -> str:
        """Return what the field is called now that was called so before; empty when there is none."""
        ...

    def roles(self) -> tuple[str, ...]:
        """Return the full names of all roles that has_role() may ask for."""
        ...

    def setting(self, name: str) -> FieldInfo | None:
        """Return what setting() gives for a name, or None when there is none of that name."""
        ...

    def settings(self) -> tuple[str, ...]:
        """Return the names of all settings."""
        ...


@dataclass(frozen=True, slots=True)
class FieldScope:
    """A scope over plain mappings: for tools and tests, and for places that know their fields beforehand.

    `others` holds the fields of other entities by entity name; `person` is the entity of `me`. `listed` holds the lists
    of each entity by name; `features` what the place offers.
    """

    entity: str
    fields: Mapping[str, FieldInfo]
    others: Mapping[str, Mapping[str, FieldInfo]] = field(default_factory=dict)
    person: str = "base.user"
    listed: Mapping[str, Mapping[str, tuple[ListInfo, ...]]] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    known_roles: tuple[str, ...] = ()
    known_settings: Mapping[str, FieldInfo] = field(default_factory=dict)

    def field(self, name: str) -> FieldInfo | None:
        """Return the field, or None."""
        return self.fields.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(self.fields)

    def related(self, entity: str) -> FieldScope:
        """Return the fields of another entity; an unknown one has no fields."""
        fields = self.fields if entity == self.entity else self.others.get(entity, {})
        return replace(self, entity=entity, fields=fields, others={**self.others, self.entity: self.fields})

    def person_scope(self) -> FieldScope:
        """Return the fields of the person's entity."""
        return self.related(self.person)

    def lists(self, name: str) -> tuple[ListInfo, ...]:
        """Return the lists that a name can mean."""
        return self.listed.get(self.entity, {}).get(name, ())

    def list_names(self) -> tuple[str, ...]:
        """Return the names that mean one list."""
        return tuple(name for name, found in self.listed.get(self.entity, {}).items() if len(found) == 1)

    def offers(self, feature: str) -> bool:
        """Tell whether the place offers a feature."""
        return feature in self.features

    def offering(self, *features: str) -> FieldScope:
        """Return the same fields at a place that offers these features."""
        return replace(self, features=frozenset(features))

    def renamed(self, name: str) -> str:
        """Fields that are known beforehand were never called otherwise."""
        return ""

    def roles(self) -> tuple[str, ...]:
        """Return the names of all roles."""
        return self.known_roles

    def setting(self, name: str) -> FieldInfo | None:
        """Return what a setting gives, or None."""
        return self.known_settings.get(name)

    def settings(self) -> tuple[str, ...]:
        """Return the names of all settings."""
        return tuple(self.known_settings)
