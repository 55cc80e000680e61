"""From layered to resolved: full names, properties in the order of their declaration, defaults left out.

A resolved document is plain JSON data: numbers with a fraction become exact text, notes (``x_…``) and nulls are gone,
and a property that says what the default says is left out, so that equal meaning gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from kith_metadata.issues import Issue
from kith_metadata.layered import Layered, dotted
from kith_metadata.references import References, Unresolved
from kith_metadata.shapes import Inner, Shapes
from kith_metadata.spec import Prop
from kith_metadata.yaml_reader import Path

Report = Callable[[Issue], None]


class Resolver:
    """Resolves documents of one language against the documents that there are."""

    def __init__(self, shapes: Shapes, references: References, report: Report) -> None:
        self._shapes, self._references, self._report = shapes, references, report
        self._kinds = shapes.language.kinds

    def resolve(self, layered: Layered) -> dict[str, Any]:
        """Return the resolved data of a document whose shape was checked; dangling references become issues."""
        return _Walk(self, layered).item(self._kinds[layered.kind], layered.data, ())

    def shapes(self) -> Shapes:
        """Return the shapes that the walk follows."""
        return self._shapes

    def is_kind(self, refers: str) -> bool:
        """Tell whether a declared ``refers`` names a kind of document."""
        return refers in self._kinds

    def find(self, kind: str, reference: str, layered: Layered, path: Path) -> str:
        """Return the full name of a reference; a dangling one is reported and kept as written."""
        found = self._references.find(kind, reference, layered.layer(path))
        if isinstance(found, Unresolved):
            place = layered.value_place(path)
            self._report(Issue(found.code, place, found.message, found.hint, dotted(path)))
            return reference
        return found


class _Walk:
    """The walk over one document."""

    def __init__(self, resolver: Resolver, layered: Layered) -> None:
        self._resolver, self._layered = resolver, layered

    def item(self, cls: type[Any], data: Mapping[str, Any], path: Path) -> dict[str, Any]:
        shape = self._resolver.shapes().of_item(cls, data)
        resolved: dict[str, Any] = {}
        if shape.variant is not None and shape.chosen is not None and shape.chosen != shape.variant.default:
            resolved[shape.variant.key] = shape.chosen
        for name, declared in shape.props.items():
            value = data.get(name)
            if value is None:
                continue
            inner = shape.inner.get(name)
            if inner is not None:
                value = self._inner(inner, value, (*path, name))
            elif declared.refers:
                value = plain(self._refer(declared, value, (*path, name)))
            elif not isinstance(value, (str, bool)):
                value = plain(value)
            if (
                inner is not None
                and isinstance(value, Mapping)
                and self._resolver.is_kind(declared.refers.removesuffix(" keys"))
            ):
                value = self._keys(declared, value, (*path, name))
            if declared.required or not is_default(value, declared.default):
                resolved[name] = value
        return resolved

    def _inner(self, inner: Inner, value: Any, path: Path) -> Any:
        if inner.form == "map":
            return {key: self.item(inner.cls, item or {}, (*path, key)) for key, item in value.items()}
        if inner.form == "list":
            return [self.item(inner.cls, item or {}, (*path, index)) for index, item in enumerate(value)]
        return self.item(inner.cls, value, path)

    def _refer(self, declared: Prop, value: Any, path: Path) -> Any:
        kind = declared.refers.removesuffix(" keys")
        if not self._resolver.is_kind(kind):
            return value
        if isinstance(value, str):
            return self._resolver.find(kind, value, self._layered, path) if value else value
        if isinstance(value, list):
            return [
                self._resolver.find(kind, item, self._layered, (*path, index)) if isinstance(item, str) else item
                for index, item in enumerate(value)
            ]
        if isinstance(value, dict) and declared.refers.endswith(" keys"):
            return self._keys(declared, value, path)
        return value

    def _keys(self, declared: Prop, value: Mapping[str, Any], path: Path) -> dict[str, Any]:
        kind = declared.refers.removesuffix(" keys")
        found: dict[str, Any] = {}
        for key, item in value.items():
            full = self._resolver.find(kind, key, self._layered, (*path, key))
            found[full] = item
        return found


def is_default(value: Any, default: Any) -> bool:
    """Tell whether a value says what the default says; true is not 1."""
    if isinstance(default, (tuple, Mapping)) or default is None:
        return not default and isinstance(value, (list, dict)) and not value
    return type(value) is type(default) and bool(value == default)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: a decimal as its exact text.

    >>> plain({"min": Decimal("0.10")})
    {'min': '0.10'}
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
