"""The shape of every declared class: its closed schema, one level deep, with the classes of what is inside.

A class that comes in types (a field, an element, a view) has one shape per type, so that an item is checked against
its own type alone and gets one precise message instead of one per alternative.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args, get_origin

from jsonschema import Draft202012Validator

from kith_metadata.fast_schema import Test, compile_schema
from kith_metadata.language import Language
from kith_metadata.spec import (
    NOTE_PATTERN,
    Prop,
    Variant,
    is_mapping,
    item_class,
    properties_of,
    property_schema,
    variant_of,
)


@dataclass(frozen=True, slots=True)
class Inner:
    """Items of a class inside a property: ``form`` is ``one``, ``map`` (by name) or ``list``."""

    cls: type[Any]
    form: str


@dataclass(frozen=True)
class Shape:
    """One class, and for a class with types one type of it.

    ``props`` are in the order in which a resolved document writes them: first the key that picks the type, then the
    class's own, then the type's. ``inner`` names the properties that hold items of other classes.
    """

    cls: type[Any]
    props: Mapping[str, Prop]
    inner: Mapping[str, Inner]
    variant: Variant | None
    chosen: str | None

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The closed JSON Schema of one level: items of inner classes are checked by their own shapes."""
        properties = {name: self._level(declared) for name, declared in self.props.items()}
        order = list(properties)
        if self.variant is not None:
            properties = {self.variant.key: {"type": "string"}, **properties}
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in order if self.props[name].required],
            "patternProperties": {NOTE_PATTERN: {}},
            "additionalProperties": False,
        }

    def _level(self, declared: Prop) -> dict[str, Any]:
        schema = property_schema(declared)
        inner = self.inner.get(declared.name)
        if inner is None:
            return schema
        if inner.form == "map":
            schema.pop("additionalProperties", None)
            return schema
        return {"type": "array" if inner.form == "list" else "object"}

    @cached_property
    def is_valid(self) -> Test:
        """Tell quickly whether one level of data fits; agrees with :attr:`validator`."""
        return compile_schema(self.schema)

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The validator that explains; made when it is first needed."""
        return Draft202012Validator(self.schema)


class Shapes:
    """The shapes of a language, each made once."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._made: dict[tuple[type[Any], str | None], Shape] = {}

    def of(self, cls: type[Any], chosen: str | None = None) -> Shape:
        """Return the shape of a class, or of one type of it; an unknown type has the shape of the class alone."""
        key = (cls, chosen)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._make(cls, chosen)
        return found

    def of_item(self, cls: type[Any], data: Mapping[str, Any]) -> Shape:
        """Return the shape that the data of an item picks."""
        variant = variant_of(cls)
        if variant is None:
            return self.of(cls)
        chosen = data.get(variant.key) or variant.default
        return self.of(cls, chosen if isinstance(chosen, str) else None)

    def types(self, variant: Variant) -> tuple[str, ...]:
        """Return the names of the types that a variant may have."""
        return tuple(self.language.variants.get(variant.registry, {}))

    def _make(self, cls: type[Any], chosen: str | None) -> Shape:
        props = {declared.name: declared for declared in properties_of(cls)}
        variant = variant_of(cls)
        members = self.language.variants.get(variant.registry, {}) if variant else {}
        if chosen is not None and chosen in members:
            props.update({declared.name: declared for declared in properties_of(members[chosen].options)})
        else:
            chosen = None
        inner = {name: found for name, declared in props.items() if (found := _inner(declared.annotation)) is not None}
        return Shape(cls, props, inner, variant, chosen)


def _inner(annotation: Any) -> Inner | None:
    cls = item_class(annotation)
    if cls is None:
        return None
    if is_mapping(annotation):
        values = [part for part in get_args(annotation) if part is not type(None)]
        mapping = annotation if get_origin(annotation) and len(values) == 2 else values[0]
        return Inner(cls, "map") if dataclasses.is_dataclass(get_args(mapping)[1]) else None
    return Inner(cls, "list" if _is_list(annotation) else "one")


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(get_origin(part) is tuple for part in get_args(annotation))
