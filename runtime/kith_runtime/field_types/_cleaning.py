"""How text is cleaned before it is checked and stored: the same on every door, for whoever types it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from babel import Locale

from kith_runtime.field_types._text import shown
from kith_runtime.field_types.base import InvalidValue

TextStep = Literal["spaces", "lower", "upper", "words", "sentence", "digits", "no_spaces", "country"]
EmailStep = Literal["lower"]
UrlStep = Literal["host", "no_fragment", "no_tracking", "no_slash"]

TEXT_STEPS = (
    "Steps on each value before it is stored, in order: spaces (runs of them become one), lower, upper, words (Each "
    "Word), sentence (First letter), digits (only these stay), no_spaces, country (its code, such as NL)."
)

_RUN = re.compile(r"[^\S\n]+")
_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(r"utm_.*|gclid|fbclid|msclkid|mc_[ce]id|_hs(enc|mi)", re.IGNORECASE)


def clean(text: str, steps: tuple[str, ...]) -> str:
    """Return a text after some steps, one after the other; raises :class:`InvalidValue` when nothing is left of it.

    >>> clean("  anna   MEYER ", ("spaces", "words"))
    'Anna Meyer'
    """
    found = text
    for step in steps:
        found = _STEPS[step](found)
    if text and not found:
        hint = "Only digits are kept here." if "digits" in steps else ""
        raise InvalidValue("nothing_left", f"Nothing is left of {shown(text)} when it is cleaned.", hint)
    return found


def _words(text: str) -> str:
    """Begin each word with a capital, also behind a hyphen or an apostrophe of a name: O'Neill, Meyer-Lang."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _country(text: str) -> str:
    """Return the ISO code of a country given by its English name, its own name or a code; other texts stay."""
    wanted = text.strip().casefold()
    names = _english()
    if wanted.upper() in names.values():
        return wanted.upper()
    return _OTHERS.get(wanted) or names.get(wanted, text)


@functools.cache
def _english() -> Mapping[str, str]:
    territories = Locale("en").territories
    return {name.casefold(): code for code, name in territories.items() if len(code) == 2 and code.isalpha()}


_OTHERS = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "holland": "NL",
    "nederland": "NL",
    "the netherlands": "NL",
    "deutschland": "DE",
    "österreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "españa": "ES",
    "italia": "IT",
    "belgië": "BE",
    "belgique": "BE",
    "danmark": "DK",
    "sverige": "SE",
    "norge": "NO",
    "suomi": "FI",
    "polska": "PL",
    "czech republic": "CZ",
}


def _host(text: str) -> str:
    """Write scheme and host in lower case and leave out the port that is meant anyway."""
    parts = urlsplit(text)
    netloc = parts.netloc.lower()
    if parts.port == _PORTS.get(parts.scheme.lower()):
        netloc = netloc.rpartition(":")[0]
    return urlunsplit((parts.scheme.lower(), netloc, parts.path, parts.query, parts.fragment))


def _no_tracking(text: str) -> str:
    parts = urlsplit(text)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    return text if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))


def _no_slash(text: str) -> str:
    parts = urlsplit(text)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/")))


_STEPS: Mapping[str, Callable[[str], str]] = {
    "spaces": lambda text: _RUN.sub(" ", text).strip(),
    "lower": str.lower,
    "upper": str.upper,
    "words": _words,
    "sentence": _sentence,
    "digits": lambda text: re.sub(r"[^0-9]", "", text),
    "no_spaces": lambda text: re.sub(r"\s", "", text),
    "country": _country,
    "host": _host,
    "no_fragment": lambda text: text.partition("#")[0],
    "no_tracking": _no_tracking,
    "no_slash": _no_slash,
}
