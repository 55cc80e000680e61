"""Check plain data against the declared classes, level by level, and explain each mistake once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kith_metadata.registry import nearest
from kith_metadata.shape_words import Finding, explain, missing_property, unknown_property
from kith_metadata.shapes import Shape, Shapes
from kith_metadata.spec import NOTE_PATTERN, Variant
from kith_metadata.yaml_reader import Path

Report = Callable[[Path, Finding], None]

_NOTE = NOTE_PATTERN.lstrip("^")


class ShapeCheck:
    """Checks data of one language. ``report`` receives the path of each finding and what it is."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def check(self, cls: type[Any], data: Any, path: Path, report: Report) -> None:
        """Check one item and all that is inside it; a null inside an item stands for the default."""
        if not isinstance(data, dict):
            report(path, explain_not_a_map(data))
            return
        given = data
        if None in data.values():
            given = {key: value for key, value in data.items() if value is not None}
        shape = self._shapes.of_item(cls, given)
        if shape.variant is not None and shape.chosen is None:
            self._unknown_type(shape, shape.variant, given, path, report)
        elif not shape.is_valid(given):
            self._explain(shape, given, path, report)
        for name, inner in shape.inner.items():
            value = given.get(name)
            if value is None:
                continue
            if inner.form == "map" and isinstance(value, dict):
                for key, item in value.items():
                    self.check(inner.cls, {} if item is None else item, (*path, name, key), report)
            elif inner.form == "list" and isinstance(value, list):
                for index, item in enumerate(value):
                    self.check(inner.cls, {} if item is None else item, (*path, name, index), report)
            elif inner.form == "one" and isinstance(value, dict):
                self.check(inner.cls, value, (*path, name), report)

    def _unknown_type(
        self, shape: Shape, variant: Variant, given: Mapping[str, Any], path: Path, report: Report
    ) -> None:
        """Explain a type that is missing or unknown; which other keys fit follows from it."""
        types = self._shapes.types(variant)
        chosen = given.get(variant.key)
        extra = [key for key in given if key not in shape.props and key != variant.key and not key.startswith(_NOTE)]
        if chosen is None:
            meant = next((key for key in extra if nearest(key, (variant.key,))), None)
            if meant is not None:
                extra.remove(meant)
                report((*path, meant), unknown_property(meant, (variant.key,), "", variant.key))
            else:
                report(path, missing_property(variant.key, types))
        elif not isinstance(chosen, str):
            report((*path, variant.key), explain({"type": "string"}, "type", chosen))
        else:
            report((*path, variant.key), explain({"enum": list(types)}, "enum", chosen))
        common = {key: value for key, value in given.items() if key in shape.props}
        for error_path, finding in _errors(shape, common):
            if finding.code != "KM014":
                report((*path, *error_path), finding)
        # Whether another key can stand here follows from the type; only a slip of the pen is told already.
        possible = {name for known in types for name in self._shapes.of(shape.cls, known).props}
        for key in extra:
            if key not in possible and difflib.get_close_matches(key, shape.props, n=1, cutoff=0.8):
                report((*path, key), unknown_property(key, tuple(shape.props), ""))

    def _explain(self, shape: Shape, given: Mapping[str, Any], path: Path, report: Report) -> None:
        known = (*((shape.variant.key,) if shape.variant else ()), *shape.props)
        unknown = [key for key in given if key not in known and not key.startswith(_NOTE)]
        free = [name for name in known if name not in given]
        meant = {key: guess for key in unknown if (guess := nearest(key, free)) is not None}
        for key in unknown:
            elsewhere = "" if key in meant else self._elsewhere(shape, key)
            report((*path, key), unknown_property(key, known, elsewhere, meant.get(key, "")))
        for error_path, finding in _errors(shape, {key: given[key] for key in given if key not in unknown}):
            # A misspelt key was reported; that its right spelling is missing follows from it.
            if finding.code == "KM014" and finding.subject in meant.values():
                continue
            report((*path, *error_path), finding)

    def _elsewhere(self, shape: Shape, key: str) -> str:
        """Return the types that have the property, when the item's own type has not."""
        if shape.variant is None:
            return ""
        having = [name for name in self._shapes.types(shape.variant) if key in self._shapes.of(shape.cls, name).props]
        if not having:
            return ""
        return f"It is a property of the {shape.variant.key} {', '.join(having[:4])}; this is {shape.chosen}."


def _errors(shape: Shape, given: Mapping[str, Any]) -> Iterator[tuple[Path, Finding]]:
    seen: set[Path] = set()
    for error in shape.validator.iter_errors(given):
        path = tuple(error.absolute_path)
        if error.validator == "required":
            for name in error.validator_value:
                if name not in error.instance and (*path, name) not in seen:
                    seen.add((*path, name))
                    yield path, missing_property(name)
        elif error.validator == "propertyNames" or _inside_names(error):
            yield (*path, error.instance), explain(error.schema, "propertyName", error.instance)
        elif path not in seen:
            seen.add(path)
            yield path, explain(error.schema, str(error.validator), error.instance)


def _inside_names(error: Any) -> bool:
    return "propertyNames" in error.absolute_schema_path


def explain_not_a_map(data: Any) -> Finding:
    """Return the finding of data that is no map where properties are expected."""
    return explain({"type": "object"}, "type", data)
