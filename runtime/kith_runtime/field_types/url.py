"""Web addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._cleaning import UrlStep, clean
from kith_runtime.field_types._text import check_length, clean_line, shown
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope, InvalidValue

LONGEST = 2048
_HOST = re.compile(r"[^\s/@:?#\\]+\.[^\s/@:?#\\]+|localhost|\[[0-9a-fA-F:.]+\]")


@field_types.register("url")
class Url(FieldType):
    """An address that begins with http or https; no other scheme can be stored, so none can be clicked."""

    name = "url"
    label = "Web address"
    help = "The address of a web page, shown as a link."
    icon = "world"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How addresses are written."""

        clean: tuple[UrlStep, ...] = prop(
            "Clean",
            "Steps before it is stored: host (scheme and host in lower case, no usual port), no_fragment (nothing from "
            "#), no_tracking (no utm_ and click marks), no_slash (no / at the end).",
            default=(),
        )

    examples = (
        Example("https://www.brightwater.example.com/depots?id=40#map", "https://www.brightwater.example.com/depots?id=40#map"),
        Example("http://münchen.example.com/a%20b%22", "http://münchen.example.com/a%20b%22"),
    )  # fmt: skip
    json_identity = True
    operators = ("contains", "contains_not", "is", "is_not", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str:
        text = clean_line(raw)
        check_length(text, LONGEST)
        if scope.source == "form" and "://" not in text and _HOST.match(text):
            text = f"https://{text}"
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _not_a_url(raw) from None
        if parts.scheme not in ("http", "https") or not host or port == 0 or any(sign in text for sign in " <>\\\t"):
            raise _not_a_url(raw)
        if "@" in parts.netloc:
            raise InvalidValue(
                "password_in_url", "The address holds a name or password.", "Leave out what is before @."
            )
        return clean(text.replace('"', "%22"), field.options.clean)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://", "maxLength": LONGEST}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        opening = '<a class="k-link k-trunc" dir="ltr" rel="noopener noreferrer" target="_blank" href="{{ '
        # The scheme says nothing to people, and an address is long enough without it.
        return (
            opening + value + ' }}" title="{{ ' + value + ' }}">{{ ' + value + '.partition("://")[2].rstrip("/") }}</a>'
        )

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT


def _not_a_url(raw: Any) -> InvalidValue:
    return InvalidValue("not_a_url", f"{shown(raw)} is not a web address.", "Write it like https://www.example.com.")
