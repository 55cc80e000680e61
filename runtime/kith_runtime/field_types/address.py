"""Postal addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import phonenumbers
from babel import Locale

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import Address
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import check_length, clean_line, clean_text, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

_PARTS = tuple(part.name for part in fields(Address))
LONGEST = 255


@field_types.register("address")
class AddressType(FieldType):
    """Street, city, region, postal code and country, each of which may be blank."""

    name = "address"
    label = "Address"
    help = "A postal address in five parts."
    icon = "map-pin"
    examples = (
        Example({"street": "Kade 12", "city": "Rotterdam", "country": "NL"}, "Kade 12, Rotterdam, Netherlands"),
        Example(
            {"street": "1 <Main> St\nSuite 4", "city": "Springfield", "region": "IL", "postal_code": "62701"},
            "1 <Main> St, Suite 4, Springfield, IL 62701",
        ),
    )
    simple = False
    sortable = False
    filterable = False
    control = "address"
    parts = _PARTS
    width = "xl"
    most_columns = 5
    operators = ()

    def columns(self, field: Field) -> tuple[Column, ...]:
        # The main column has no suffix, as in every type; the others bear the name of their part.
        return (Column(), *(Column(suffix=name) for name in _PARTS[1:]))

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return tuple(None if value is None else getattr(value, name) for name in _PARTS)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        return None if all(part is None for part in stored) else Address(*stored)

    def blank(self, raw: Any) -> bool:
        if isinstance(raw, Mapping):
            return all(super(AddressType, self).blank(part) for part in raw.values())
        return super().blank(raw)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Address:
        if isinstance(raw, Address):
            raw = {name: getattr(raw, name) for name in _PARTS}
        if isinstance(raw, str) and scope.source == "form":
            raw = {"street": raw}
        if not isinstance(raw, Mapping) or set(raw) - set(_PARTS):
            raise InvalidValue("not_an_address", f"{shown(raw)} is not an address.", f"Write {', '.join(_PARTS)}.")
        read = {name: self._part(name, raw.get(name), scope) for name in _PARTS}
        return Address(**read)

    def _part(self, name: str, raw: Any, scope: InputScope) -> str | None:
        if super().blank(raw):
            return None
        if name == "country":
            return read_country(raw, scope)
        text = clean_text(raw).strip() if name == "street" else clean_line(raw)
        check_length(text, LONGEST)
        return text

    def to_json(self, value: Any, field: Field) -> Any:
        return {name: part for name in _PARTS if (part := getattr(value, name)) is not None}

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        place = " ".join(part for part in (value.region, value.postal_code) if part)
        country = scope.locale.numbers.locale.territories.get(value.country, value.country) if value.country else None
        street = value.street.replace("\n", ", ") if value.street else None
        return ", ".join(part for part in (street, value.city, place, country) if part)

    def input_parts(self, value: Any, field: Field, scope: InputScope) -> Mapping[str, str]:
        return {name: getattr(value, name) or "" for name in _PARTS}

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        properties: dict[str, Any] = {name: {"type": "string", "maxLength": LONGEST} for name in _PARTS}
        properties["country"] = {"type": "string", "pattern": "^[A-Z]{2}$"}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        parts = f"[{value}.city, {value}.country]"
        return '<span class="k-trunc" dir="auto">{{ ' + parts + "|select|join(', ') or " + value + ".street }}</span>"

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        lines = ", ".join(f"{value}.{name}" for name in _PARTS)
        return '<span class="k-lines" dir="auto">{{ [' + lines + "]|select|join('\\n') }}</span>"


def read_country(raw: Any, scope: InputScope) -> str:
    """Return a country's ISO 3166 code; people may also write its name in their language or in English."""
    text = clean_line(raw)
    if text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    if scope.source == "form":
        for locale in (scope.locale.numbers.locale, Locale("en")):
            for code, name in locale.territories.items():
                if name.casefold() == text.casefold() and code in phonenumbers.SUPPORTED_REGIONS:
                    return str(code)
    raise InvalidValue(
        "no_such_country", f"{shown(raw)} is not a country.", "Write its code of two letters, such as NL."
    )
