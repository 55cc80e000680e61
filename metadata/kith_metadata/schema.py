"""The full JSON Schema of each kind of document, for editors that complete and check while a person types."""

from __future__ import annotations

from typing import Any

from kith_metadata.language import Language
from kith_metadata.shapes import Inner, Shapes
from kith_metadata.spec import NAME_LENGTH, NAME_PATTERN, NOTE_PATTERN, property_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema(language: Language, kind: str) -> dict[str, Any]:
    """Return the schema of a document of a kind, with its first key and one ``if``/``then`` for each type."""
    builder = _Builder(Shapes(language))
    cls = language.kinds[kind]
    builder.define(cls)
    body = builder.definitions.pop(cls.__name__)
    body["properties"] = {
        kind: {"type": "string", "pattern": NAME_PATTERN, "maxLength": NAME_LENGTH, "title": "Name"},
        **body["properties"],
    }
    body["required"] = [kind, *body["required"]]
    title = kind.replace("_", " ").capitalize()
    return {"$schema": DIALECT, "title": title, **body, "$defs": dict(sorted(builder.definitions.items()))}


class _Builder:
    """Collects one definition per class."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self.definitions: dict[str, dict[str, Any]] = {}

    def define(self, cls: type[Any]) -> str:
        """Add the definition of a class and of all that it holds; return the reference to it."""
        reference = f"#/$defs/{cls.__name__}"
        if cls.__name__ in self.definitions:
            return reference
        self.definitions[cls.__name__] = {}
        shape = self._shapes.of(cls)
        schema: dict[str, Any] = {
            "type": "object",
            "description": (cls.__doc__ or "").strip().split("\n")[0],
            "properties": {name: self._property(declared, shape.inner.get(name))
                           for name, declared in shape.props.items()},
            "required": [name for name, declared in shape.props.items() if declared.required],
            "patternProperties": {NOTE_PATTERN: True},
        }  # fmt: skip
        if shape.variant is None:
            schema["additionalProperties"] = False
        else:
            self._types(cls, schema)
        self.definitions[cls.__name__] = schema
        return reference

    def _types(self, cls: type[Any], schema: dict[str, Any]) -> None:
        variant = self._shapes.of(cls).variant
        if variant is None:
            return
        types = self._shapes.types(variant)
        chosen = {"enum": list(types), "title": variant.key.title()}
        schema["properties"] = {variant.key: chosen, **schema["properties"]}
        if variant.default is None:
            schema["required"] = [variant.key, *schema["required"]]
        else:
            schema["properties"][variant.key]["default"] = variant.default
        common = set(schema["properties"])
        schema["allOf"] = []
        for name in types:
            shape = self._shapes.of(cls, name)
            own = {key: self._property(declared, shape.inner.get(key))
                   for key, declared in shape.props.items() if key not in common}  # fmt: skip
            condition: dict[str, Any] = {"properties": {variant.key: {"const": name}}}
            if name != variant.default:
                condition["required"] = [variant.key]
            then: dict[str, Any] = {"properties": own}
            required = [key for key in own if shape.props[key].required]
            if required:
                then["required"] = required
            schema["allOf"].append({"if": condition, "then": then})
        schema["unevaluatedProperties"] = False

    def _property(self, declared: Any, inner: Inner | None) -> dict[str, Any]:
        schema = property_schema(declared)
        if inner is None:
            return _nullable(schema, declared.required)
        reference: dict[str, Any] = {"$ref": self.define(inner.cls)}
        texts: dict[str, Any] = {key: value for key, value in schema.items() if key in ("title", "description")}
        if inner.form == "map":
            item = {"anyOf": [reference, {"type": "null"}]}
            names = schema.get("propertyNames", {})
            found = {**texts, "type": "object", "propertyNames": names, "additionalProperties": item}
            if "minProperties" in schema:
                found["minProperties"] = schema["minProperties"]
            return _nullable(found, declared.required)
        if inner.form == "list":
            return _nullable({**texts, "type": "array", "items": reference}, declared.required)
        return {**texts, **reference}


def _nullable(schema: dict[str, Any], required: bool) -> dict[str, Any]:
    """A null stands for the default, so it may stand wherever there is one."""
    if required or "type" not in schema:
        return schema
    found = schema["type"]
    return {**schema, "type": [*([found] if isinstance(found, str) else found), "null"]}
