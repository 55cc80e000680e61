"""Formatted text, kept as a small and safe part of HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from markupsafe import Markup

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types._text import check_length, clean_text
from kith_runtime.field_types.base import Column, Example, FieldType, InputScope

TAGS = {
    "p", "br", "strong", "em", "b", "i", "u", "s", "code", "pre", "blockquote", "ul", "ol", "li", "h2", "h3", "h4",
    "a", "hr", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto"}


def clean_html(text: str) -> str:
    """Return HTML with safe tags alone; scripts, styles, event handlers and other links are gone."""
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")


def plain_text(text: str) -> str:
    """Return the words of HTML without its tags, on one line."""
    return " ".join(html.unescape(nh3.clean(text.replace("<", " <"), tags=set())).split())


@field_types.register("rich_text")
class RichText(FieldType):
    """HTML that is cleaned when it is written; only then may a page show it as it is."""

    name = "rich_text"
    label = "Formatted text"
    help = "Text with headings, lists, links and tables."
    icon = "text-size"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """How long the text may be."""

        max_length: int = prop(
            "Longest", "In characters, formatting included.", default=100_000, schema={"minimum": 1, "maximum": 999_999}
        )

    examples = (
        Example("<p>Ready <strong>now</strong></p>", "Ready now"),
        Example('<ul><li>1 &lt; 2 &amp; "3"</li></ul>', '1 < 2 & "3"'),
    )
    json_identity = True
    sortable = False
    searchable = True
    control = "rich"
    width = "xl"
    operators = ("contains", "contains_not", "blank", "not_blank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, raw: Any, field: Field, scope: InputScope) -> str | None:
        text = clean_text(raw).strip()
        check_length(text, field.options.max_length)
        cleaned = clean_html(text).strip()
        check_length(cleaned, field.options.max_length)
        return cleaned if plain_text(cleaned) else None

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return plain_text(value)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return str(value)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "text/html", "maxLength": field.options.max_length}

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return {"plain": plain_text, "html": _as_markup}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<span class="k-trunc" dir="auto">{{ ' + f"{prefix}plain({value})[:160]" + " }}</span>"

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return '<div class="k-prose" dir="auto">{{ ' + f"{prefix}html({value})" + " }}</div>"

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.TEXT


def _as_markup(text: str) -> Markup:
    """Clean once more before it is trusted: a row may have come from a restore or an older, wider rule."""
    return Markup(clean_html(text))  # noqa: S704  cleaned in this very line
