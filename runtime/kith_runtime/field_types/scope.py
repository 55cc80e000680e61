"""What expressions may name: the fields of an entity, the ways to other entities, and the person who acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kith_metadata.expressions import types as t
from kith_metadata.expressions.list_names import clear_name
from kith_metadata.expressions.scope import AttributeInfo, FieldInfo, ListInfo
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.lists import lists_of
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.field_types.system import fields_of

_ATTRIBUTE_TYPES = {
    "text": t.TEXT,
    "integer": t.INTEGER,
    "decimal": t.DECIMAL,
    "percent": t.PERCENT,
    "boolean": t.BOOLEAN,
}


Readable = Callable[[str], frozenset[str] | None]
"""Gives the fields of an entity that may be named; None stands for all of them."""

SETTINGS: Mapping[str, FieldInfo] = {
    "currency": FieldInfo(t.TEXT, "The person's currency, such as EUR"),
    "locale": FieldInfo(t.TEXT, "The person's language and country, such as en_GB"),
    "time_zone": FieldInfo(t.TEXT, "The person's time zone, such as Europe/Berlin"),
}
"""What setting() may ask of the person; the settings of apps come to it by their full names."""


def app_settings_of(snapshot: Snapshot) -> Mapping[str, Field]:
    """Return the settings that apps declare as if they were fields, by full names such as ``sales.margin``."""
    found = {}
    for app in snapshot.names("app"):
        for name, setting in snapshot.get("app", app).settings.items():
            options = field_types[setting.type].Options()
            label = setting.label or name.replace("_", " ").capitalize()
            own = {"help": setting.help, "default": setting.default, "options": options}
            found[f"{app}.{name}"] = Field(name=f"{app}.{name}", type=setting.type, label=label, **own)
    return found


@dataclass(frozen=True, slots=True)
class EntityScope:
    """The fields of an entity of a snapshot and the ways to the entities around it, for the expression checker.

    ``readable`` limits the names to what an actor may read: a field without the right is as unknown as one that does
    not exist, so that no filter or sort can tell them apart. ``features`` says what the place of the expression offers.
    """

    snapshot: Snapshot
    entity: str
    readable: Readable | None = None
    features: frozenset[str] = frozenset()

    def field(self, name: str) -> FieldInfo | None:
        """Return the field, or None when there is none or expressions cannot use it."""
        declared = self._fields().get(name)
        return (
            None if declared is None or not self._may_name(self.entity, name) else field_info(declared, self.snapshot)
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields that may be named."""
        return tuple(name for name in self._fields() if self._may_name(self.entity, name))

    def related(self, entity: str) -> EntityScope:
        """Return the fields of another entity, under the same limits."""
        return replace(self, entity=entity)

    def person_scope(self) -> EntityScope:
        """Return the fields of the person who acts; everybody may name all of them."""
        return EntityScope(self.snapshot, PERSON)

    def lists(self, name: str) -> tuple[ListInfo, ...]:
        """Return the lists of records pointing here that a name can mean."""
        found = lists_of(self.snapshot, self.entity).get(name, ())
        return tuple(item for item in found if self._may_name(item.entity, item.by))

    def list_names(self) -> tuple[str, ...]:
        """Return the shortest clear name of each list."""
        means = lists_of(self.snapshot, self.entity)
        every = dict.fromkeys(item for items in means.values() for item in items)
        return tuple(clear_name(item, means) for item in every if self._may_name(item.entity, item.by))

    def offers(self, feature: str) -> bool:
        """Tell whether the place of the expression offers a feature."""
        return feature in self.features

    def offering(self, *features: str) -> EntityScope:
        """Return the same names at a place that offers these features."""
        return replace(self, features=frozenset(features))

    def renamed(self, name: str) -> str:
        """Return what the field is called now that was called so before; empty when there is none."""
        return next((field.name for field in self._fields().values() if field.was == name and name), "")

    def roles(self) -> tuple[str, ...]:
        """Return the full names of all roles."""
        return self.snapshot.names("role")

    def setting(self, name: str) -> FieldInfo | None:
        """Return what a setting gives, or None."""
        if name in SETTINGS:
            return SETTINGS[name]
        found = app_settings_of(self.snapshot).get(name)
        return None if found is None else field_info(found, self.snapshot)

    def settings(self) -> tuple[str, ...]:
        """Return the names of all settings."""
        return (*SETTINGS, *app_settings_of(self.snapshot))

    def _fields(self) -> Mapping[str, Field]:
        return fields_of(self.snapshot, self.entity) if self.snapshot.has("entity", self.entity) else {}

    def _may_name(self, entity: str, name: str) -> bool:
        allowed = None if self.readable is None else self.readable(entity)
        return allowed is None or name in allowed


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
