"""Reading a case file: formulas of Salesforce with typed fields, rows of input, and what its own engine answered.

Each line is a JSON object: `formula`, the type it `returns`, `fields` with name and type (a field may itself be a
`formula` over further fields), and `rows` of `input` (values between commas) with the `expected` results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import (
    ForeignField,
    MappedScope,
    Translated,
    translate_salesforce,
)
from kith_metadata.expressions.types import Type

TYPES: Mapping[str, Type] = {
    "double": t.DECIMAL,
    "currency": t.DECIMAL,
    "percent": t.PERCENT,
    "text": t.TEXT,
    "textarea": t.TEXT,
    "phone": t.TEXT,
    "email": t.TEXT,
    "url": t.TEXT,
    "boolean": t.BOOLEAN,
    "dateonly": t.DATE,
    "datetime": t.DATETIME,
}
# Fields that only occur inside another field's formula bear their type in their name.
_BY_NAME = (
    ("customdatetime", "datetime"),
    ("customdate", "dateonly"),
    ("customnumber", "double"),
    ("custompercent", "percent"),
    ("customcurrency", "currency"),
    ("customcheckbox", "boolean"),
    ("customtext", "text"),
)
_ZONES = {"GMT": 0, "PST": -8}
MODES = {"formula": True, "formulaNullAsNull": False}
ERROR = "error"


@dataclass(frozen=True)
class Case:
    """One formula: `inner` are formula fields that it uses, by name, with their own formulas."""

    test: str
    formula: str
    returns: str
    fields: Mapping[str, Type]
    inner: Mapping[str, tuple[str, Type]]
    rows: Sequence[Mapping[str, Any]]

    def translated(self, blanks_as_zero: bool) -> Translated:
        """Return the formula in our language; formula fields are written out in place."""
        known = {f"{name}__c": ForeignField(name, kind) for name, kind in self.fields.items()}
        for name, (formula, kind) in self.inner.items():
            found = translate_salesforce(formula, MappedScope(known), blanks_as_zero)
            known[f"{name}__c"] = ForeignField(f"({found.text})", kind if found.type.kind == "blank" else found.type)
        return translate_salesforce(self.formula, MappedScope(known), blanks_as_zero)

    def record(self, text: str | None) -> dict[str, Any]:
        """Return the record of a row of input."""
        parts = [] if text is None else [text] if len(self.fields) == 1 else text.split(",")
        parts += [""] * (len(self.fields) - len(parts))
        return {name: read_input(part, kind) for (name, kind), part in zip(self.fields.items(), parts, strict=False)}


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the cases of a file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield _case(json.loads(line))


def _case(data: Mapping[str, Any]) -> Case:
    fields: dict[str, Type] = {}
    inner: dict[str, tuple[str, Type]] = {}
    for item in data["fields"]:
        name, kind = item["name"].lower(), TYPES[item["type"].lower()]
        if "formula" not in item:
            fields[name] = kind
            continue
        inner[name] = (item["formula"], kind)
        for reference in re.findall(r"(\w+)__c", item["formula"].lower()):
            fields.setdefault(reference, _type_of(reference))
    return Case(data["test"], data["formula"], data["returns"], fields, inner, data["rows"])


def _type_of(name: str) -> Type:
    return next(TYPES[kind] for start, kind in _BY_NAME if name.startswith(start))


def read_input(text: str, kind: Type) -> Any:
    """Return a value of a row; blank where the text is empty."""
    if kind.kind == "text":
        return text or None
    text = text.strip()
    if text in ("", "NULL"):
        return None
    match kind.kind:
        case "decimal" | "percent":
            return Decimal(text)
        case "boolean":
            return text.lower() == "true"
        case "date":
            return _moment(":".join(text.split(":")[:3])).date()
        case "datetime":
            return _moment(text)
    return text


def _moment(text: str) -> datetime:
    """Read 2004:12:31:11:32:00; a day past the end of its month, or an hour 24, counts on."""
    *numbers, zone = text.split(":") if text[-1:].isalpha() else [*text.split(":"), "GMT"]
    year, month, day, hour, minute, second = [int(part) for part in numbers] + [0] * (6 - len(numbers))
    away = timedelta(days=day - 1, hours=hour - _ZONES[zone], minutes=minute, seconds=second)
    return datetime(year, month, 1, tzinfo=UTC) + away


def read_expected(text: str, value: Any, returns: str) -> Any:
    """Return what was expected, in the type that `value` has (or that the formula returns)."""
    if text.startswith("Error"):
        return ERROR
    if text == "null":
        return None
    if re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d .* GMT \d{4}", text):
        moment = datetime.strptime(text, "%a %b %d %H:%M:%S GMT %Y").replace(tzinfo=UTC)
        at_midnight = moment.time() == time(0)
        return moment.date() if isinstance(value, date) and not isinstance(value, datetime) and at_midnight else moment
    if returns == "TimeOnly":
        return time.fromisoformat(text)
    if returns == "Boolean":
        return text == "true"
    if returns in ("Double", "Currency", "Percent"):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text
