"""Shared by the types whose values are text: one rule for what text may hold, the same on both databases."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

import re2

from kith_runtime.field_types.base import InvalidValue

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(raw: Any) -> str:
    """Return raw input as normalised text (NFC, lines ended by ``\\n``); refuses what is no text.

    NUL cannot be stored by PostgreSQL and half a surrogate pair by no database, so both are refused everywhere, with
    all control characters but tab and line end.
    """
    if not isinstance(raw, str):
        raise InvalidValue("not_text", f"{shown(raw)} is not a text.", "Write it in quotation marks.")
    if _SURROGATE.search(raw):
        raise InvalidValue(
            "broken_character", "The text holds half of a character.", "Copy it again, or leave that sign out."
        )
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        raise InvalidValue(
            "control_character",
            f"The text holds a sign that cannot be seen or stored (U+{ord(found[0]):04X}).",
            "Remove it; tabs and line ends are fine.",
        )
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_line(raw: Any) -> str:
    """Return raw input as one line of text without spaces around it."""
    text = clean_text(raw).strip()
    if "\n" in text:
        raise InvalidValue("several_lines", "The text has more than one line.", "Write it in one line.")
    return text


def check_length(text: str, most: int, least: int = 0) -> None:
    """Refuse a text that is too long or too short, counted in characters."""
    if len(text) > most:
        raise InvalidValue(
            "too_long", f"The text has {len(text):,} characters; {most:,} fit.", f"Shorten it by {len(text) - most:,}."
        )
    if len(text) < least:
        raise InvalidValue(
            "too_short", f"The text has {len(text):,} characters.", f"Write at least {least:,} characters."
        )


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text fits a maker's pattern; a pattern that is none fits nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(text) is not None


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def pattern_problem(pattern: str) -> str | None:
    """Return why a maker's pattern is none, or None when it is fine."""
    if _compiled(pattern) is not None:
        return None
    return f'"{pattern}" is not a pattern that the RE2 language knows; look-around and back references are not in it.'


def shown(raw: Any) -> str:
    """Return raw input for a message: short, on one line, in quotation marks."""
    if raw is True or raw is False:
        return "true" if raw else "false"
    if isinstance(raw, dict):
        return "A map"
    if isinstance(raw, (list, tuple)):
        return "A list"
    text = _SURROGATE.sub("�", _CONTROL.sub("�", str(raw))).replace("\n", " ")
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
