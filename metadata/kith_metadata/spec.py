"""Declare a property once; schema, panel, reference page, completion, merging and customisation rights follow.

Kinds and options are frozen dataclasses whose fields are made by :func:`prop`. Nothing else describes the language:
what is not declared here does not exist in a document.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

Merge = Literal["replace", "by_key", "union"]
Customise = Literal["open", "extend_only", "locked"]

NAME_PATTERN = r"^[a-z](?:_?[a-z0-9])*$"
"""A name: lower-case letters, digits and single underscores, readable in the database."""

NAME_LENGTH = 40

NOTE_PATTERN = "^x_"
"""Keys of properties that are notes: allowed everywhere, read by nobody."""


@dataclass(frozen=True, slots=True)
class Prop:
    """One declared property.

    ``merge`` says how a higher layer combines with a lower one; ``customise`` what the customer's layer may do:
    ``open`` all, ``extend_only`` add but not take away, ``locked`` nothing. ``editor`` names the input of the builder's
    panel. ``schema`` is merged over the JSON Schema that follows from the annotation. ``refers`` names the kind of
    document (or ``field``) that a text refers to, so that references can be resolved, renamed and listed.
    """

    name: str
    title: str
    help: str
    annotation: Any
    required: bool
    default: Any
    editor: str
    merge: Merge
    customise: Customise
    schema: Mapping[str, Any]
    refers: str
    expression: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Says that the items of a class come in types: ``key`` picks one, whose options stand flat beside the rest.

    ``registry`` is the language's table of options classes, ``attribute`` the dataclass field that receives the built
    options, ``default`` the type of an item that names none.
    """

    key: str
    registry: str
    attribute: str
    default: str | None = None


def prop(
    title: str,
    help: str = "",
    *,
    default: Any = dataclasses.MISSING,
    editor: str = "",
    merge: Merge = "replace",
    customise: Customise = "open",
    schema: Mapping[str, Any] | None = None,
    refers: str = "",
    expression: str = "",
) -> Any:
    """Declare one property of a kind or of an options class.

    ``expression`` marks a text as an expression and names the type that it must give (``any`` for every type).

    >>> @dataclass(frozen=True)
    ... class Size:
    ...     width: int = prop("Width", "In pixels.", default=10)
    >>> properties_of(Size)[0].title
    'Width'
    """
    declared = {
        "title": title,
        "help": help,
        "editor": editor,
        "merge": merge,
        "customise": customise,
        "schema": schema or {},
        "refers": refers,
        "expression": expression,
    }
    if isinstance(default, (dict, list)):
        return dataclasses.field(default_factory=functools.partial(type(default), default), metadata=declared)
    return dataclasses.field(default=default, metadata=declared)


def properties_of(cls: type[Any]) -> tuple[Prop, ...]:
    """Return the declared properties of a class in the order of their declaration."""
    return _properties_of(typing.cast("typing.Hashable", cls))


@functools.cache
def _properties_of(cls: typing.Hashable) -> tuple[Prop, ...]:
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        raise TypeError(f"{cls!r} declares no properties: it must be a dataclass whose fields are made by prop().")
    hints = get_type_hints(cls)
    found = []
    for item in dataclasses.fields(cls):
        if "title" not in item.metadata:
            continue
        missing = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        default = None
        if item.default is not dataclasses.MISSING:
            default = item.default
        elif item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        found.append(
            Prop(
                name=item.name,
                annotation=hints[item.name],
                required=missing,
                default=default,
                **item.metadata,
            )
        )
    return tuple(found)


def variant_of(cls: type[Any]) -> Variant | None:
    """Return how the class comes in types, or None when it does not."""
    found = getattr(cls, "VARIANT", None)
    return found if isinstance(found, Variant) else None


def item_class(annotation: Any) -> type[Any] | None:
    """Return the dataclass inside ``X``, ``X | None``, ``Mapping[str, X]`` or ``tuple[X, ...]``, else None."""
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return annotation
    for argument in get_args(annotation):
        found = item_class(argument)
        if found is not None:
            return found
    return None


def is_mapping(annotation: Any) -> bool:
    """Tell whether the annotation is a map keyed by name."""
    return get_origin(_without_none(annotation)) in (Mapping, dict)


def json_schema(cls: type) -> dict[str, Any]:
    """Return the closed JSON Schema of a class, without the options of its variant.

    Keys that start with ``x_`` are allowed for notes. A null stands for the default.
    """
    properties = {declared.name: property_schema(declared) for declared in properties_of(cls)}
    variant = variant_of(cls)
    if variant is not None:
        properties[variant.key] = {"type": "string"}
    return {
        "type": "object",
        "properties": properties,
        "required": [declared.name for declared in properties_of(cls) if declared.required],
        "patternProperties": {NOTE_PATTERN: {}},
        "additionalProperties": False,
    }


def property_schema(declared: Prop) -> dict[str, Any]:
    """Return the JSON Schema of one property with its title, help and customisation marks."""
    schema = {**annotation_schema(declared.annotation), **declared.schema}
    schema["title"] = declared.title
    if declared.help:
        schema["description"] = declared.help
    if not declared.required and isinstance(declared.default, (str, int, bool)):
        schema["default"] = declared.default
    schema["x-merge"] = declared.merge
    schema["x-customise"] = declared.customise
    return schema


_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    Any: {},
}


def annotation_schema(annotation: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type annotation.

    Raises ``TypeError`` for an annotation that has no place in a document: that is a fault of the declaring class.
    """
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    origin = get_origin(annotation)
    if origin is Literal:
        return {"enum": list(get_args(annotation))}
    if origin in (Union, types.UnionType):
        return _union_schema(annotation)
    if origin is tuple:
        return {"type": "array", "items": annotation_schema(get_args(annotation)[0])}
    if origin in (Mapping, dict):
        return {
            "type": "object",
            "propertyNames": {"pattern": NAME_PATTERN, "maxLength": NAME_LENGTH},
            "additionalProperties": annotation_schema(get_args(annotation)[1]),
        }
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return json_schema(annotation)
    raise TypeError(f"{annotation!r} cannot stand in a document; use text, numbers, maps, tuples or dataclasses.")


def _union_schema(annotation: Any) -> dict[str, Any]:
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if len(parts) == 1:
        return annotation_schema(parts[0])
    schemas = [annotation_schema(part) for part in parts]
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if len(parts) == 1:
            return parts[0]
    return annotation


def coerce(annotation: Any, value: Any, build_item: typing.Callable[[type[Any], Any, str], Any]) -> Any:
    """Return plain data as the annotated type: lists as tuples, maps as read-only maps of built items."""
    annotation = _without_none(annotation)
    if value is None:
        return None
    origin = get_origin(annotation)
    if origin is tuple:
        return tuple(coerce(get_args(annotation)[0], item, build_item) for item in value)
    if origin in (Mapping, dict):
        inner = get_args(annotation)[1]
        if dataclasses.is_dataclass(inner) and isinstance(inner, type):
            return types.MappingProxyType({key: build_item(inner, item, key) for key, item in value.items()})
        return types.MappingProxyType({key: coerce(inner, item, build_item) for key, item in value.items()})
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return build_item(annotation, value, "")
    if annotation is Decimal:
        return Decimal(str(value))
    return value
