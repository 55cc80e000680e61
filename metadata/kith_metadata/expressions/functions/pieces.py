"""Pieces of text: cutting, finding, replacing, padding, and single characters. Positions count from 1."""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import groupby
from string import ascii_letters, ascii_lowercase, digits
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.problems import EvaluationError

MAX_TEXT = 1_000_000
LAST_CHARACTER = 0x10FFFF
_COUNTING = frozenset({"integer", "decimal"})
_RUN = re.compile(r"([^\W_]+)")
_DIGITS = re.compile(r"\d+")
# The bit that tells small letters from capitals, where a small letter stands, and where no letter or digit does.
_CASE = 0x20
_LETTERS = bytes(_CASE if chr(code) in ascii_lowercase else 0 for code in range(256))
_GAPS = bytes(0 if chr(code) in ascii_letters + digits else _CASE for code in range(256))
_TEXT = Parameter("text", t.TEXT_KINDS)
_COUNT = Parameter("count", _COUNTING)
_START = Parameter("start", _COUNTING)
_LENGTH = Parameter("length", _COUNTING)
_WITH = Parameter("with", t.TEXT_KINDS, optional=True)


def checked_length(length: int) -> None:
    """Raise an error value when a text of this length would be too long."""
    if length > MAX_TEXT:
        raise EvaluationError(f"The text is too long: at most {MAX_TEXT} characters are possible.")


def is_text_character(code: int) -> bool:
    """Tell whether a text may hold the character of this number: no control characters, no halves of characters."""
    if code < 32:
        return code in (9, 10, 13)
    return code <= LAST_CHARACTER and not 127 <= code <= 159 and not 0xD800 <= code <= 0xDFFF


def _left(text: str, count: Any) -> str | None:
    return text[: max(0, int(count))] or None


def _right(text: str, count: Any) -> str | None:
    return text[max(0, len(text) - int(count)) :] or None


def _mid(text: str, start: Any, count: Any) -> str | None:
    begin = max(0, int(start) - 1)
    return text[begin : begin + max(0, int(count))] or None


def _find(part: str | None, text: str | None, start: Any = 1) -> int | None:
    if start is None:
        return None
    return text.find(part, max(0, int(start) - 1)) + 1 if text and part else 0


def _replace(text: str | None, part: str | None, instead: str | None) -> str | None:
    if text is None or part is None:
        return None
    new = instead or ""
    checked_length(len(text) + text.count(part) * (len(new) - len(part)))
    return text.replace(part, new) or None


def _filling(missing: int, filler: str) -> str:
    return (filler * (missing // len(filler) + 1))[:missing]


def _pad_left(text: str, length: Any, filler: str = " ") -> str | None:
    wanted = max(0, int(length))
    checked_length(wanted)
    return (_filling(wanted - len(text), filler) if wanted > len(text) else "") + text[:wanted] or None


def _pad_right(text: str, length: Any, filler: str = " ") -> str | None:
    wanted = max(0, int(length))
    checked_length(wanted)
    return text[:wanted] + (_filling(wanted - len(text), filler) if wanted > len(text) else "") or None


def _repeat(text: str, count: Any) -> str | None:
    times = max(0, int(count))
    checked_length(len(text) * times)
    return text * times or None


def _reverse(text: str) -> str:
    return text[::-1]


def _in_a_word(character: str) -> bool:
    # Letters and decimal digits, as the Unicode library of PostgreSQL counts them; `isalnum` would add fractions.
    return unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd"


def _title(word: str) -> str:
    return word[0].upper() + word[1:].lower()


def _title_run(run: str) -> str:
    if run.isascii() or _DIGITS.sub("", run).isalpha():
        return _title(run)
    parts = ((inside, "".join(letters)) for inside, letters in groupby(run, _in_a_word))
    return "".join(_title(part) if inside else part for inside, part in parts)


def _title_ascii(text: str) -> str:
    """Turn the case of all letters at once, as one large number: a text may consist of half a million words."""
    lower = text.lower().encode()
    letters, gaps = lower.translate(_LETTERS), b"\x20" + lower[:-1].translate(_GAPS)
    turned = int.from_bytes(letters, "big") & int.from_bytes(gaps, "big")
    return (int.from_bytes(lower, "big") ^ turned).to_bytes(len(lower), "big").decode()


def _title_case(text: str) -> str:
    if text.isascii():
        return _title_ascii(text)
    # A sigma has another small form at the end of a word, and a word is not the same everywhere.
    if "Σ" not in text and all(map(_turns_like_python, set(text))):
        return text.title()
    return _title_by_runs(text)


@functools.lru_cache(maxsize=8192)
def _turns_like_python(character: str) -> bool:
    """Tell whether `str.title` has the same idea of a character: part of a word or not, and its capital."""
    inside = _in_a_word(character)
    is_cased = (character + "a").title()[-1] == "a"
    return inside == is_cased and character.title() == (character.upper() if inside else character)


def _title_by_runs(text: str) -> str:
    pieces = _RUN.split(text)
    titled = {run: _title_run(run) for run in set(pieces[1::2])}
    pieces[1::2] = map(titled.__getitem__, pieces[1::2])
    return "".join(pieces)


def _char(number: Any) -> str | None:
    code = int(number)
    return chr(code) if code > 0 and is_text_character(code) else None


def _code(text: str) -> int:
    return ord(text[0])


FAMILIES.register("pieces")(
    Family(
        "Pieces of text",
        (
            Function("left", "Return the first characters; no more than there are, blank for a count of 0 or less.",
                     (_TEXT, _COUNT), always(t.TEXT), _left,
                     ('left("Brightwater", 6) == "Bright"', 'left("ab", 9) == "ab"', 'left("ab", 0) == blank',
                      'left("ab", -1) == blank', 'left("ab", blank) == blank')),
            Function("right", "Return the last characters; no more than there are, blank for a count of 0 or less.",
                     (_TEXT, _COUNT), always(t.TEXT), _right,
                     ('right("Brightwater", 5) == "water"', 'right("ab", 9) == "ab"', 'right("ab", 0) == blank')),
            Function("mid", "Return so many characters from a position on; a position below 1 counts as 1.",
                     (_TEXT, _START, _COUNT), always(t.TEXT), _mid,
                     ('mid("Brightwater", 2, 5) == "right"', 'mid("abc", -4, 2) == "ab"', 'mid("abc", 4, 2) == blank',
                      'mid("abc", 2, 99) == "bc"')),
            Function("find", "Return the position at which a part begins, 0 when it does not occur; "
                     "the search begins at `start`.",
                     (Parameter("part", t.TEXT_KINDS), _TEXT, Parameter("start", _COUNTING, optional=True)),
                     always(t.INTEGER), _find,
                     ('find("t", "Brightwater") == 6', 'find("t", "Brightwater", 7) == 9', 'find("x", "abc") == 0',
                      'find("A", "abc") == 0', 'find("", "abc") == 0', 'find("a", "abc", -3) == 1',
                      'find("a", "abc", blank) == blank'), keeps_blank=True),
            Function("replace", "Replace every occurrence of a part; a blank replacement removes it. "
                     "A blank text or part gives blank.",
                     (_TEXT, Parameter("part", t.TEXT_KINDS), Parameter("with", t.TEXT_KINDS)), always(t.TEXT),
                     _replace,
                     ('replace("1.234.567", ".", "") == "1234567"', 'replace("aaa", "aa", "b") == "ba"',
                      'replace("abc", blank, "x") == blank', 'replace("a", "a", blank) == blank'),
                     keeps_blank=True, fallible=True),
            Function("pad_left", "Fill a text at its beginning up to a length, with spaces or another text; "
                     "a longer text is cut.",
                     (_TEXT, _LENGTH, _WITH), always(t.TEXT), _pad_left,
                     ('pad_left("42", 5, "0") == "00042"', 'pad_left("ab", 5, "xyz") == "xyzab"',
                      'pad_left("abc", 2) == "ab"', 'pad_left("abc", 0) == blank'), fallible=True),
            Function("pad_right", "Fill a text at its end up to a length, with spaces or another text; "
                     "a longer text is cut.",
                     (_TEXT, _LENGTH, _WITH), always(t.TEXT), _pad_right,
                     ('pad_right("ab", 4, ".") == "ab.."', 'pad_right("ab", 5, "xyz") == "abxyz"',
                      'len(pad_right("ab", 4)) == 4'), fallible=True),
            Function("repeat", "Return a text so many times; blank for a count of 0 or less.", (_TEXT, _COUNT),
                     always(t.TEXT), _repeat,
                     ('repeat("ab", 3) == "ababab"', 'repeat("★", 2) == "★★"', 'repeat("ab", 0) == blank'),
                     fallible=True),
            Function("reverse", "Return the characters in the opposite order.", (_TEXT,), always(t.TEXT), _reverse,
                     ('reverse("abc") == "cba"',)),
            Function("title_case", "Return every word with a capital at its beginning and small letters behind it. "
                     "A word is a run of letters and digits.", (_TEXT,), always(t.TEXT), _title_case,
                     ('title_case("ÅNGSTROM and co") == "Ångstrom And Co"',
                      'title_case("mr. 12b _x") == "Mr. 12b _X"')),
            Function("char", "Return the character of a Unicode number; blank for a number that a text cannot hold.",
                     (Parameter("number", _COUNTING),), always(t.TEXT), _char,
                     ("char(8364) == \"€\"", "char(65.9) == \"A\"", "char(0) == blank", "char(-32) == blank",
                      "char(55296) == blank")),
            Function("code", "Return the Unicode number of the first character.", (_TEXT,), always(t.INTEGER), _code,
                     ('code("€uro") == 8364', 'code("") == blank')),
        ),
    )
)  # fmt: skip
