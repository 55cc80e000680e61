"""Where a path of a patch leads inside a document: to which declared property, and what may be done there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.registry import nearest
from kith_metadata.shapes import Inner, Shape, Shapes
from kith_metadata.spec import Customise, Prop, is_mapping
from kith_metadata.yaml_reader import Path


@dataclass(frozen=True, slots=True)
class Located:
    """The end of a path. ``item`` is set when the path ends at an item of a map, ``declared`` at a property.

    ``customise`` is the narrowest right on the way; ``exists`` tells whether the data has something there.
    """

    shape: Shape
    declared: Prop | None
    inner: Inner | None
    item: type[Any] | None
    customise: Customise
    exists: bool
    container: Prop | None = None
    free_key: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a path leads nowhere: ``gone`` when an item on the way is not there, else a word that is no property."""

    gone: bool
    step: str
    hint: str


_RANK: Mapping[Customise, int] = {"open": 0, "extend_only": 1, "locked": 2}


def locate(shapes: Shapes, cls: type[Any], data: Mapping[str, Any], path: Path) -> Located | Lost:
    """Follow a path from a document of a kind, over items that are there; its last step may be a new item."""
    shape = shapes.of_item(cls, data)
    customise: Customise = "open"
    steps = list(path)
    while True:
        name = str(steps.pop(0))
        if shape.variant is not None and name == shape.variant.key and not steps:
            return Located(shape, None, None, None, "locked", name in data)
        declared = shape.props.get(name)
        if declared is None:
            return _no_property(shapes, shape, name)
        if _RANK[declared.customise] > _RANK[customise]:
            customise = declared.customise
        inner, value = shape.inner.get(name), data.get(name)
        if not steps:
            return Located(shape, declared, inner, None, customise, value is not None)
        if inner is None:
            return _plain_map(shape, declared, customise, value, steps)
        if inner.form == "one":
            shape, data = shapes.of_item(inner.cls, value or {}), value or {}
            continue
        items = value if isinstance(value, dict) else {}
        key = str(steps.pop(0))
        if not steps:
            found = items.get(key)
            inner_shape = shapes.of_item(inner.cls, found or {})
            return Located(inner_shape, None, None, inner.cls, customise, key in items, declared)
        if key not in items:
            return _gone(key, items)
        data = items[key] or {}
        shape = shapes.of_item(inner.cls, data)


def _plain_map(
    shape: Shape, declared: Prop, customise: Customise, value: Any, steps: list[str | int]
) -> Located | Lost:
    if not is_mapping(declared.annotation) or len(steps) != 1:
        hint = f"'{declared.name}' holds one value." if not is_mapping(declared.annotation) else ""
        return Lost(False, str(steps[-1]), hint)
    exists = isinstance(value, dict) and steps[0] in value
    return Located(shape, declared, None, None, customise, exists, declared, free_key=True)


def _no_property(shapes: Shapes, shape: Shape, name: str) -> Lost:
    if shape.variant is not None:
        for other in shapes.types(shape.variant):
            if name in shapes.of(shape.cls, other).props:
                return Lost(True, name, f"It is a property of {shape.variant.key} {other}; this is {shape.chosen}.")
    guess = nearest(name, tuple(shape.props))
    hint = f"Did you mean '{guess}'?" if guess else f"Possible: {', '.join(shape.props)}."
    return Lost(False, name, hint)


def _gone(key: str, items: Mapping[str, Any]) -> Lost:
    guess = nearest(key, tuple(items))
    return Lost(True, key, f"Did you mean '{guess}'?" if guess else "")
