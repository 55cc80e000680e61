"""Telephone numbers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue


@functools.lru_cache(maxsize=8192)
def international(number: str) -> str:
    """Return a stored number as people read it: ``+31 20 624 1111``."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


@field_types.register("phone")
class Phone(FieldType):
    """A number kept in E.164, so that the same number is found however it was typed."""

    name = "phone"
    label = "Phone"
    help = "A telephone number, shown as a link that dials it."
    icon = "phone"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """Where numbers without a country code are."""

        region: str = prop(
            "Region",
            "Country of numbers without +, as a code such as NL; each person's own when left out.",
            default="",
            schema={"pattern": "^([A-Z]{2})?$"},
        )

    examples = (
        Example("+31206241111", "+31 20 624 1111"),
        Example("+4930123456", "+49 30 123456", {"region": "DE"}),
    )
    json_identity = True
    searchable = True
    operators = ("is", "is_not", "starts_with", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean_line(raw)
        region = field.options.region or scope.locale.locale.partition("_")[2][-2:] or None
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            raise _not_a_phone(raw) from None
        if parsed.extension:
            raise InvalidValue(
                "extension", f"{shown(raw)} has an extension.", "Write the number without it, and the extension aside."
            )
        if not phonenumbers.is_possible_number(parsed):
            raise _not_a_phone(raw)
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return international(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\+[0-9]{3,17}$"}

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "maxLength": 40}

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return {"show": international}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        shown_text = "{{ " + f"{prefix}show({value})" + " }}"
        return '<a class="k-link k-num" dir="ltr" href="tel:{{ ' + value + ' }}">' + shown_text + "</a>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT


def _not_a_phone(raw: Any) -> InvalidValue:
    return InvalidValue(
        "not_a_phone", f"{shown(raw)} is not a telephone number.", "Write it with the country, like +31 20 624 1111."
    )
