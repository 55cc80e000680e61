"""Shared by the types that point to records: how an id is written, and the link that a list shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import HIDDEN, InvalidValue, Linked

ID_PATTERN = "^[0-9a-hjkmnp-tv-z]{20}$"
_ID = re.compile(ID_PATTERN.strip("^$"), re.ASCII)


def read_id(raw: Any) -> str:
    """Return a record's id from a text or from a map that holds ``id``; whether it exists is the door's to say."""
    if isinstance(raw, Linked):
        return raw.id
    if isinstance(raw, Mapping):
        raw = raw.get("id")
    text = raw.strip().lower() if isinstance(raw, str) else ""
    if not _ID.fullmatch(text):
        raise InvalidValue(
            "not_an_id", f"{shown(raw)} is not the id of a record.", "Choose a record, or write its 20 characters."
        )
    return text


def link_source(value: str, entity: str) -> str:
    """Return the Jinja source of a link to a record by its title; a bare id is shown as it is."""
    target = f'{{{{ url("record", entity={entity}, id={value}.id) }}}}'
    link = f'<a class="k-link k-trunc" href="{target}"><bdi>{{{{ {value}.title }}}}</bdi></a>'
    hidden = f'<span class="k-3">{HIDDEN}</span>'
    known = "{% if " + value + ".title is none %}" + hidden + "{% else %}" + link + "{% endif %}"
    return "{% if " + value + ".title is defined %}" + known + "{% else %}{{ " + value + " }}{% endif %}"
