"""The types that expressions are made of: small frozen values that can be compared, hashed and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a value: its `kind`, and for some kinds a `name` or the type of its items.

    `name` is the entity of a `record` or `records` (None: any entity) and the option set of a `choice` or `choices`;
    `item` is the type of the members of a `list`.
    """

    kind: str
    name: str | None = None
    item: Type | None = None

    def __str__(self) -> str:
        """Return the words that people read in messages."""
        words = WORDS.get(self.kind, self.kind)
        if self.kind in ("record", "records") and self.name:
            return f"{words} of {self.name}"
        return f"{words} of {self.item}" if self.item else words

    def to_json(self) -> dict[str, Any]:
        """Return the type as JSON without empty members."""
        data: dict[str, Any] = {"kind": self.kind}
        if self.name:
            data["name"] = self.name
        if self.item:
            data["item"] = self.item.to_json()
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Type:
        """Read what `to_json` wrote."""
        item = data.get("item")
        return Type(data["kind"], data.get("name"), Type.from_json(item) if item else None)


WORDS = {
    "boolean": "yes/no",
    "datetime": "date and time",
    "choices": "several choices",
    "records": "list of records",
    "markup": "text with links and images",
}

TEXT = Type("text")
INTEGER = Type("integer")
DECIMAL = Type("decimal")
MONEY = Type("money")
PERCENT = Type("percent")
BOOLEAN = Type("boolean")
DATE = Type("date")
DATETIME = Type("datetime")
TIME = Type("time")
DURATION = Type("duration")
JSON = Type("json")
MARKUP = Type("markup")
BLANK = Type("blank")

NUMBER_KINDS = frozenset({"integer", "decimal", "money", "percent"})
TEXT_KINDS = frozenset({"text", "choice"})
ORDERED_KINDS = NUMBER_KINDS | {"text", "date", "datetime", "time", "duration"}
PLAIN_KINDS = (
    frozenset({"text", "boolean", "date", "datetime", "time", "duration", "json", "markup", "blank"}) | NUMBER_KINDS
)


def choice(option_set: str) -> Type:
    """Return the type of one option of an option set."""
    return Type("choice", option_set)


def choices(option_set: str) -> Type:
    """Return the type of several options of an option set."""
    return Type("choices", option_set)


def record(entity: str | None) -> Type:
    """Return the type of a record of an entity; None stands for a record of any entity."""
    return Type("record", entity)


def records(entity: str) -> Type:
    """Return the type of a list of records of an entity."""
    return Type("records", entity)


def list_of(item: Type) -> Type:
    """Return the type of a list."""
    return Type("list", item=item)


def is_number(kind: Type) -> bool:
    """Tell whether values of the type are numbers: integer, decimal, money or percent."""
    return kind.kind in NUMBER_KINDS


def common(left: Type, right: Type) -> Type | None:
    """Return the type that can hold values of both types, or None when there is none.

    >>> str(common(INTEGER, DECIMAL)), common(TEXT, DATE)
    ('decimal', None)
    """
    if left == right or right.kind == "blank":
        return left
    if left.kind == "blank":
        return right
    if is_number(left) and is_number(right):
        return MONEY if "money" in (left.kind, right.kind) else DECIMAL
    if left.kind in TEXT_KINDS and right.kind in TEXT_KINDS:
        return TEXT
    if left.kind == right.kind == "record":
        return record(None)
    return None


def accepts(expected: Type, found: Type) -> bool:
    """Tell whether a value of the type `found` may stand where `expected` is asked for."""
    if expected == found or found.kind == "blank" or expected.kind == "json":
        return True
    if is_number(expected) and is_number(found):
        return expected.kind != "integer"
    if expected.kind == "text":
        return found.kind == "choice"
    if expected.kind in ("choice", "choices"):
        return found.kind == "text" and expected.kind == "choice"
    return expected.kind == found.kind == "record" and (expected.name is None or found.name is None)
