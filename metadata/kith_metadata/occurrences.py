"""Every property that a document gives, with the entity that it speaks of, for checks of fields and expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kith_metadata.layered import Layered
from kith_metadata.references import References, Unresolved
from kith_metadata.shapes import Shapes
from kith_metadata.spec import Prop, properties_of
from kith_metadata.yaml_reader import Path


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One property as given. ``entity`` is the full name of the entity whose fields it may name; empty for none.

    ``owner`` is the class of the item and ``item`` the item's data.
    """

    declared: Prop
    value: Any
    path: Path
    entity: str
    owner: type[Any]
    item: Mapping[str, Any]


def occurrences(shapes: Shapes, references: References, layered: Layered) -> Iterator[Occurrence]:
    """Yield the properties of a document whose shape was checked, from the outside inwards.

    An entity speaks of itself; an item with a property ``entity`` of that entity; the items of a map whose keys are
    entities (the grants of a role) of the entity of their key. Of a map of expressions, each is yielded too.
    """
    entity = layered.full_name if layered.kind == "entity" else ""
    cls = shapes.language.kinds[layered.kind]
    pending: list[tuple[type[Any], Mapping[str, Any], Path, str]] = [(cls, layered.data, (), entity)]
    while pending:
        cls, data, path, entity = pending.pop(0)
        shape = shapes.of_item(cls, data)
        around, common = entity, _common(cls)
        named = shape.props.get("entity")
        if named is not None and named.refers == "entity" and isinstance(data.get("entity"), str) and data["entity"]:
            entity = _found(references, data["entity"], layered, (*path, "entity"))
        for name, declared in shape.props.items():
            value = data.get(name)
            if value is None:
                continue
            here = (*path, name)
            yield Occurrence(declared, value, here, around if name in common else entity, cls, data)
            if declared.expression and isinstance(value, dict):
                each = replace(declared, refers="")
                for key, text in value.items():
                    yield Occurrence(each, text, (*here, key), entity, cls, data)
            inner = shape.inner.get(name)
            if inner is None:
                continue
            if inner.form == "one":
                pending.append((inner.cls, value, here, entity))
                continue
            pairs = value.items() if inner.form == "map" else enumerate(value)
            for key, item in pairs:
                by_key = declared.refers == "entity keys"
                of = _found(references, str(key), layered, (*here, key)) if by_key else entity
                pending.append((inner.cls, item or {}, (*here, key), of))


def _common(cls: type[Any]) -> frozenset[str]:
    """Return the properties of an item that speak of what it stands in, because only one of its variants has an entity.

    The rows of a form are of another entity, but whether they are shown follows from the record of the form.
    """
    names = frozenset(declared.name for declared in properties_of(cls))
    return frozenset() if "entity" in names else names


def _found(references: References, name: str, layered: Layered, path: Path) -> str:
    found = references.find("entity", name, layered.layer(path))
    return "" if isinstance(found, Unresolved) else found
