"""E-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._cleaning import EmailStep, clean
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue


@field_types.register("email")
class Email(FieldType):
    """An address in its usual writing, with the domain in lower case; nobody is asked whether it exists."""

    name = "email"
    label = "E-mail"
    help = "An e-mail address, shown as a link that writes to it."
    icon = "mail"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How addresses are written."""

        clean: tuple[EmailStep, ...] = prop(
            "Clean", "lower: the part before @ in lower case too, as nearly all mail servers read it.", default=()
        )

    examples = (
        Example("john.meyer@brightwater.example.com", "john.meyer@brightwater.example.com"),
        Example("o'neill+offers?a=1&b@example.com", "o'neill+offers?a=1&b@example.com"),
    )
    json_identity = True
    searchable = True
    operators = ("is", "is_not", "contains", "contains_not", "starts_with", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean_line(raw).removeprefix("mailto:")
        try:
            address = str(validate_email(text, check_deliverability=False).normalized)
        except EmailNotValidError:
            raise InvalidValue(
                "not_an_email", f"{shown(raw)} is not an e-mail address.", "Write it like name@example.com."
            ) from None
        return clean(address, field.options.clean)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": 254}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        target = "{{ " + value + "|urlencode|replace('%40', '@') }}"
        shown = "{{ " + value + " }}"
        return f'<a class="k-link" dir="ltr" href="mailto:{target}" title="{shown}">{shown}</a>'

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT
