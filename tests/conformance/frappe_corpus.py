"""The names of one condition of a Frappe app: from its DocTypes where they are there, else from their use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kith_metadata.expressions import FieldInfo
from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import ForeignField, Missing
from kith_metadata.expressions.translate.foreign_names import our_name
from kith_metadata.expressions.types import Type

_TYPES: Mapping[str, Type] = {
    "Check": t.BOOLEAN,
    "Int": t.INTEGER,
    "Float": t.DECIMAL,
    "Currency": t.DECIMAL,
    "Percent": t.DECIMAL,
    "Rating": t.DECIMAL,
    "Date": t.DATE,
    "Datetime": t.DATETIME,
    "Time": t.TIME,
    "Duration": t.DURATION,
    "JSON": t.JSON,
}
_STANDARD: Mapping[str, Type] = {
    "name": t.TEXT,
    "doctype": t.TEXT,
    "docstatus": t.INTEGER,
    "idx": t.INTEGER,
    "owner": t.TEXT,
    "modified_by": t.TEXT,
    "creation": t.DATETIME,
    "modified": t.DATETIME,
    "parent": t.TEXT,
    "parenttype": t.TEXT,
    "parentfield": t.TEXT,
}


@dataclass(frozen=True)
class App:
    """One Frappe app: the fields of its DocTypes, and of what it adds to others."""

    root: Path

    @cached_property
    def doctypes(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Field descriptions by DocType and field name."""
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        for item in self._documents():
            if item.get("doctype") == "DocType":
                fields = {one["fieldname"]: one for one in item.get("fields", []) if one.get("fieldname")}
                found.setdefault(item.get("name", ""), {}).update(fields)
            elif item.get("doctype") == "Custom Field" and item.get("fieldname"):
                found.setdefault(item.get("dt", ""), {})[item["fieldname"]] = item
        return found

    def _documents(self) -> Iterator[Mapping[str, Any]]:
        for path in sorted(self.root.rglob("*.json")):
            data = json.loads(path.read_text(encoding="utf-8", errors="replace"))
            for item in data if isinstance(data, list) else [data]:
                if isinstance(item, Mapping):
                    yield item


@dataclass
class DocScope:
    """Resolves the fields of a DocType, and remembers them for our checker. `text` is the condition itself."""

    apps: Sequence[App]
    doctype: str
    text: str
    entities: dict[str, dict[str, FieldInfo]] = field(default_factory=dict)
    settings: dict[str, Type] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)

    def find(self, parts: tuple[str, ...]) -> ForeignField | Missing:
        """Return what a reference stands for."""
        if parts[:3] == ("frappe", "user", "has_role"):
            role = f"sales.{our_name(parts[3])}"
            self.roles.add(role)
            return ForeignField(f'has_role("{role}")', t.BOOLEAN)
        if parts[0] in ("frappe", "cur_frm", "frm", "window", "locals"):
            return Missing("screen", f"`{'.'.join(parts)[:60]}` belongs to Frappe's own program.")
        if parts[0] == "parent" and len(parts) == 2:
            holder = self._parent()
            self._met(self.doctype, "parent", t.record(self.entity(holder)))
            return self._field(holder, parts[1], "parent.")
        if len(parts) != 1:
            return Missing("unknown_field", f"There is no field '{'.'.join(parts)[:80]}'.")
        return self._field(self.doctype, parts[0], "")

    def entity(self, doctype: str) -> str:
        """Return our name for a DocType."""
        return f"app.{our_name(doctype or 'unknown')}"

    def _field(self, doctype: str, name: str, prefix: str) -> ForeignField:
        kind = self._type(doctype, name)
        ours = our_name(name)
        self._met(doctype, ours, kind)
        title = ""
        if kind.kind == "record" and kind.name:
            self.entities.setdefault(kind.name, {})["name"] = FieldInfo(t.TEXT)
            title = f"{prefix}{ours}.name"
        return ForeignField(f"{prefix}{ours}", kind, title=title)

    def _met(self, doctype: str, name: str, kind: Type) -> None:
        self.entities.setdefault(self.entity(doctype), {})[name] = FieldInfo(kind)

    def _type(self, doctype: str, name: str) -> Type:
        described = self._described(doctype, name)
        if described is None:
            return _STANDARD.get(name) or _by_use(name, self.text)
        kind, options = described.get("fieldtype", ""), described.get("options") or ""
        if kind in ("Table", "Table MultiSelect"):
            return t.records(self.entity(options))
        if kind == "Link" and options != "DocType":
            return t.record(self.entity(options))
        if kind == "Select":
            return t.choice(f"{self.entity(doctype)}.{name}")
        return _TYPES.get(kind, t.TEXT)

    def _described(self, doctype: str, name: str) -> Mapping[str, Any] | None:
        return next((app.doctypes[doctype][name] for app in self.apps if name in app.doctypes.get(doctype, {})), None)

    def _parent(self) -> str:
        """Return a DocType that holds rows of this one."""
        for app in self.apps:
            for name, fields in app.doctypes.items():
                if any(item.get("options") == self.doctype and "Table" in item.get("fieldtype", "")
                       for item in fields.values()):  # fmt: skip
                    return name
        return "Parent"


def _by_use(name: str, text: str) -> Type:
    """Return a number for a name that is compared with one, a text for any other."""
    compared = re.search(rf"\b{re.escape(name)}\s*([<>]|[!=]=+\s*\d)", text)
    return t.DECIMAL if compared else t.TEXT
