"""Objects, fields and flows as repositories of Salesforce projects hold them, read where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree as ET

from kith_metadata.expressions import types as t
from kith_metadata.expressions.types import Type

_TYPES: Mapping[str, Type] = {
    **dict.fromkeys(("text", "textarea", "longtextarea", "html", "url", "email", "phone", "encryptedtext", "autonumber",
                     "string"), t.TEXT),
    "number": t.DECIMAL,
    "currency": t.MONEY,
    "percent": t.PERCENT,
    "summary": t.DECIMAL,
    "checkbox": t.BOOLEAN,
    "boolean": t.BOOLEAN,
    "date": t.DATE,
    "datetime": t.DATETIME,
    "time": t.TIME,
}  # fmt: skip
_LOOKUPS = frozenset({"lookup", "masterdetail", "hierarchy", "metadatarelationship", "externallookup"})


@dataclass(frozen=True)
class ObjectField:
    """A field as a file describes it; a standard field may be named without a type."""

    type: Type | None
    target: str = ""


@dataclass(frozen=True)
class Repository:
    """One repository: its objects and flows."""

    root: Path

    @cached_property
    def objects(self) -> Mapping[str, Mapping[str, ObjectField]]:
        """The fields of each object; names are in small letters."""
        found: dict[str, dict[str, ObjectField]] = {}
        for name, element in self._fields():
            full_name = _text(element, "fullName")
            if full_name:
                found.setdefault(name.lower(), {})[bare(full_name)] = _read_field(name, full_name, element)
        return found

    def _fields(self) -> Iterator[tuple[str, ET.Element]]:
        for path in sorted(self.root.rglob("*.field-meta.xml")):
            yield path.parent.parent.name, _parse(path)
        for path in sorted([*self.root.rglob("*.object"), *self.root.rglob("*.object-meta.xml")]):
            for element in _parse(path).findall("fields"):
                yield path.name.partition(".")[0], element

    def flow(self, path: str) -> Flow:
        """Return what a flow names."""
        return Flow.read(_parse(self.root / path)) if (self.root / path).is_file() else Flow()


@dataclass(frozen=True)
class Flow:
    """The names in a flow: types of values, objects of records, and those whose type only their use tells."""

    values: Mapping[str, Type] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    @staticmethod
    def read(root: ET.Element) -> Flow:
        """Collect names from variables, look-ups, loops, formulas, screens and the like."""
        values: dict[str, Type] = {}
        records: dict[str, str] = {}
        others: set[str] = set()
        for element in root.iter():
            name = _text(element, "name")
            if not name or element.tag in ("outputParameters", "inputParameters"):
                continue
            target = _text(element, "objectType") or (
                _text(element, "object") if element.tag == "recordLookups" else ""
            )
            kind = _TYPES.get(_text(element, "dataType").lower())
            if target:
                records[name.lower()] = target
            elif kind is not None:
                values[name.lower()] = kind
            elif _text(element, "dataType").lower() == "picklist":
                values[name.lower()] = t.choice(f"flow.{name.lower()}")
            elif element.tag in ("textTemplates", "choices"):
                values[name.lower()] = t.TEXT
            elif element.tag in ("fields", "recordCreates", "actionCalls"):
                others.add(name.lower())
        for loop in root.iter("loops"):
            looped = records.get(_text(loop, "collectionReference").lower())
            if looped:
                records[_text(loop, "name").lower()] = looped
        return Flow(values, records, frozenset(others))


def bare(name: str) -> str:
    """Return a name in small letters without the placeholder of a namespace."""
    return name.lower().replace("%%%namespace%%%", "")


def _read_field(object_name: str, name: str, element: ET.Element) -> ObjectField:
    kind = _text(element, "type").lower()
    if kind in _LOOKUPS:
        return ObjectField(t.record(None), _text(element, "referenceTo"))
    if kind == "picklist":
        return ObjectField(t.choice(f"{object_name}.{name}".lower()))
    if kind == "multiselectpicklist":
        return ObjectField(t.choices(f"{object_name}.{name}".lower()))
    return ObjectField(_TYPES.get(kind))


def _parse(path: Path) -> ET.Element:
    root = ET.parse(path).getroot()  # noqa: S314 - a corpus that the person who runs this chose
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
